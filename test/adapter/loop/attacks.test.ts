import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isDaoChainError } from '../../../src/core/errors';
import { fromHex, toHex, walletPublisher, type Hex } from '../../../src/core/hex';
import { sha256Digest } from '../../../src/core/image/digest';
import type { ImageIdentity } from '../../../src/core/image/identity';
import { contentHash, linkContent, linkKey, nameHash } from '../../../src/core/ledger/link';
import { leafOf } from '../../../src/core/ledger/release';
import type { MissingReason } from '../../../src/core/ledger/indexView';
import { digestMark } from '../../../src/core/ledger/ledgerRow';
import { encodeStatement, statementHash } from '../../../src/core/ledger/statement';
import type { Entry, Leaf, PublisherId, Statement } from '../../../src/core/ledger/types';
import { ledgerKey, entryKindNumber } from '../../../src/core/ledger/types';
import type { Verdict } from '../../../src/core/judging/verdict';
import { runCommand } from '../../../scripts/dev/components/command';
import { findGeth } from '../../../scripts/dev/components/geth';
import { buildImage, loadImage, startEngine, type Engine } from '../../testbed/engine';
import { processorMs } from '../../testbed/processorTime';
import { createProduct, testSigner, trust, type Product } from '../../testbed/product';
import { startProgram, temporaryFolder } from '../../testbed/program';
import { waitFor } from '../../testbed/waitFor';
import { digestOf, dockerArchive, tarArchive } from '../archive/archives';
import type { TransactionSigner } from '../../../src/core/ports/ledger';

const never = new AbortController().signal;
const repository = 'registry.example.com/shop/web';
const tag = '1.0';
const image = `${repository}:${tag}`;
const evilImage = 'registry.example.com/shop/evil:1';
const unused: Hex = `0x${'0'.repeat(40)}`;

/** Members of the signed config and of one that loads a library of the attacker. */
const [clean, hostile] = ['"Env":["GREETING=hello"]', '"Env":["GREETING=hello","LD_PRELOAD=/evil.so"]'];
const inSmall = (member: string): string => member.replace('"Env"', '"env"');
/** Configs that engines and parsers read in different ways. */
const ambiguous: Readonly<Record<string, readonly string[]>> = {
  'a hostile key in another case after the signed one': [clean, inSmall(hostile)],
  'a hostile key in another case before the signed one': [inSmall(hostile), clean],
  'the signed key in another case after a hostile one': [hostile, inSmall(clean)],
  'a hostile key after the same one': [clean, hostile],
  'a hostile key before the same one': [hostile, clean],
};

/** Names that are not the signed one, although some people and some programs take them for it. */
const lookAlikes: readonly (readonly [repository: string, tag: string])[] = [
  ['registry.example.com/shop/web\u202e', '1.0'],
  ['registry.example.com/shop/web', '1.0\u0000'],
  ['registry.example.com/shop/w\u0435b', '1.0'],
  ['REGISTRY.example.com/shop/web', '1.0'],
  ['registry.example.com/shop//web', '1.0'],
  ['registry.example.com/shop/web:1.0', 'latest'],
  ['web', '1.0'],
  ['../../memory', '1.0'],
  ['[](command:evil)', '<b>'],
];

