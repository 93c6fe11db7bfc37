import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readBoundedFile, readIfThere, type FileBounds } from '../../../src/adapters/boundedFile';
import { FolderFileStore } from '../../../src/adapters/files/folderFileStore';
import { FolderPolicyFiles } from '../../../src/adapters/files/folderPolicyFiles';
import { WalletFile } from '../../../src/adapters/secrets/walletFile';
import { readPassword } from '../../../src/cli/password';
import { readNamedPolicy } from '../../../src/cli/policies';
import { readRequest } from '../../../src/cli/requestFile';
import { readRules, RuleFile } from '../../../src/cli/ruleFile';
import { Terminal } from '../../../src/cli/terminal';
import { isDaoChainError } from '../../../src/core/errors';
import { temporaryFolder } from '../../testbed/program';

const never = new AbortController().signal;
const { stdin, stdout, stderr } = process;
const terminal = new Terminal({ stdin, stdout, stderr, env: {}, verbose: false, language: 'en' });

/** What is said of what happened: a code of ours, a fault, or the sentence of a usage error. */
async function faultOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
    return 'read';
  } catch (error) {
    if (isDaoChainError(error)) return [error.code, error.details['reason']].filter(Boolean).join(' ');
    if (error instanceof Error && 'fault' in error) return String(error.fault);
    return error instanceof Error ? error.message : 'no error';
  }
}

const ledger = `4711:0x${'1'.repeat(64)}:0x${'2'.repeat(40)}`;
const publisher = `0x${'3'.repeat(40)}`;
const rule = { ledger, repositories: 'docker.io/acme/*', publishers: [publisher], level: 'enforce' };
const rules = JSON.stringify([rule]);

