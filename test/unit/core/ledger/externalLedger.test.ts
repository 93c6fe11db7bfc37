import assert from 'node:assert/strict';
import { getCreate2Address } from 'ethers';
import { externalLedgerAddresses } from '../../../../src/adapters/chain/externalChain';
import { ledgerReleases } from '../../../../src/adapters/chain/ledgerAbi';
import { deployer } from '../../../../src/core/ledger/externalLedger';
import { zeroWord } from '../../../../src/core/ledger/link';
import { ledgerKey, parseLedgerKey } from '../../../../src/core/ledger/types';

describe('the ledger of a chain that is none of ours', () => {
  it('is where CREATE2 puts the code of a release that runs first', () => {
    assert.deepEqual(
      externalLedgerAddresses,
      ledgerReleases.map(({ creationCodeHash }) =>
        getCreate2Address(deployer, zeroWord, creationCodeHash).toLowerCase(),
      ),
    );
  });

  it('has an ID of one form', () => {
    const [hash, address] = [`0x${'ab'.repeat(32)}`, `0x${'cd'.repeat(20)}`];
    const key = `11155111:${hash}:${address}`;
    const ledger = parseLedgerKey(key);
    assert.equal(ledger && ledgerKey(ledger), key);
    for (const other of [
      ...['', '1', `1:${hash}`, `0:${hash}:${address}`, `01:${hash}:${address}`, `-1:${hash}:${address}`],
      ...[`1:${hash}:${address}:`, ` 1:${hash}:${address}`, `1:${hash}:${address}\n`, `0x1:${hash}:${address}`],
      ...[`1:${hash.toUpperCase()}:${address}`, `1:${hash}:0x${'CD'.repeat(20)}`, `1:${address}:${hash}`],
      ...[`1:${hash}0:${address}`, `1:${hash}:${address.slice(0, -1)}`, `${'9'.repeat(79)}:${hash}:${address}`],
      `1e3:${hash}:${address}`,
    ])
      assert.equal(parseLedgerKey(other), undefined, other);
  });
});
