import assert from 'node:assert/strict';
import { batchChecksum, contractWalletFile } from '../../../../src/core/ledger/contractWalletFile';
import { wallet } from '../../services/fakeLedger';

describe('a file for the owners of a contract wallet', () => {
  it('has the calls of the ledger, and a checksum that notices what is edited', () => {
    const ledger = { chainId: 2n ** 50n, genesisHash: `0x${'11'.repeat(32)}`, address: wallet(0xda0) } as const;
    const calls = ['0x01', '0x02'] as const;
    const file = JSON.parse(
      contractWalletFile({ ledger, wallet: wallet(0x5afe), calls, description: 'two', createdAt: 7 }),
    ) as { meta: { checksum?: string }; chainId: string; transactions: object[] };
    assert.equal(file.chainId, '1125899906842624');
    assert.deepEqual(
      file.transactions,
      calls.map((data) => ({ to: wallet(0xda0).replace('da0', 'DA0'), value: '0', data })),
    );
    const { checksum, ...meta } = file.meta;
    assert.equal(batchChecksum({ ...file, meta }), checksum);
    const reversed = { ...file, meta, transactions: file.transactions.toReversed() };
    assert.notEqual(batchChecksum(reversed), checksum);
  });

  /** A vector of the Transaction Builder's own tests. */
  it('has the checksum that the Transaction Builder computes', () => {
    const [from, to] = ['0xDF8a1Ce35c9a6ACE153B4e0767942f1E2291a1Aa', '0x49d4450977E2c95362C13D3a31a09311E0Ea26A6'];
    const method = (name: string, input: string, type: string): object => ({
      inputs: [{ internalType: type, name: input, type }],
      name,
      payable: false,
    });
    const batch = {
      ...{ version: '1.0', chainId: '4', createdAt: 1_646_321_521_061 },
      meta: {
        ...{ name: 'test batch file', txBuilderVersion: '1.4.0' },
        ...{ createdFromSafeAddress: from, createdFromOwnerAddress: to },
      },
      transactions: [
        {
          ...{ to, value: '0', contractMethod: method('testAddress', 'paramAddress', 'address') },
          contractInputsValues: { paramAddress: to },
        },
        {
          ...{ to, value: '0', contractMethod: method('testBool', 'paramBool', 'bool') },
          contractInputsValues: { paramAddress: '', paramBool: 'false' },
        },
        {
          ...{ to, value: '2000000000000000000' },
          data: '0x42f4579000000000000000000000000049d4450977e2c95362c13d3a31a09311e0ea26a6',
        },
      ],
    };
    assert.equal(batchChecksum(batch), '0x86c81826dbf7e8a37612153294cc85fdf5c81998dd0a44b86d945502a7eace7c');
  });
});
