import { createECDH } from 'node:crypto';

/** The public key of a node that a test makes up; another one for each number above 0. */
export function testNodeKey(number: number): string {
  const curve = createECDH('secp256k1');
  curve.setPrivateKey(number.toString(16).padStart(64, '0'), 'hex');
  return curve.getPublicKey('hex').slice(2);
}
