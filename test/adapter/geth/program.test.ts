import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installProgram } from '../../../src/adapters/geth/install';
import { cachedProgram, findProgram } from '../../../src/adapters/geth/program';
import { isDaoChainError, type ErrorCode, type ErrorDetails } from '../../../src/core/errors';
import { signalProcess, temporaryFolder, type TemporaryFolder } from '../../testbed/program';
import { waitFor } from '../../testbed/waitFor';

const never = new AbortController().signal;

function code(expected: ErrorCode, details: ErrorDetails = {}): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isDaoChainError(error), String(error));
    assert.equal(error.code, expected, error.message);
    assert.deepEqual({ ...error.details, ...details }, error.details);
    return true;
  };
}

/** What `geth version` prints, as recorded from three builds. */
function versionText(version: string, client = 'Geth'): string {
  return `${client}\nVersion: ${version}\nArchitecture: amd64\nGo Version: go1.26.8\nOperating System: linux\nGOPATH=\nGOROOT=\n`;
}

describe('the program of the node', () => {
  let temporary: TemporaryFolder;
  let bin: string;
  let cacheFolder: string;
  const path = process.env['PATH'];

  beforeEach(() => {
    temporary = temporaryFolder();
    bin = join(temporary.path, 'bin');
    cacheFolder = join(temporary.path, 'cache');
    mkdirSync(bin);
    process.env['PATH'] = bin;
  });
  afterEach(() => {
    process.env['PATH'] = path;
    temporary.remove();
  });

  const script = (file: string, text: string): string => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\nPATH='${path ?? ''}'\n${text}\n`);
    chmodSync(file, 0o755);
    return file;
  };
  const geth = (file: string, version: string, client?: string): string =>
    script(file, `test "$1" = version && cat <<'END'\n${versionText(version, client)}END`);
  const find = (setting?: string): ReturnType<typeof findProgram> => findProgram({ setting, cacheFolder }, never);

  it('is not there on a machine that has none', async () => {
    await assert.rejects(find(), code('nodeNotInstalled'));
  });

  it('is found on PATH', async () => {
    const file = geth(join(bin, 'geth'), '1.11.6-stable');
    assert.deepEqual(await find(), { path: file, version: '1.11.6-stable', origin: 'path' });
  });

  it('is never a program of the folder in which somebody works, nor a folder', async () => {
    const here = process.cwd();
    geth(join(temporary.path, 'geth'), '1.11.6-stable');
    mkdirSync(join(bin, 'geth'));
    process.chdir(temporary.path);
    try {
      for (const folder of ['.', '', 'bin/..', bin]) {
        process.env['PATH'] = folder;
        await assert.rejects(find(), code('nodeNotInstalled'), folder);
      }
    } finally {
      process.chdir(here);
    }
  });

  it('may be core-geth, which kept mining', async () => {
    const file = geth(join(bin, 'geth'), '1.12.22-stable-a0dfb9a3', 'CoreGeth');
    assert.deepEqual(await find(), { path: file, version: '1.12.22-stable-a0dfb9a3', origin: 'path' });
  });

  for (const version of ['1.12.0-stable', '1.17.10-stable', '1.10.26-stable', '2.11.0']) {
    it(`is refused as ${version}, by that number`, async () => {
      const file = geth(join(bin, 'geth'), version);
      await assert.rejects(find(), code('nodeCannotMine', { path: file, version }));
    });
  }

  it('is the one that was built here where the one on PATH cannot mine', async () => {
    geth(join(bin, 'geth'), '1.17.10-stable');
    const file = geth(cachedProgram(cacheFolder), '1.11.6-stable');
    assert.deepEqual(await find(), { path: file, version: '1.11.6-stable', origin: 'cache' });
  });

  it('is the one of the setting and no other', async () => {
    geth(join(bin, 'geth'), '1.11.6-stable');
    const file = geth(join(temporary.path, 'mine'), '1.11.5-unstable');
    assert.deepEqual(await find(file), { path: file, version: '1.11.5-unstable', origin: 'setting' });
    const missing = join(temporary.path, 'missing');
    await assert.rejects(find(missing), code('nodeNotInstalled', { path: missing }));
    const newer = geth(join(temporary.path, 'newer'), '1.13.15-stable');
    await assert.rejects(find(newer), code('nodeCannotMine', { path: newer, version: '1.13.15-stable' }));
  });

  it('is not some other program', async () => {
    const file = script(join(temporary.path, 'other'), 'echo Version: 1.11.6');
    await assert.rejects(find(file), code('nodeNotInstalled'));
    const failing = script(join(temporary.path, 'failing'), 'exit 1');
    await assert.rejects(find(failing), code('nodeNotInstalled'));
    const directory = join(temporary.path, 'bin');
    await assert.rejects(find(directory), code('nodeNotInstalled'));
  });

  describe('when it is built', () => {
    const install = (signal = never, lines: string[] = []): ReturnType<typeof installProgram> =>
      installProgram(cacheFolder, signal, (line) => lines.push(line));
    /** A `go` that says its version and does as `build` says. */
    const go = (build: string, version = 'go1.26.8'): string =>
      script(join(bin, 'go'), `if [ "$1" = env ]; then echo ${version}; exit; fi\n${build}`);
    const builds = `echo "$@" >&2; echo "$CGO_ENABLED $GOFLAGS"
printf '#!/bin/sh\\n/bin/cat <<END\\n${versionText('1.11.6-stable').replaceAll('\n', '\\n')}END\\n' > "$GOBIN/geth"; chmod +x "$GOBIN/geth"`;

    it('gets into the cache whole, and tells the builder what it prints', async () => {
      go(builds);
      const lines: string[] = [];
      const file = cachedProgram(cacheFolder);
      assert.deepEqual(await install(never, lines), { path: file, version: '1.11.6-stable', origin: 'cache' });
      assert.deepEqual(await find(), { path: file, version: '1.11.6-stable', origin: 'cache' });
      assert.deepEqual(readdirSync(cacheFolder), ['geth-1.11.6']);
      assert.deepEqual(lines.sort(), [
        '0 ',
        'install -v -trimpath -ldflags=-checklinkname=0 github.com/ethereum/go-ethereum/cmd/geth@v1.11.6',
      ]);
    });

    it('is built without the linker flag by a Go that does not know it', async () => {
      go(builds, 'go1.20.14');
      const lines: string[] = [];
      await install(never, lines);
      assert.ok(
        lines.includes('install -v -trimpath github.com/ethereum/go-ethereum/cmd/geth@v1.11.6'),
        lines.join('\n'),
      );
    });

    it('leaves nothing behind and says what to do when the build fails', async () => {
      go('echo compiling; echo "no space left on device" >&2; exit 1');
      await assert.rejects(install(), (error) => {
        code('nodeInstallFailed', { reason: 'buildFailed', lastLine: 'no space left on device' })(error);
        const { command } = (error as { details: ErrorDetails }).details;
        assert.match(
          command ?? '',
          /^CGO_ENABLED=0 GOBIN='.*geth-1\.11\.6' go install -trimpath -ldflags=-checklinkname=0 github/,
        );
        return true;
      });
      assert.deepEqual(readdirSync(cacheFolder), []);
    });

    it('ends the build and its children when it is cancelled', async () => {
      const pidFile = join(temporary.path, 'pid');
      go(`sleep 600 & echo $! > '${pidFile}.draft'; mv '${pidFile}.draft' '${pidFile}'; wait`);
      const cancel = new AbortController();
      const outcome = assert.rejects(install(cancel.signal), code('cancelled'));
      const pid = Number(await waitFor('the build runs', () => existsSync(pidFile) && readFileSync(pidFile, 'utf8')));
      cancel.abort();
      await outcome;
      await waitFor('its child has ended', () => !signalProcess(pid, 0));
      assert.deepEqual(readdirSync(cacheFolder), []);
    });
  });
});
