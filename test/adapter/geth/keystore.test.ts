import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EthersWalletKeys } from '../../../src/adapters/secrets/walletKeys';
import { isDaoChainError } from '../../../src/core/errors';
import { runCommand } from '../../../scripts/dev/components/command';
import { findGeth } from '../../../scripts/dev/components/geth';
import { temporaryFolder, type TemporaryFolder } from '../../testbed/program';

describe('keystores of geth', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => {
    folder.remove();
  });

  it('are imported', async () => {
    const password = join(folder.path, 'password');
    writeFileSync(password, 'open sesame\n');
    const { code, output } = await runCommand((await findGeth()) ?? '', [
      ...['account', 'new', '--datadir', folder.path, '--password', password],
    ]);
    assert.equal(code, 0, output);
    const store = join(folder.path, 'keystore');
    const keystore = readFileSync(join(store, readdirSync(store)[0] ?? ''), 'utf8');
    const keys = new EthersWalletKeys();
    const { address } = await keys.fromKeystore(keystore, 'open sesame');
    assert.match(output.toLowerCase(), new RegExp(address));
    await assert.rejects(keys.fromKeystore(keystore, 'close sesame'), (error) =>
      isDaoChainError(error, 'wrongPassword'),
    );
  });
});
