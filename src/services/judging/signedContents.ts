import * as v from 'valibot';
import type { Digest } from '../../core/image/digest';
import { isDigest } from '../../core/image/digest';
import { dockerFieldsDigest, fingerprint } from '../../core/image/fingerprint';
import type { ImageContent, ImageIdentity } from '../../core/image/identity';
import type { ContentHashes } from '../../core/ledger/contentName';
import type { FileStore } from '../../core/ports/files';

const schema = v.object({
  platform: v.object({
    os: v.string(),
    architecture: v.string(),
    variant: v.exactOptional(v.string()),
    osVersion: v.exactOptional(v.string()),
  }),
  osFeatures: v.exactOptional(v.array(v.string())),
  config: v.record(v.string(), v.unknown()),
  diffIds: v.array(v.custom<Digest>((value) => typeof value === 'string' && isDigest(value))),
  dockerFields: v.record(v.string(), v.unknown()),
});

/**
 * The contents that were signed here. The ledger holds only their hashes; with these, signing again can say which
 * fields changed. They are only a help: an entry that is missing, or does not match its hashes, is ignored.
 */
export class SignedContents {
  constructor(private readonly files: FileStore) {}

  async remember(identity: ImageIdentity): Promise<void> {
    await this.files.write(fileOf(identity), new TextEncoder().encode(JSON.stringify(identity.content)));
  }

  async recall(hashes: ContentHashes): Promise<ImageContent | undefined> {
    try {
      const bytes = await this.files.read(fileOf(hashes));
      if (bytes === undefined) return undefined;
      const content = v.parse(schema, JSON.parse(new TextDecoder().decode(bytes)));
      const isWhole =
        fingerprint(content) === hashes.fingerprint && dockerFieldsDigest(content) === hashes.dockerFields;
      return isWhole ? content : undefined;
    } catch {
      return undefined;
    }
  }
}

function fileOf({ fingerprint: content, dockerFields }: ContentHashes): string {
  return `signed/${[content, dockerFields].map((digest) => digest.slice('sha256:'.length)).join('-')}.json`;
}
