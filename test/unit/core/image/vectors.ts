import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MalformedReason } from '../../../../src/core/image/malformed';

/** One published vector (docs/fingerprint.md): a config, the texts that are hashed, and the hashes. */
export interface FingerprintVector {
  readonly name: string;
  readonly about: string;
  readonly config: string;
  readonly configDigest: string;
  readonly fingerprintInput: string;
  readonly fingerprint: string;
  readonly dockerFieldsInput: string;
  readonly dockerFields: string;
}

export interface MalformedVector {
  readonly name: string;
  readonly reason: MalformedReason;
  readonly bytes: Buffer;
}

const folder = join(import.meta.dirname, '../../../vectors/fingerprint');

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}

const lists = ['malformed.json', 'windows.json'];

/** Those that every engine can load. */
export const fingerprintVectors = readdirSync(folder)
  .filter((name) => name.endsWith('.json') && !lists.includes(name))
  .map((name) => readJson(name) as FingerprintVector);

/** What Windows images are known by, and no others. */
export const windowsVectors = readJson('windows.json') as readonly FingerprintVector[];

export const malformedVectors = (
  readJson('malformed.json') as readonly { name: string; reason: MalformedReason; config?: string; hex?: string }[]
).map(({ name, reason, config, hex }): MalformedVector => ({
  name,
  reason,
  bytes: config === undefined ? Buffer.from(hex ?? '', 'hex') : Buffer.from(config),
}));

/** The one layer that the vectors' configs name. */
export const vectorLayer = readFileSync(join(folder, 'layer.tar'));