describe('attacks on the whole loop', () => {
  const folder = temporaryFolder();
  let engine: Engine;
  let product: Product;
  let owner: TransactionSigner;
  let stranger: TransactionSigner;
  let layer: Buffer;
  let config: string;
  /** The archive of the image that the owner has signed. */
  let signed: Buffer;
  let goodLeaf: Leaf;
  let evilLeaf: Leaf;

  before(async () => {
    engine = await startEngine({ kind: 'debian' });
    product = createProduct({ engineHost: engine.host, folder: folder.path });
    [owner, stranger] = await Promise.all([testSigner(), testSigner()]);
    await product.node.start();
    for (const { address } of [stranger, owner]) {
      const { writer } = await product.ledgers.open();
      product.owner = address;
      await product.node.mineUntil(async () => (await writer.balance(address, never)) > 0n, never);
    }
    await trust(product, owner.address, 'registry.example.com/shop/*');
    layer = await tarArchive([['motd', 'hello']]);
    config = JSON.stringify(configOf(layer, { Env: ['GREETING=hello'], Cmd: ['/motd'] }));
    signed = await dockerArchive(Buffer.from(config), [layer], image);
    await loadImage(engine.docker, signed);
    await buildImage(engine.docker, evilImage, { files: { evil: 'yes' } });
    goodLeaf = leafOf(await identityOf(image));
    evilLeaf = leafOf(await identityOf(evilImage));
    const plan = await product.signing.plan([image], { signer: owner.address }, never);
    await product.node.mineWhile(async () => {
      await product.signing.execute(plan, owner, never, () => undefined);
      await writeWhatStrangersWrite();
    });
  });
  beforeEach(() => loadImage(engine.docker, signed));
  after(async () => {
    await product.dispose();
    await engine.dispose();
  });

  const identityOf = (name: string): Promise<ImageIdentity> => product.engine.readIdentity(name, never);

  /** In the list of images and in a Dockerfile. */
  const verdictOf = async (name = image, at = product): Promise<Verdict> => {
    const { rows } = await at.verification.judgeAll(never);
    const row = rows.find(({ reference }) => reference?.text === name);
    assert.ok(row, `no row for ${name}`);
    const [onReference] = await at.verification.judgeReferences([{ text: name }], never);
    assert.equal(onReference?.verdict.kind, row.verdict.kind);
    return row.verdict;
  };
  const kindOf = async (name?: string, at?: Product): Promise<Verdict['kind']> => (await verdictOf(name, at)).kind;

  const ambiguousConfig = (members: readonly string[]): string => {
    const text = config.replace(clean, members.join());
    assert.notEqual(text, config);
    return text;
  };

  /** Sends entries as they are, as a program of the attacker's would. */
  const send = async (signer: TransactionSigner, entries: readonly Entry[]): Promise<Hex> => {
    const { writer } = await product.ledgers.open();
    const fee = { gas: 60_000n + BigInt(entries.length) * 70_000n, gasPrice: 10n ** 10n, cost: 0n, balance: 0n };
    const transaction = await writer.prepare({ type: 'attest', entries }, fee, signer, never);
    await writer.broadcast(transaction, never);
    return transaction.hash;
  };

  const writeWhatStrangersWrite = async (): Promise<void> => {
    const { writer, index } = await product.ledgers.open();
    const under = (publisher: PublisherId, statement: Statement, name = { repository, tag }): Entry => ({
      ...{ publisher, previous: unused, kind: 'publish', validUntil: 0, ...name },
      body: toHex(encodeStatement(statement)),
    });
    const [theirs, own] = [stranger, owner].map(({ address }) => walletPublisher(address)) as [Hex, Hex];
    const written = chained(stranger, [
      // Bytes that nobody should read, with the hashes of what an engine prints of them.
      ...Object.values(ambiguous).map((members) => {
        const bytes = ambiguousConfig(members);
        return under(theirs, {
          leaves: [{ ...goodLeaf, configDigest: sha256Digest(Buffer.from(bytes)), configSize: bytes.length }],
        });
      }),
      // Digests of one image with hashes of the other.
      under(theirs, {
        leaves: [{ ...goodLeaf, configDigest: evilLeaf.configDigest, manifestDigest: evilLeaf.configDigest }],
      }),
      under(theirs, { leaves: [{ ...evilLeaf, configDigest: goodLeaf.configDigest }] }),
      under(theirs, { leaves: [evilLeaf], indexDigest: goodLeaf.configDigest }),
      // A flood.
      ...Array.from({ length: 1_000 }, () => under(theirs, { leaves: [evilLeaf] })),
    ]);
    for (let i = 0; i < written.length; i += 200) await send(stranger, written.slice(i, i + 200));
    // Text that is no UTF-8, under the name of another repository but for one byte.
    const scrambler: TransactionSigner = {
      address: stranger.address,
      signEntry: (ledger, entry) => stranger.signEntry(ledger, entry),
      signTransaction: (transaction) => {
        const data = transaction.data.replace(hexOf('shop/?'), hexOf('shop/?').replace(/3f$/, 'ff')) as Hex;
        assert.notEqual(data, transaction.data);
        return stranger.signTransaction({ ...transaction, data });
      },
    };
    const noText = { repository: 'registry.example.com/shop/?', tag };
    await send(scrambler, [under(theirs, { leaves: [evilLeaf] }, noText)]);
    const last = await send(
      owner,
      lookAlikes.map(([repository, tag]) => under(own, { leaves: [evilLeaf] }, { repository, tag })),
    );
    await waitFor('all of it is final', async () => {
      const status = await writer.status(last, never);
      assert.notEqual(status.state, 'failed');
      await index.sync(never);
      return status.state === 'mined' && index.view().finalBlock >= status.block;
    });
    // Nobody asks for a stranger's history where a rule covers the name.
    assert.equal(index.view().keyState(theirs, repository, tag), 'unchecked');
  };

  describe('by what strangers write', () => {
    it('do not reach an image that its publisher has signed, and make its verdict no slower', async () => {
      const took = await processorMs(async () => {
        assert.equal(await kindOf(), 'verified');
      });
      assert.ok(took < 2_000, `${took} ms`);
    });

    it('make nothing of other content that is here under the signed name', async () => {
      await engine.docker.getImage(evilImage).tag({ repo: repository, tag });
      assert.equal(await kindOf(), 'mismatch');
    });

    it('under names that only look like the signed one are not heard, not even in the name of its publisher', async () => {
      const verdict = await verdictOf(evilImage);
      assert.equal(verdict.kind, 'unsigned');
      const { index } = await product.ledgers.open();
      await index.readTable(never);
      const mark = digestMark(evilLeaf.configDigest);
      const found = (await index.find([mark])).get(mark);
      const names = found?.histories.map((each) => `${each.repository}:${each.tag}`);
      assert.deepEqual([...new Set(names)], [image]);
    });

    it('are kept on disk, and read by the next window, without harm', async () => {
      assert.deepEqual(await seenAfter(() => undefined), { kinds: ['verified', 'mismatch'], missing: undefined });
    });
  });

  describe('by an image under the signed tag', () => {
    it('are red, and an alarm for everybody but the owner, who could have built it', async () => {
      const other = config.replace(clean, hostile);
      await loadImage(engine.docker, await dockerArchive(Buffer.from(other), [layer], image));
      const own = await verdictOf();
      assert.equal(own.kind === 'mismatch' && own.cause, 'rebuilt');
      product.owner = undefined;
      const verdict = await verdictOf();
      assert.deepEqual(verdict.kind === 'mismatch' && [verdict.cause, verdict.differences], ['content', ['Env']]);
      product.owner = owner.address;
    });

    it('with the signed config and another layer do not get in', async () => {
      for (const { Id } of await engine.docker.listImages()) await engine.docker.getImage(Id).remove({ force: true });
      const forged = await dockerArchive(Buffer.from(config), [await tarArchive([['motd', 'evil']])], image);
      await assert.rejects(loadImage(engine.docker, forged), /diffID/);
      await loadImage(engine.docker, signed);
      // Where the signed layer is here already, the engine keeps that.
      await loadImage(engine.docker, forged);
      assert.equal(await kindOf(), 'verified');
      const container = await engine.docker.createContainer({ Image: image });
      const archive = await container.getArchive({ path: '/motd' });
      const chunks: Buffer[] = [];
      for await (const chunk of archive) chunks.push(Buffer.from(chunk));
      assert.match(Buffer.concat(chunks).toString(), /hello/);
      await container.remove();
      await buildImage(engine.docker, evilImage, { files: { evil: 'yes' } });
    });

    for (const [what, members] of Object.entries(ambiguous)) {
      it(`with ${what} are unknown, even where those bytes were signed, and cannot be signed`, async () => {
        const bytes = Buffer.from(ambiguousConfig(members));
        await loadImage(engine.docker, await dockerArchive(bytes, [layer], image));
        const verdict = await verdictOf();
        assert.equal(verdict.kind === 'unknown' && verdict.missing, 'malformedImage');
        await assert.rejects(product.signing.plan([image], { signer: owner.address }, never), (error) =>
          isDaoChainError(error, 'imageMalformed'),
        );
      });
    }
  });

  /** What a window shows of the signed image and of another one under its tag, when it finds its files edited. */
  const seenAfter = async (
    edit: (ledgerFolder: string) => void,
  ): Promise<{ readonly kinds: readonly Verdict['kind'][]; readonly missing: MissingReason | undefined }> => {
    await product.ledgers.current?.index.flush();
    const files = temporaryFolder();
    const ledgers = join(files.path, 'ledgers');
    cpSync(join(folder.path, 'ledgers'), ledgers, { recursive: true });
    for (const name of readdirSync(ledgers)) edit(join(ledgers, name));
    const window = createProduct({ engineHost: engine.host, folder: folder.path, files: files.path });
    window.rules = product.rules;
    try {
      await window.node.start();
      const before = await kindOf(image, window);
      await engine.docker.getImage(evilImage).tag({ repo: repository, tag });
      const kinds = [before, await kindOf(image, window)];
      return { kinds, missing: (await window.ledgers.open()).index.view().missing };
    } finally {
      await window.dispose();
      files.remove();
    }
  };

  describe('on what is kept on disk', () => {
    const ofOwner = ({ histories }: Bucket): Bucket['histories'] =>
      histories.filter(({ publisher }) => publisher === walletPublisher(owner.address));
    const rows = (bucket: Bucket): Row[] => ofOwner(bucket).flatMap(({ events }) => events);

    const edits: Readonly<Record<string, (bucket: Bucket) => void>> = {
      'without the statement': (bucket) =>
        (bucket.histories = bucket.histories.filter((each) => !ofOwner(bucket).includes(each))),
      'without anything': (bucket) => (bucket.histories = []),
      'with another statement in its place': (bucket) => {
        for (const row of rows(bucket)) row[5] = toHex(encodeStatement({ leaves: [evilLeaf] }));
      },
      'with one more statement': (bucket) => {
        for (const { events } of ofOwner(bucket)) events.push(...events.map(nextInBlock));
      },
      'in a stranger’s name': (bucket) => {
        for (const each of ofOwner(bucket)) each.publisher = walletPublisher(stranger.address);
      },
      'with another signer': (bucket) => {
        for (const row of rows(bucket)) row[1] = stranger.address;
      },
      'with another time': (bucket) => {
        for (const row of rows(bucket)) row[4] -= 1;
      },
    };
    for (const [what, edit] of Object.entries(edits)) {
      it(`histories ${what} are found out and read anew`, async () => {
        let edited = 0;
        const seen = await seenAfter((ledger) => {
          for (const file of readdirSync(join(ledger, 'histories'))) {
            const path = join(ledger, 'histories', file);
            if (!ofOwner(unsealed(path) as Bucket).some(({ events }) => events.length > 0)) continue;
            editSealed(path, (content) => {
              edit(content as Bucket);
            });
            edited += 1;
          }
        });
        assert.ok(edited > 0);
        assert.deepEqual(seen, { kinds: ['verified', 'mismatch'], missing: undefined });
      });
    }

    it('a memory of another final block lets nothing be judged', async () => {
      const seen = await seenAfter((ledger) => {
        editSealed(join(ledger, 'final.json'), (content) => {
          (content as { final: { hash: string } }).final.hash = `0x${'ab'.repeat(32)}`;
        });
      });
      assert.deepEqual(seen, { kinds: ['unknown', 'unknown'], missing: 'contradicted' });
    });

    const profiles: Readonly<Record<string, (text: string) => string>> = {
      'another chain id': (text) => text.replace(/"chainId": (\d+)/, (_, id: string) => `"chainId": ${Number(id) ^ 1}`),
      'another genesis': (text) =>
        text.replace(/"extraData": "0x(..)/, (_, byte: string) => `"extraData": "0x${byte === '00' ? '01' : '00'}`),
      'another code of the ledger': (text) => text.replace(/"code": "0x....../, '"code": "0x600160'),
      'storage of the ledger': (text) => text.replace('"code":', '"storage": {"0x00": "0x01"}, "code":'),
      'no confirmations': (text) => text.replace(/"confirmations": \d+/, '"confirmations": 0'),
      'half of it': (text) => text.slice(0, text.length / 2),
    };
    for (const [what, edit] of Object.entries(profiles)) {
      it(`a network profile with ${what} leaves everything unknown`, async () => {
        const copy = temporaryFolder();
        mkdirSync(join(copy.path, 'node'));
        for (const name of readdirSync(join(folder.path, 'node')).filter((each) => each.startsWith('network-'))) {
          const text = readFileSync(join(folder.path, 'node', name), 'utf8');
          assert.notEqual(edit(text), text);
          writeFileSync(join(copy.path, 'node', name), edit(text));
        }
        const window = createProduct({ engineHost: engine.host, folder: copy.path, files: folder.path });
        window.rules = product.rules;
        await assert.rejects(window.node.start(), (error) => isDaoChainError(error, 'networkInvalid'));
        const verdict = await verdictOf(image, window);
        assert.equal(verdict.kind === 'unknown' && verdict.missing, 'ledger');
        await window.dispose();
        copy.remove();
      });
    }
  });

  describe('on the node', () => {
    /** A window of another user with a folder of its own, and the same rules for the ledger that is there. */
    const withWindow = async (act: (window: Product, nodeFolder: string) => Promise<void>): Promise<void> => {
      const own = temporaryFolder();
      mkdirSync(join(own.path, 'node'), { mode: 0o700 });
      const window = createProduct({ engineHost: engine.host, folder: own.path });
      const ledger = ledgerKey((await window.ledgers.open()).writer.ledger);
      window.rules = product.rules.map((rule) => ({ ...rule, ledger }));
      try {
        await act(window, join(own.path, 'node'));
      } finally {
        await window.dispose();
        own.remove();
      }
    };
    const assertUnknown = async (window: Product): Promise<void> => {
      const verdict = await verdictOf(image, window);
      assert.equal(verdict.kind === 'unknown' && verdict.missing, 'ledger');
    };

    it('a chain of the same id whose ledger did not begin empty is not believed', () =>
      withWindow(async (window, nodeFolder) => {
        const { writer } = await window.ledgers.open();
        const profile = JSON.parse(readFileSync(profileIn(nodeFolder), 'utf8')) as {
          genesis: { alloc: Record<string, object> };
        };
        const { genesis } = profile;
        const { address, chainId } = writer.ledger;
        genesis.alloc[address] = {
          ...genesis.alloc[address],
          storage: { [`0x${'00'.repeat(32)}`]: `0x${'11'.repeat(32)}` },
        };
        const data = join(nodeFolder, `chain-${chainId.toString()}`, 'node');
        mkdirSync(data, { recursive: true });
        writeFileSync(join(data, 'forged.json'), JSON.stringify(genesis));
        const geth = (await findGeth()) ?? assert.fail('geth is installed');
        const { code, output } = await runCommand(geth, ['--datadir', data, 'init', join(data, 'forged.json')]);
        assert.equal(code, 0, output);
        writeFileSync(join(data, 'initialized'), '');
        await assert.rejects(window.node.start(), (error) => isDaoChainError(error, 'ledgerUnknown'));
        await assertUnknown(window);
      }));

    it('a lock file that leads to the node of another chain leads nowhere', () =>
      withWindow(async (window, nodeFolder) => {
        const [ownerPath, ipcPath] = ['owner', 'ipc'].map((name) => join(nodeFolder, name)) as [string, string];
        const anOwner = createServer((socket) => socket.write('{"type":"hello"}\n{"type":"ready"}\n')).listen(
          ownerPath,
        );
        const anotherChain = createServer((socket) => {
          socket.on('data', (data) => {
            const calls = [JSON.parse(data.toString()) as { id: number }].flat();
            const { hash } = { hash: `0x${'12'.repeat(32)}` };
            socket.write(
              `${JSON.stringify(calls.map(({ id }) => ({ id, result: id === 2 ? { hash } : '0x1234' })))}\n`,
            );
          });
        }).listen(ipcPath);
        writeFileSync(join(nodeFolder, 'owner.json'), JSON.stringify({ pid: process.pid, ownerPath, ipcPath }));
        await assert.rejects(window.node.start(), (error) => isDaoChainError(error, 'nodeOwnedElsewhere'));
        await assertUnknown(window);
        for (const server of [anOwner, anotherChain]) server.close();
      }));

    it('a lock file that names somebody else’s process does not end it', () =>
      withWindow(async (window, nodeFolder) => {
        const bystander = await startProgram('sleep', ['600']);
        const owner = {
          pid: bystander.pid,
          nodePid: bystander.pid,
          ownerPath: join(nodeFolder, 'gone'),
          ipcPath: 'sleep',
        };
        writeFileSync(join(nodeFolder, 'owner.json'), JSON.stringify(owner));
        await window.node.start();
        assert.ok(bystander.running());
        await bystander.stop();
      }));
  });
});

/** Entries of one key, of which each follows the one before. */
function chained(signer: TransactionSigner, entries: readonly Entry[]): readonly Entry[] {
  let previous = unused;
  return entries.map((entry) => {
    const { publisher, repository, tag, kind, validUntil, body } = entry;
    const key = linkKey(publisher, nameHash(repository, tag));
    const bodyHash = statementHash(fromHex(body));
    const content = { previous, key, kind: entryKindNumber[kind], signer: signer.address, validUntil, bodyHash };
    const result = { ...entry, previous };
    previous = linkContent(contentHash(content));
    return result;
  });
}

function configOf(layer: Uint8Array, config: object): object {
  return { architecture: 'amd64', os: 'linux', config, rootfs: { type: 'layers', diff_ids: [digestOf(layer)] } };
}

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex');
}

function profileIn(nodeFolder: string): string {
  return join(nodeFolder, readdirSync(nodeFolder).find((name) => name.startsWith('network-')) ?? '');
}

/** previous, signer, kind, validUntil, time, body, block, block hash, place in the block, transaction */
type Row = [string, string, number, string, number, string, number, string, number, string];

/** A file with some of the histories. */
interface Bucket {
  histories: { publisher: string; readonly events: Row[] }[];
}

/** The same entry once more. */
function nextInBlock([...row]: Row): Row {
  row[8] += 1;
  return row;
}

function unsealed(file: string): unknown {
  const text = readFileSync(file, 'utf8');
  return JSON.parse(text.slice(text.indexOf('\n')));
}

/** Edits a file of the memory and seals it again, as whoever knows its form can. */
function editSealed(file: string, edit: (content: unknown) => void): void {
  const content = unsealed(file);
  edit(content);
  const payload = JSON.stringify(content);
  writeFileSync(file, `${digestOf(payload)}\n${payload}`);
}
