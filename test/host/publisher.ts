import { commands } from 'vscode';
import { walletPublisher } from '../../src/core/hex';
import { ledgerKey } from '../../src/core/ledger/types';
import type { SigningPlan } from '../../src/core/plans/signingPlan';
import { createProduct, testSigner, type Product } from '../testbed/product';
import { temporaryFolder } from '../testbed/program';
import { dataFolder, enginePath } from './extension';
import type { TransactionSigner } from '../../src/core/ports/ledger';

const never = new AbortController().signal;

/** Somebody who publishes images on the ledger that the extension, which is awake, reads. */
export interface Publisher {
  readonly product: Product;
  readonly signer: TransactionSigner;
  sign(image: string): Promise<void>;
  /** Adds to what was signed the digests of the registry. */
  complete(image: string): Promise<void>;
  /** The trust rule, as in the settings, that believes them. */
  rule(repositories: string, level?: 'warn' | 'enforce'): Promise<Readonly<Record<string, unknown>>>;
  dispose(): Promise<void>;
}

/** On the extension's node, which is started, with a wallet that mining has paid. */
export async function createPublisher(registries: readonly string[]): Promise<Publisher> {
  await commands.executeCommand('daochain.startNode');
  const own = { folder: await dataFolder(), files: temporaryFolder().path };
  const product = createProduct({ ...own, engineHost: `unix://${enginePath()}`, registries });
  const signer = await testSigner();
  product.owner = signer.address;
  await product.node.start();
  const { writer } = await product.ledgers.open();
  await product.node.mineUntil(async () => (await writer.balance(signer.address, never)) > 0n, never);
  const execute = async (plan: SigningPlan): Promise<void> => {
    await product.node.mineWhile(() => product.signing.execute(plan, signer, never, () => undefined));
  };
  return {
    product,
    signer,
    sign: async (image) => execute(await product.signing.plan([image], { signer: signer.address }, never)),
    complete: async (image) => execute(await product.signing.planCompletion(image, { signer: signer.address }, never)),
    rule: async (repositories, level = 'warn') => {
      const ledger = ledgerKey((await product.ledgers.open()).writer.ledger);
      return { ledger, repositories, publishers: [walletPublisher(signer.address)], level };
    },
    dispose: () => product.dispose(),
  };
}
