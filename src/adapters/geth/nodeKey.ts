import { randomBytes } from 'node:crypto';
import { DaoChainError } from '../../core/errors';
import { FileError, readBoundedFile } from '../boundedFile';
import { createFile } from './createFile';

/** As geth's `--nodekey` reads it: 64 hex digits and nothing else. */
const form = /^[0-9a-f]{64}$/;

/**
 * The public key (128 hex digits) of the node whose secret is in `file`. The secret is made where there is none, so that a machine
 * can be admitted before its node has ever run. It proves to others which node calls, and is worth no ether.
 */
export async function nodeKeyIn(file: string): Promise<string> {
  await createFile(file, randomBytes(32).toString('hex'));
  let secret: string;
  try {
    secret = Buffer.from((await readBoundedFile(file, { limit: 64 })).bytes).toString('latin1');
    if (!form.test(secret)) throw new RangeError('not 64 hex digits');
    const { SigningKey } = await import(/* webpackMode: "lazy", webpackChunkName: "ethers" */ 'ethers/crypto');
    return SigningKey.computePublicKey(`0x${secret}`, false).slice(4);
  } catch (cause) {
    if (!(cause instanceof FileError) && !(cause instanceof RangeError) && !(cause instanceof TypeError)) throw cause;
    throw new DaoChainError('networkInvalid', 'The key of the node cannot be used', {
      // The secret itself stays out of every message.
      details: { reason: 'nodeKey', file },
    });
  }
}
