import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskFault } from '../../../src/adapters/geth/diskSpace';
import type { DaoChainError } from '../../../src/core/errors';
import { errorText } from '../../../src/words/errorText';
import { onProcessExit, temporaryFolder, type TemporaryFolder } from '../../testbed/program';
import { waitFor } from '../../testbed/waitFor';
import { english } from '../../unit/words/localizers';
import { failsWith } from '../docker/daoChainError';
import { newLauncher } from './newLauncher';
import type { NodeExit } from '../../../src/core/ports/node';

const never = new AbortController().signal;
const mebibyte = 1024 * 1024;

/** A disk of its own, which only root can make. */
describe('a node on a full disk', () => {
  let temporary: TemporaryFolder;
  let folder: string;
  let disk: string | undefined;
  let forget: () => void;
  beforeEach(() => {
    temporary = temporaryFolder();
    folder = join(temporary.path, 'disk', 'network');
  });
  afterEach(() => {
    if (disk !== undefined) unmount();
    temporary.remove();
  });

  const mount = (size: string): void => {
    const path = join(temporary.path, 'disk');
    mkdirSync(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]);
    disk = path;
    forget = onProcessExit(unmount);
  };
  const unmount = (): void => {
    if (disk !== undefined) execFileSync('umount', ['--lazy', disk]);
    disk = undefined;
    forget();
  };
  const isSaid = (error: unknown): boolean => {
    assert.match(
      errorText(error as DaoChainError, english),
      /^The disk is full: the node needs 64 MB free in .*\/disk\/network .* Free up space there/,
    );
    return failsWith('nodeFailed', { reason: 'diskFull', folder })(error);
  };

  for (const size of ['60m', '1m', '1k']) {
    it(`is not started with ${size}, and that is said`, async () => {
      mount(size);
      const launcher = await newLauncher(folder);
      await assert.rejects(launcher.launch({ threads: 1 }, never), isSaid);
    });
  }

  it('ends when the disk gets full, which is no crash to be followed by others, and runs again when there is room', async () => {
    mount('80m');
    const launcher = await newLauncher(folder);
    const node = await launcher.launch({ threads: 1 }, never);
    const exits: NodeExit[] = [];
    node.onExit((exit) => exits.push(exit));
    assert.equal(await diskFault(folder), undefined);
    const large = join(temporary.path, 'disk', 'large');
    writeFileSync(large, Buffer.alloc(60 * mebibyte));
    assert.ok(isSaid(await diskFault(folder)));
    // It looks twice a minute.
    await waitFor('the node ends', () => exits.length > 0);
    assert.equal(exits[0]?.reason, 'crashed');
    assert.ok(isSaid(exits[0].fault));
    await assert.rejects(launcher.launch({ threads: 1 }, never), isSaid);

    rmSync(large);
    const again = await launcher.launch({ threads: 1 }, never);
    await again.stop();
  });

  it('is looked for where its folder will be', async () => {
    mount('60m');
    assert.ok(isSaid(await diskFault(folder)));
    assert.equal(await diskFault(temporary.path), undefined);
  });
});
