import { canonicalJson } from '../json/canonicalJson';
import type { Digest } from './digest';
import { dockerFieldNames, type DockerFieldName } from './fingerprint';
import type { ImageContent, ImageIdentity } from './identity';

/**
 * Names of what differs, in a fixed order: `os`, `architecture`, `variant`, `os.version`, `os.features`, `layers`, then
 * members of the config as Docker spells them.
 */
export function differences(a: ImageContent, b: ImageContent): readonly string[] {
  const [left, right] = [flatten(a), flatten(b)];
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((name) => left.get(name) !== right.get(name))
    .sort((one, other) => order(one) - order(other) || (one < other ? -1 : 1));
}

const first = ['os', 'architecture', 'variant', 'os.version', 'os.features', 'layers'];

function order(name: string): number {
  const place = first.indexOf(name);
  return place === -1 ? first.length : place;
}

/** Name to canonical JSON of every part that is hashed. */
function flatten({ platform, osFeatures, config, diffIds, dockerFields }: ImageContent): ReadonlyMap<string, string> {
  const { os, architecture, variant, osVersion } = platform;
  const asked = { os, architecture, variant, 'os.version': osVersion, 'os.features': osFeatures };
  const parts = { ...asked, layers: diffIds, ...config, ...dockerFields };
  return new Map(
    Object.entries(parts).flatMap(([name, part]) => (part === undefined ? [] : [[name, canonicalJson(part)]])),
  );
}

/** What a statement says about the content of one platform's image. */
export interface SignedContent {
  readonly fingerprint: Digest;
  readonly dockerFields: Digest;
  /** Which docker-only fields the signed image has, where that is known. */
  readonly dockerFieldNames?: readonly DockerFieldName[];
}

export type Equivalence =
  | { readonly kind: 'exact' }
  /** Only `dropped` is missing here, as after a conversion to OCI format; a container runs the same program. */
  | { readonly kind: 'equivalent'; readonly dropped: readonly DockerFieldName[] }
  /** All docker-only fields are missing here, and the statement does not say whether OnBuild was one of them. */
  | { readonly kind: 'undetermined' }
  | { readonly kind: 'different' };

/**
 * Compares an image with what a statement says. Healthcheck or Shell dropped is equivalent; OnBuild dropped, or
 * anything added or changed, is different. A field that is left beside a dropped one counts as changed: the signed hash
 * covers all three together, and no known conversion drops only some.
 */
export function equivalence(
  signed: SignedContent,
  local: Pick<ImageIdentity, 'fingerprint' | 'dockerFields' | 'content'>,
): Equivalence {
  if (signed.fingerprint !== local.fingerprint) return { kind: 'different' };
  if (signed.dockerFields === local.dockerFields) return { kind: 'exact' };
  if (Object.keys(local.content.dockerFields).length > 0) return { kind: 'different' };
  if (signed.dockerFieldNames === undefined) return { kind: 'undetermined' };
  if (signed.dockerFieldNames.includes('OnBuild')) return { kind: 'different' };
  return { kind: 'equivalent', dropped: signed.dockerFieldNames };
}

/** Which docker-only fields an image has, for `SignedContent`. */
export function presentDockerFields(content: ImageContent): readonly DockerFieldName[] {
  return dockerFieldNames.filter((name) => Object.hasOwn(content.dockerFields, name));
}