describe('files that are damaged, hostile or no files', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = temporaryFolder().path;
    file = join(folder, 'file');
  });

  const write = (text: string | Uint8Array, mode = 0o600): string => {
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  };
  const pipe = (name = file): string => {
    execFileSync('mkfifo', ['-m', '600', name]);
    return name;
  };

  describe('do not keep anybody waiting', () => {
    const bounds: FileBounds = { limit: 1_000 };
    const places: Readonly<Record<string, readonly [fault: string, make: () => string]>> = {
      'a file': ['read', () => write('text')],
      'an empty file': ['read', () => write('')],
      'a file of just as much as there may be': ['read', () => write('x'.repeat(1_000))],
      'a file of one byte more': ['tooLarge', () => write('x'.repeat(1_001))],
      nothing: ['absent', () => file],
      'a folder': ['notAFile', () => folder],
      'a link to nowhere': ['absent', () => (symlinkSync(join(folder, 'gone'), file), file)],
      'a link to itself': ['unreadable', () => (symlinkSync(file, file), file)],
      'a link to a device without end': ['notAFile', () => (symlinkSync('/dev/zero', file), file)],
      'a device without anything': ['notAFile', () => '/dev/null'],
      'a pipe that nobody writes to': ['notAFile', () => pipe()],
      'a file of a system that does not know its length': ['tooLarge', () => '/proc/self/mountinfo'],
    };
    for (const [what, [fault, make]] of Object.entries(places)) {
      it(`in the place of a file: ${what}: ${fault}`, async () => {
        if (what.includes('length')) assert.equal(await faultOf(readBoundedFile(make(), { limit: 10 })), fault);
        else assert.equal(await faultOf(readBoundedFile(make(), bounds)), fault);
      });
    }

    it('where a pipe is taken, it is read to its end', async () => {
      const path = pipe();
      const [{ bytes }] = await Promise.all([
        readBoundedFile(path, { limit: 100, pipe: { signal: never } }),
        writeFile(path, 'through a pipe'),
      ]);
      assert.equal(Buffer.from(bytes).toString(), 'through a pipe');
    });

    it('where a pipe is taken, it is not waited for without end, nor when that is cancelled', async () => {
      const path = pipe();
      assert.equal(await faultOf(readBoundedFile(path, { limit: 9, pipe: { signal: never, waitMs: 30 } })), 'late');
      const cancel = new AbortController();
      const reading = readBoundedFile(path, { limit: 9, pipe: { signal: cancel.signal } });
      cancel.abort();
      assert.equal(await faultOf(reading), 'cancelled');
      // Half of it, and nothing more.
      const writer = await open(path, 'r+');
      await writer.write('half');
      assert.equal(await faultOf(readBoundedFile(path, { limit: 9, pipe: { signal: never, waitMs: 30 } })), 'late');
      await writer.write('far too much for it');
      assert.equal(await faultOf(readBoundedFile(path, { limit: 9, pipe: { signal: never } })), 'tooLarge');
      await writer.close();
    });

    it('nor do those of the data folder, whatever is put in their place', async () => {
      pipe(join(folder, 'trust.json'));
      pipe(join(folder, 'wallet.json'));
      pipe(join(folder, 'daochain.policy.json'));
      assert.match(await faultOf(readRules(undefined, folder, never)), /trust\.json is not a file/);
      assert.match(await faultOf(new WalletFile(join(folder, 'wallet.json')).get('x')), /^secretsUnavailable/);
      assert.equal(await faultOf(new FolderPolicyFiles().read(folder)), 'policyInvalid unreadable');
      assert.equal(await faultOf(new FolderFileStore(folder).read('trust.json')), 'notAFile');
    });
  });

  describe('with trust rules', () => {
    const texts: Readonly<Record<string, readonly [answer: RegExp, text: string | Uint8Array]>> = {
      'that are good': [/^read$/, rules],
      'and none of them': [/^read$/, '[]'],
      'of which one says its level twice': [/twice/, rules.replace('"level"', '"level":"warn","level"')],
      'of which one says its level twice, once with an escape': [
        /twice/,
        rules.replace('"level"', '"lev\\u0065l":"enforce","level"'),
      ],
      'of which one says something in another case': [/refused/, rules.replace('"level"', '"Level":"warn","level"')],
      'of which one says something unknown': [/refused/, rules.replace('"level"', '"strict":true,"level"')],
      'of which one has a prototype': [/refused/, rules.replace('{', '{"__proto__":{"level":"warn"},')],
      'of which one has a constructor': [/refused/, rules.replace('{', '{"constructor":1,')],
      'of which one is no object': [/refused/, '[1]'],
      'of which one has no level but null': [/refused/, rules.replace('"enforce"', 'null')],
      'and something behind them': [/not a JSON list/, `${rules} []`],
      'and a comment': [/not a JSON list/, `// mine\n${rules}`],
      'and a comma too many': [/not a JSON list/, rules.replace('}]', '},]')],
      'behind a byte order mark': [/not a JSON list/, `\ufeff${rules}`],
      'that are not in UTF-8': [/not a JSON list/, Buffer.from(rules, 'utf16le')],
      'with half of a character': [/not a JSON list/, rules.replace('acme', '\\ud800')],
      'that are half there': [/not a JSON list/, rules.slice(0, 40)],
      'that are not a list': [/not a JSON list/, JSON.stringify(rule)],
      'that are nothing': [/not a JSON list/, ''],
      'that are nested without end': [/not a JSON list/, '['.repeat(100_000)],
      'that are larger than rules can be': [/larger/, `${rules}${' '.repeat(2 * 1024 * 1024)}`],
    };
    for (const [what, [answer, text]] of Object.entries(texts)) {
      it(`${what}: ${answer.source}`, async () => {
        write(text);
        assert.match(await faultOf(readRules(file, folder, never)), answer);
        for (const name of ['trust.json', 'trust.local.json']) {
          const data = temporaryFolder().path;
          writeFileSync(join(data, name), text);
          assert.match(await faultOf(readRules(undefined, data, never)), answer);
        }
        const own = temporaryFolder().path;
        writeFileSync(join(own, 'trust.local.json'), text);
        assert.match(await faultOf(new RuleFile(undefined, own).read()), answer);
      });
    }

    it('that are named and not there are an error, and those of the data folder need not be', async () => {
      assert.match(await faultOf(readRules(file, folder, never)), /cannot be read/);
      assert.deepEqual(await readRules(undefined, folder, never), []);
    });
  });

  describe('with a password', () => {
    const read = (path = file): Promise<string> => readPassword(path, '', terminal, never);
    const passwords: Readonly<Record<string, readonly [password: string, text: string]>> = {
      alone: ['correct horse', 'correct horse'],
      'and the end of its line': ['correct horse', 'correct horse\n'],
      'and the end of its line, as Windows has it': ['correct horse', 'correct horse\r\n'],
      'and half of the end of its line': ['correct horse', 'correct horse\r'],
      'behind a byte order mark': ['correct horse', '\ufeffcorrect horse\r\n'],
      'and other lines': ['correct horse', 'correct horse\nuser: me\n'],
      'with spaces around it, which are part of it': [' correct horse ', ' correct horse \n'],
      'in other letters': ['密码 pässword', '密码 pässword\n'],
    };
    for (const [what, [password, text]] of Object.entries(passwords)) {
      it(what, async () => {
        write(text);
        assert.equal(await read(), password);
      });
    }

    for (const mode of [0o644, 0o640, 0o604, 0o620, 0o660, 0o666, 0o601]) {
      it(`that others can reach (${mode.toString(8)}) is refused`, async () => {
        write('correct horse', mode);
        assert.match(await faultOf(read()), /Others can read/);
      });
    }

    it('of somebody else is read by the administrator, who could read it anyway', async function () {
      if (process.geteuid?.() !== 0) this.skip();
      write('correct horse');
      chownSync(file, 65_534, 65_534);
      assert.equal(await read(), 'correct horse');
    });

    const refused: Readonly<Record<string, readonly [answer: RegExp, text: string | Uint8Array]>> = {
      'that is empty': [/first line of .* is empty/, ''],
      'whose first line is empty': [/first line of .* is empty/, '\ncorrect horse'],
      'that is a byte order mark': [/first line of .* is empty/, '\ufeff\n'],
      'in UTF-16': [/not text in UTF-8/, Buffer.from('\ufeffcorrect horse', 'utf16le')],
      'in another encoding': [/not text in UTF-8/, Buffer.from('pässword', 'latin1')],
      'longer than passwords are': [/larger/, 'x'.repeat(100_000)],
    };
    for (const [what, [answer, text]] of Object.entries(refused)) {
      it(`${what} is refused`, async () => {
        write(text);
        assert.match(await faultOf(read()), answer);
      });
    }

    it('can come through a pipe of this user', async () => {
      const path = pipe();
      const [password] = await Promise.all([read(path), writeFile(path, 'correct horse\n')]);
      assert.equal(password, 'correct horse');
    });

    it('does not come from a device or a folder', async () => {
      assert.match(await faultOf(read('/dev/zero')), /not a file/);
      assert.match(await faultOf(read(folder)), /not a file/);
    });
  });

  describe('with a policy, a request or a wallet', () => {
    const policy = JSON.stringify({ version: 1, rules: [rule] });
    const policies: Readonly<Record<string, readonly [answer: RegExp, text: string]>> = {
      'that is good': [/^read$/, policy],
      'that says its rules twice': [/^policyInvalid duplicateKey/, policy.replace('"rules"', '"rules":[],"rules"')],
      'that has a prototype': [/^policyInvalid shape/, policy.replace('{', '{"__proto__":{},')],
      'behind a byte order mark': [/^policyInvalid syntax/, `\ufeff${policy}`],
      'of more than a person could read': [/larger/, policy + ' '.repeat(100_000)],
    };
    for (const [what, [answer, text]] of Object.entries(policies)) {
      it(`a policy ${what}: ${answer.source}`, async () => {
        assert.match(await faultOf(readNamedPolicy({ policy: write(text) }, never)), answer);
      });
    }

    it('a request that is a device, too large or no request', async () => {
      assert.match(await faultOf(readRequest('/dev/zero', never)), /not a file/);
      assert.match(await faultOf(readRequest(write(' '.repeat(5 * 1024 * 1024)), never)), /larger/);
      assert.match(await faultOf(readRequest(write('{}'), never)), /^requestInvalid/);
      assert.match(await faultOf(readRequest(write('{"a":1,"a":1}'), never)), /^requestInvalid/);
    });

    const wallets: Readonly<Record<string, readonly [answer: RegExp, text: string | Uint8Array]>> = {
      'that is good': [/^read$/, '{"daochain.wallet":"x"}'],
      'that is empty': [/^walletInvalid/, ''],
      'that is half there': [/^walletInvalid/, '{"daochain.wallet":"x'],
      'that says a secret twice': [/^walletInvalid/, '{"daochain.wallet":"x","daochain.wallet":"y"}'],
      'that holds something else': [/^walletInvalid/, '{"daochain.wallet":1}'],
      'behind a byte order mark': [/^walletInvalid/, '\ufeff{"daochain.wallet":"x"}'],
      'that is a list': [/^walletInvalid/, '[]'],
      'that is larger than wallets are': [/^secretsUnavailable/, ' '.repeat(2 * 1024 * 1024)],
    };
    for (const [what, [answer, text]] of Object.entries(wallets)) {
      it(`a wallet ${what}: ${answer.source}`, async () => {
        write(text);
        assert.match(await faultOf(new WalletFile(file).get('daochain.wallet')), answer);
      });
    }

    it('a wallet in which nobody finds what an object has by itself', async () => {
      write('{"daochain.wallet":"x"}');
      const secrets = new WalletFile(file);
      for (const name of ['constructor', '__proto__', 'toString']) assert.equal(await secrets.get(name), undefined);
    });
  });

  it('that are not there are told from those that cannot be read', async () => {
    assert.equal(await readIfThere(join(folder, 'gone'), 10), undefined);
    mkdirSync(join(folder, 'taken'));
    assert.equal(await faultOf(readIfThere(join(folder, 'taken'), 10)), 'notAFile');
  });
});
