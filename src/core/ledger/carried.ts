import { platformText } from './statement';
import type { Leaf, Statement } from './types';

/**
 * The parts of a statement that a later entry can carry forward, as keys: two parts are equal, byte for byte, where their
 * keys are. A carried part needs an equal part of its kind that an earlier entry of the history states itself.
 */

/** All that a leaf says but the manifest digest. */
export function contentSource(leaf: Leaf): string {
  const { platform, configDigest, configSize, fingerprint, dockerFields, dockerFieldNames = [] } = leaf;
  // None of these has a space.
  return [platformText(platform), configDigest, configSize, fingerprint, dockerFields, ...dockerFieldNames].join(' ');
}

/** The manifest digest together with its content: it is no source for other content. Undefined where there is none. */
export function digestSource(leaf: Leaf): string | undefined {
  return leaf.manifestDigest && `${contentSource(leaf)} ${leaf.manifestDigest}`;
}

export function indexSource({ indexDigest }: Statement): string | undefined {
  return indexDigest;
}
