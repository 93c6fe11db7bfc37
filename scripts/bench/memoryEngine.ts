import type { Digest } from '../../src/core/image/digest';
import type { ImageIdentity } from '../../src/core/image/identity';
import type { ContainerEngine } from '../../src/core/ports/engine';
import { statementOf } from '../../test/unit/services/fakeLedger';

type Identity = ImageIdentity & { readonly configDigest: Digest };

export const nowhere = (): Promise<never> => Promise.reject(new Error('no registry is asked here'));

/** The identity of an image that a statement of this content names. */
export function identityOf(content: string): Identity {
  const [leaf] = statementOf(content).leaves;
  if (leaf === undefined) throw new RangeError('a statement has a leaf');
  const { platform, configDigest, configSize, fingerprint, dockerFields } = leaf;
  return {
    ...{ source: 'bytes', platform, configDigest, configSize, fingerprint, dockerFields },
    content: { platform, config: {}, diffIds: [], dockerFields: {} },
  };
}

/** The classic store with one image of that name, in memory. */
export function engineOf(identity: Identity, name: string): ContainerEngine {
  const id = identity.configDigest;
  const image = { id, tags: [name], repoDigests: [], created: 0, size: 0 };
  return {
    endpoint: () => Promise.resolve({ host: 'unix:///nowhere', origin: 'default' }),
    platform: () => Promise.resolve({ os: 'linux', architecture: 'amd64' }),
    list: () => Promise.resolve({ store: 'classic', images: [image] }),
    inspect: () => Promise.resolve({ id, identity, origin: 'local', repoDigests: [] }),
    readIdentity: () => Promise.resolve(identity),
    build: () => Promise.reject(new Error('nothing is built here')),
    onEvent: () => ({ dispose: () => undefined }),
  };
}
