import * as v from 'valibot';
import type { Digest } from '../core/image/digest';
import { isDigest } from '../core/image/digest';
import type { ImageContent, ImageIdentity } from '../core/image/identity';
import type { FileStore } from '../core/ports';

const schema = v.object({
  platform: v.object({
    os: v.string(),
    architecture: v.string(),
    variant: v.exactOptional(v.string()),
    osVersion: v.exactOptional(v.string()),
  }),
  config: v.record(v.string(), v.unknown()),
  diffIds: v.array(v.custom<Digest>((value) => typeof value === 'string' && isDigest(value))),
  dockerFields: v.record(v.string(), v.unknown()),
});

/**
 * The contents behind fingerprints that were signed here. The ledger holds hashes only; with these, signing again can say
 * which fields changed. Nothing is judged by them.
 */
export class SignedContents {
  constructor(private readonly files: FileStore) {}

  async remember({ fingerprint, content }: ImageIdentity): Promise<void> {
    await this.files.write(fileOf(fingerprint), new TextEncoder().encode(JSON.stringify(content)));
  }

  async recall(fingerprint: Digest): Promise<ImageContent | undefined> {
    const bytes = await this.files.read(fileOf(fingerprint));
    if (bytes === undefined) return undefined;
    const parsed = v.safeParse(schema, parseJson(bytes));
    return parsed.success ? parsed.output : undefined;
  }
}

const fileOf = (fingerprint: Digest): string => `signed/${fingerprint.slice('sha256:'.length)}.json`;

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
