import { randomBytes } from 'node:crypto';
import { DaoChainError } from '../../core/errors';
import { readBoundedFile } from '../boundedFile';
import { createFile } from './createFile';

/** As geth's `--nodekey` reads it: 64 hex digits and nothing else. */
const form = /^[0-9a-f]{64}$/;

/**
 * The public key (128 hex digits) of the node whose secret is in `file`. The secret is made where there is none, so that a machine
 * can be admitted before its node has ever run. It proves to others which node calls, and is worth no ether.
 */
export async function nodeKeyIn(file: string): Promise<string> {
  await createFile(file, randomBytes(32).toString('hex'));
  const { SigningKey } = await import(/* webpackMode: "lazy", webpackChunkName: "ethers" */ 'ethers/crypto');
  try {
    const secret = Buffer.from((await readBoundedFile(file, { limit: 64 })).bytes).toString('latin1');
    if (!form.test(secret)) throw new RangeError('not 64 hex digits');
    // Zero, and what is not below the order of the curve, is nobody's key.
    return SigningKey.computePublicKey(`0x${secret}`, false).slice(4);
  } catch {
    throw new DaoChainError('networkInvalid', 'The key of the node cannot be used', {
      // The secret itself stays out of every message.
      details: { reason: 'nodeKey', file },
    });
  }
}
