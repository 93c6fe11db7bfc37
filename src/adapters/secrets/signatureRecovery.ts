import type { Address, Hex, Hex32 } from '../../core/hex';
import type { SentBy, SignatureRecovery } from '../../core/ports/ledger';

/** Half of the order of secp256k1: of the two values of s that fit, the contract takes the lower one. */
const highestS = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** Recovery as the ledger does it, by ethers, which is loaded on first use. */
export class EthersSignatureRecovery implements SignatureRecovery {
  async recover(hash: Hex32, signature: Hex): Promise<Address | undefined> {
    if (!/^0x[0-9a-f]{128}1[bc]$/.test(signature) || BigInt(`0x${signature.slice(66, 130)}`) > highestS)
      return undefined;
    const { recoverAddress } = await import(/* webpackMode: "lazy", webpackChunkName: "ethers" */ 'ethers/transaction');
    try {
      return `0x${recoverAddress(hash, signature).slice(2).toLowerCase()}`;
    } catch {
      // An r that is no point of the curve, or zero.
      return undefined;
    }
  }
}

/** Who has signed a transaction for which chain; undefined for what is no signed transaction. */
export async function sentBy(raw: Hex): Promise<SentBy | undefined> {
  const { Transaction } = await import(/* webpackMode: "lazy", webpackChunkName: "ethers" */ 'ethers/transaction');
  try {
    const { from, chainId } = Transaction.from(raw);
    return from === null ? undefined : { signer: `0x${from.slice(2).toLowerCase()}`, chainId };
  } catch {
    return undefined;
  }
}
