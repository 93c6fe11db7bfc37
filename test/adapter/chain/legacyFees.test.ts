import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Transaction } from 'ethers/transaction';
import { IpcTransport } from '../../../src/adapters/chain/ipcTransport';
import { ledgerReleases } from '../../../src/adapters/chain/ledgerAbi';
import { RpcLedgerReader } from '../../../src/adapters/chain/ledgerReader';
import { RpcLedgerWriter } from '../../../src/adapters/chain/ledgerWriter';
import { EthersWalletKeys } from '../../../src/adapters/secrets/walletKeys';
import { walletPublisher } from '../../../src/core/hex';
import type { Entry } from '../../../src/core/ledger/types';
import { startProgram, temporaryFolder } from '../../testbed/program';
import { waitFor } from '../../testbed/waitFor';

const never = new AbortController().signal;

for (const { hardfork, type } of [
  { hardfork: 'berlin', type: 0 },
  { hardfork: 'london', type: 2 },
]) {
  describe(`a transaction under the rules of ${hardfork}`, () => {
    it(`has type ${type} and costs no more than it was said to`, async () => {
      const folder = temporaryFolder();
      const path = join(folder.path, 'ipc');
      const anvil = await startProgram(join('node_modules', '.bin', 'anvil'), [
        ...['--hardfork', hardfork, '--ipc', path, '--port', '0', '--chain-id', '4711'],
      ]);
      const transport = new IpcTransport(() => path);
      try {
        const genesis = await waitFor('anvil answers', () =>
          transport.request('eth_getBlockByNumber', ['0x0', false], never),
        );
        const key = await new EthersWalletKeys().create();
        const address = `0x${'da'.repeat(20)}` as const;
        const ledger = { chainId: 4711n, genesisHash: (genesis as { hash: `0x${string}` }).hash, address };
        await transport.request('anvil_setCode', [address, ledgerReleases.at(-1)?.runtimeCode], never);
        await transport.request('anvil_setBalance', [key.address, '0xde0b6b3a7640000'], never);
        const writer = new RpcLedgerWriter(transport, ledger);
        const entry: Entry = {
          ...{
            publisher: walletPublisher(key.address),
            previous: `0x${'0'.repeat(40)}`,
            kind: 'publish',
            validUntil: 0,
          },
          ...{ repository: 'docker.io/library/nginx', tag: 'latest', body: '0x01' },
        };
        const fee = await writer.estimate({ type: 'attest', entries: [entry] }, key.address, never);
        const transaction = await writer.prepare({ type: 'attest', entries: [entry] }, fee, key, never);
        assert.equal(Transaction.from(transaction.raw).type, type);
        await writer.broadcast(transaction, never);
        await waitFor('it is mined', async () => (await writer.status(transaction.hash, never)).state === 'mined');
        const paid = 10n ** 18n - (await writer.balance(key.address, never));
        assert.ok(paid > 0n && paid <= fee.cost, `${paid} of ${fee.cost}`);
        const reader = new RpcLedgerReader(transport, ledger);
        assert.equal(
          (await reader.logs({ fromBlock: 0, toBlock: 1 }, never)).attested[0]?.transaction,
          transaction.hash,
        );
      } finally {
        transport.dispose();
        await anvil.stop();
        folder.remove();
      }
    });
  });
}
