import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Interface } from 'ethers/abi';
import { Wallet } from 'ethers/wallet';
import * as v from 'valibot';
import type { Address, Hex, Hex32 } from '../../../src/core/hex';
import { waitFor } from '../../testbed/waitFor';
import type { Product } from '../../testbed/product';

const never = new AbortController().signal;
const nobody: Address = `0x${'0'.repeat(40)}`;

const artifactSchema = v.object({ abi: v.array(v.looseObject({})), bytecode: v.string() });
const receiptSchema = v.nullable(
  v.object({
    status: v.string(),
    contractAddress: v.nullable(v.string()),
    logs: v.array(v.object({ address: v.string(), topics: v.array(v.string()), data: v.string() })),
  }),
);
type Receipt = NonNullable<v.InferOutput<typeof receiptSchema>>;

interface Artifact {
  readonly abi: Interface;
  readonly bytecode: Hex;
}

function artifact(path: string): Artifact {
  const file = createRequire(import.meta.url).resolve(`@safe-global/safe-contracts/build/artifacts/contracts/${path}`);
  const { abi, bytecode } = v.parse(artifactSchema, JSON.parse(readFileSync(file, 'utf8')));
  return { abi: new Interface(abi), bytecode: bytecode as Hex };
}

const safe = artifact('Safe.sol/Safe.json');
const factory = artifact('proxies/SafeProxyFactory.sol/SafeProxyFactory.json');
const handler = artifact('handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler.json');

/** Sends any transaction of an account that mining pays, as any Ethereum wallet would. */
export class Sender {
  readonly wallet = Wallet.createRandom();
  readonly address = this.wallet.address.toLowerCase() as Address;

  constructor(private readonly product: Product) {}

  /** Rejects with the node's words where the call would revert. */
  async send(to: Address | null, data: Hex): Promise<Receipt> {
    const request = (method: string, ...params: readonly unknown[]): Promise<unknown> =>
      this.product.transport.request(method, params, never);
    const call = { from: this.address, ...(to && { to }), data };
    const [gas, nonce] = [
      await request('eth_estimateGas', call),
      await request('eth_getTransactionCount', this.address, 'pending'),
    ].map((answer) => BigInt(v.parse(v.string(), answer)));
    const { chainId } = (await this.product.ledgers.open()).writer.ledger;
    const raw = await this.wallet.signTransaction({
      ...{ chainId, nonce: Number(nonce), to, data, gasLimit: (gas ?? 0n) + 10_000n },
      ...{ type: 2, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 1n },
    });
    const hash = await request('eth_sendRawTransaction', raw);
    const receipt = await this.product.node.mineWhile(() =>
      waitFor('the transaction is mined', async () =>
        v.parse(receiptSchema, await request('eth_getTransactionReceipt', hash)),
      ),
    );
    if (receipt.status !== '0x1') throw new Error('the transaction has failed');
    return receipt;
  }

  async deploy({ bytecode }: Artifact): Promise<Address> {
    return ((await this.send(null, bytecode)).contractAddress ?? '').toLowerCase() as Address;
  }
}

/** A real Safe 1.4.1: a proxy over the singleton, with the handler that answers EIP-1271. */
export class SafeWallet {
  private constructor(
    readonly address: Address,
    private readonly product: Product,
    private readonly sender: Sender,
  ) {}

  static async deploy(
    product: Product,
    sender: Sender,
    owners: readonly Wallet[],
    threshold: number,
  ): Promise<SafeWallet> {
    const singleton = await sender.deploy(safe);
    const addresses = owners.map(({ address }) => address);
    const setup = safe.abi.encodeFunctionData('setup', [
      ...[addresses, threshold, nobody, '0x', await sender.deploy(handler), nobody, 0, nobody],
    ]);
    const creation = factory.abi.encodeFunctionData('createProxyWithNonce', [singleton, setup, 1]);
    const { logs } = await sender.send(await sender.deploy(factory), creation as Hex);
    const created = logs.map((log) => factory.abi.parseLog(log)).find((log) => log?.name === 'ProxyCreation');
    const address = v.parse(v.string(), created?.args['proxy']).toLowerCase() as Address;
    return new SafeWallet(address, product, sender);
  }

  /** `execTransaction` with the signatures of some owners, sent by somebody who is none. */
  async execute(to: Address, data: Hex, owners: readonly Wallet[]): Promise<void> {
    const call = [to, 0, data, 0, 0, 0, 0, nobody, nobody];
    const nonce = await this.#view(safe, 'nonce', []);
    const hash = await this.#view(safe, 'getTransactionHash', [...call, nonce]);
    const signatures = signaturesOf(hash as Hex32, owners);
    await this.sender.send(this.address, safe.abi.encodeFunctionData('execTransaction', [...call, signatures]) as Hex);
  }

  /** What EIP-1271 takes from some owners for a hash. */
  async sign(hash: Hex32, owners: readonly Wallet[]): Promise<Hex> {
    return signaturesOf((await this.#view(handler, 'getMessageHash', [hash])) as Hex32, owners);
  }

  /** Replaces the owner who was named first. */
  async swapFirstOwner(from: Wallet, to: Wallet, owners: readonly Wallet[]): Promise<void> {
    const beforeFirst = `0x${'1'.padStart(40, '0')}`;
    const data = safe.abi.encodeFunctionData('swapOwner', [beforeFirst, from.address, to.address]);
    await this.execute(this.address, data as Hex, owners);
  }

  async #view({ abi }: Artifact, name: string, values: readonly unknown[]): Promise<unknown> {
    const call = { to: this.address, data: abi.encodeFunctionData(name, values) };
    const answer = await this.product.transport.request('eth_call', [call, 'latest'], never);
    return abi.decodeFunctionResult(name, v.parse(v.string(), answer))[0] as unknown;
  }
}

/** In the order of the owners' addresses, as a Safe wants them. */
function signaturesOf(hash: Hex32, owners: readonly Wallet[]): Hex {
  const sorted = [...owners].sort((a, b) => (a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1));
  return `0x${sorted.map(({ signingKey }) => signingKey.sign(hash).serialized.slice(2)).join('')}`;
}
