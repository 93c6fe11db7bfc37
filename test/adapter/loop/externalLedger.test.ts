import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSocketServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { IpcTransport } from '../../../src/adapters/chain/ipcTransport';
import { RpcError } from '../../../src/adapters/chain/rpcTransport';
import { isDaoChainError } from '../../../src/core/errors';
import { walletPublisher } from '../../../src/core/hex';
import type { Verdict } from '../../../src/core/judging/verdict';
import { ledgerKey } from '../../../src/core/ledger/types';
import type { TransactionSigner } from '../../../src/core/ports/ledger';
import type { RuleLevel } from '../../../src/core/trust/rules';
import { WhyService } from '../../../src/services/judging/whyService';
import { buildImage, startEngine, type Engine } from '../../testbed/engine';
import { startNode } from '../../testbed/geth';
import { startMergedChain, type MergedChain } from '../../testbed/mergedChain';
import { createProduct, testSigner, type Product } from '../../testbed/product';
import { temporaryFolder } from '../../testbed/program';

const never = new AbortController().signal;
const repository = 'registry.example.com/shop/web';
const image = `${repository}:1.0`;

describe('a ledger of another chain', () => {
  const opened: Product[] = [];
  let engine: Engine;
  let owner: TransactionSigner;
  let chain: MergedChain;
  let other: MergedChain;
  /** What stands before the nodes: the same address and socket, whatever is behind it. */
  let front: Front;

  before(async () => {
    [engine, owner] = await Promise.all([startEngine({ kind: 'debian' }), testSigner()]);
    chain = await startMergedChain(owner);
    other = await startMergedChain(owner, {}, 20_163);
    await chain.deploy();
    await other.deploy();
    await chain.finalize();
    await other.finalize();
    front = await startFront(chain.node.ipcPath);
    await buildImage(engine.docker, image, { files: { motd: 'one' } });
  });
  after(async () => {
    for (const each of opened) await each.dispose();
    front.close();
    await chain.node.dispose();
    await other.node.dispose();
    await engine.dispose();
  });
  beforeEach(() => {
    front.behind(chain.node.ipcPath);
    front.lie = undefined;
  });

  /** One whose home is the chain: only so can a test sign there. */
  function signerOn({ node, ledger }: MergedChain): Product {
    const product = createProduct({
      engineHost: engine.host,
      createTransport: () => new IpcTransport(() => node.ipcPath),
      locate: () =>
        Promise.resolve({
          ...{ ledger, kind: 'external', confirmations: 1 },
          ...{ assurance: 'ownNode', finality: 'depth' },
        }),
    });
    opened.push(product);
    return product;
  }

  async function sign(on: MergedChain, finalizes = true): Promise<void> {
    const { signing } = signerOn(on);
    const plan = await signing.plan([image], { signer: owner.address }, never);
    await on.sealWhile(() => signing.execute(plan, owner, never, () => undefined), { finalizes });
  }

  function newReader(folder = temporaryFolder().path, level: RuleLevel = 'enforce'): Product {
    const product = createProduct({ engineHost: engine.host, folder });
    opened.push(product);
    const publishers = [walletPublisher(owner.address)];
    product.rules = [
      {
        ...{ ledger: ledgerKey(chain.ledger), repositories: repository, publishers },
        ...{ threshold: 1, accept: 'publish', level },
      },
    ];
    return product;
  }

  /** Follows the ledger at an endpoint, and begins anew, as a person has to. */
  async function follow(endpoint: string, level?: RuleLevel, name = 'Sepolia'): Promise<Product> {
    const folder = temporaryFolder().path;
    const { externals } = newReader(folder, level);
    await externals.use(await externals.plan({ ledger: ledgerKey(chain.ledger), endpoint, name }, never));
    return newReader(folder, level);
  }

  const verdict = async ({ verification }: Product): Promise<Verdict> =>
    (await verification.verify(image, never)).verdict;

  it('is read at an own node, where only what the chain calls final counts, and rules that enforce accept that', async () => {
    const reader = await follow(chain.node.ipcPath);
    const [{ external } = assert.fail('nothing is followed')] = reader.externals.stored.externals;
    assert.equal(external.finality, 'tag');
    assert.equal((await verdict(reader)).kind, 'unsigned');

    await sign(chain, false);
    // However deep it is.
    for (let i = 0; i < 80; i++) await chain.seal();
    const before = await verdict(reader);
    assert.equal(before.kind, 'pending');
    await chain.finalize();
    const after = await verdict(reader);
    assert.deepEqual(
      [after.kind, after.assurance, after.network, after.ledger],
      ['verified', 'ownNode', 'Sepolia', ledgerKey(chain.ledger)],
    );
  });

  it('is only reported at a web address, and never green, whatever the rule says', async () => {
    for (const level of ['enforce', 'warn'] as const) {
      const reader = await follow(front.url, level);
      const { kind, assurance, ...rest } = await verdict(reader);
      assert.deepEqual(
        [kind, assurance, 'refused' in rest && rest.refused],
        ['untrusted', 'reported', 'reported'],
        level,
      );
      const explained = await new WhyService(reader).explain({ text: image }, never);
      assert.equal(explained.reportedBy, new URL(front.url).host);
    }
  });

  it('of which nothing that a web address reported is remembered', async () => {
    const reader = await follow(front.url);
    await verdict(reader);
    const { folder } = reader.externals.stored.externals[0] ?? assert.fail();
    await Promise.all(opened.splice(0).map((each) => each.dispose()));
    assert.deepEqual(readdirSync(folder), ['ledger.json']);
  });

  it('is unknown once another chain answers at the same place, though it has the same ledger and the statement', async () => {
    await sign(other);
    for (const endpoint of [front.socket, front.url]) {
      const reader = await follow(endpoint);
      front.behind(other.node.ipcPath);
      assert.equal((await verdict(reader)).kind, 'unknown', 'before anything was read');
      front.behind(chain.node.ipcPath);
      assert.notEqual((await verdict(reader)).kind, 'unknown');
      await chain.seal();
      front.behind(other.node.ipcPath);
      await other.seal();
      const after = await verdict(reader);
      assert.deepEqual([after.kind, after.network], ['unknown', 'Sepolia'], 'once it was read');
      // It was never taken for a rewritten chain.
      front.behind(chain.node.ipcPath);
      assert.notEqual((await verdict(reader)).kind, 'unknown');
    }
  });

  it('is unknown, and is looked for again, while its endpoint does not answer', async () => {
    const reader = await follow(front.socket);
    front.behind(undefined);
    const silent = await verdict(reader);
    assert.deepEqual([silent.kind, silent.network], ['unknown', 'Sepolia']);
    front.behind(chain.node.ipcPath);
    assert.equal((await verdict(reader)).kind, 'verified');
  });

  const lies: Readonly<Record<string, readonly [Lie, RegExp]>> = {
    'another chain ID': [answering('eth_chainId', () => '0x1'), /ledgerUnknown otherChain/],
    'another beginning': [
      (method, [which], result) =>
        method === 'eth_getBlockByNumber' && which === '0x0'
          ? { ...(result as object), hash: `0x${'12'.repeat(32)}` }
          : result,
      /ledgerUnknown otherChain/,
    ],
    'no contract': [answering('eth_getCode', () => '0x'), /ledgerUnknown code/],
    'another code': [answering('eth_getCode', () => '0x6001'), /ledgerUnknown code/],
    'the ledger in its first block': [
      (method, [, which], result) => (method === 'eth_getCode' && which === '0x0' ? '0x6001' : result),
      /ledgerUnknown beginning/,
    ],
    'a final block above its newest': [
      (method, [which], result) =>
        method === 'eth_getBlockByNumber' && which === 'finalized'
          ? { ...(result as object), number: '0xffff' }
          : result,
      /nodeFailed/,
    ],
    'no results': [() => undefined, /nodeFailed/],
  };
  for (const [what, [lie, reason]] of Object.entries(lies)) {
    it(`is not followed at an endpoint that has ${what}, and unknown where it has that later`, async () => {
      const reader = await follow(front.url);
      front.lie = lie;
      await assert.rejects(follow(front.url), (error: unknown) => {
        assert.ok(isDaoChainError(error), String(error));
        assert.match(`${error.code} ${error.details['reason'] ?? ''}`, reason);
        return true;
      });
      assert.equal((await verdict(reader)).kind, 'unknown');
    });
  }

  it('is unknown where the tag of its own node goes away or backwards, and never final by depth', async () => {
    const folder = temporaryFolder().path;
    const { externals } = newReader(folder);
    const wanted = { ledger: ledgerKey(chain.ledger), endpoint: front.socket, name: 'Sepolia' };
    await externals.use(await externals.plan(wanted, never));
    const reader = newReader(folder);
    assert.equal((await verdict(reader)).kind, 'verified');
    await chain.seal();
    await chain.finalize(1);
    assert.equal((await verdict(reader)).kind, 'unknown');
    await chain.seal();
    await chain.finalize();
    assert.equal((await verdict(reader)).kind, 'verified');

    // A node that tells of none is followed by what was known of the chain before.
    front.lie = (method, [which], result) =>
      method === 'eth_getBlockByNumber' && which === 'finalized' ? new Error('finalized block not found') : result;
    const again = await externals.plan({ ...wanted, endpoint: front.url }, never);
    assert.equal(again.external.finality, 'tag');
    assert.equal(again.isFollowed, true);
  });

  it('is of a chain whose geth tells of no final block in one of three ways', async () => {
    const [mined, merged] = [await startNode(), await startMergedChain(owner, {}, 20_164)];
    const finalized = ['finalized', false];
    try {
      const isNone = /'finalized' tag not supported on pre-merge network/;
      await assert.rejects(mined.request('eth_getBlockByNumber', finalized), isNone);
      await assert.rejects(merged.node.request('eth_getBlockByNumber', finalized), isNone);
      await merged.deploy();
      await assert.rejects(merged.node.request('eth_getBlockByNumber', finalized), /method handler crashed/);
      const { externals } = newReader();
      const wanted = { ledger: ledgerKey(merged.ledger), endpoint: merged.node.ipcPath, name: 'New' };
      assert.equal((await externals.plan(wanted, never)).external.finality, 'depth');
      await merged.finalize();
      assert.equal((await externals.plan(wanted, never)).external.finality, 'tag');
    } finally {
      await mined.dispose();
      await merged.node.dispose();
    }
  });

  it('of a chain that tells nothing of what is final is so by depth, which rules that enforce do not accept', async () => {
    front.lie = (method, [which], result) =>
      method === 'eth_getBlockByNumber' && which === 'finalized'
        ? new Error("'finalized' tag not supported on pre-merge network")
        : result;
    const folder = temporaryFolder().path;
    const { externals } = newReader(folder);
    const wanted = { ledger: ledgerKey(chain.ledger), endpoint: front.socket, name: 'Sepolia' };
    await externals.use(await externals.plan(wanted, never));
    const reader = newReader(folder);
    const refused = await verdict(reader);
    assert.equal(refused.kind === 'untrusted' && refused.refused, 'depthOnly');
    reader.rules = reader.rules.map((rule) => ({ ...rule, level: 'warn' as const }));
    assert.equal((await verdict(reader)).kind, 'verified');
  });
});

/** What a call is answered with in the place of the truth; an `Error` as the node's own. */
type Lie = (method: string, params: readonly unknown[], result: unknown) => unknown;

function answering(asked: string, answer: () => unknown): Lie {
  return (method, _, result) => (method === asked ? answer() : result);
}

interface Front {
  readonly url: string;
  readonly socket: string;
  lie: Lie | undefined;
  /** Which node answers; nobody where undefined. */
  behind(ipcPath: string | undefined): void;
  close(): void;
}

const callSchema = v.object({ id: v.number(), method: v.string(), params: v.array(v.unknown()) });

/** A web address and a socket at which now this node answers and now that one. */
async function startFront(first: string): Promise<Front> {
  const transports = new Map<string, IpcTransport>();
  const sockets = new Set<Socket>();
  let behind: string | undefined = first;
  const answerOne = async (node: IpcTransport, { id, method, params }: v.InferOutput<typeof callSchema>) => {
    try {
      const result = await node.request(method, params, new AbortController().signal);
      const told = front.lie === undefined ? result : front.lie(method, params, result);
      if (told instanceof Error) throw told;
      return { jsonrpc: '2.0', id, result: told };
    } catch (error) {
      const code = error instanceof RpcError ? error.code : -32_000;
      return { jsonrpc: '2.0', id, error: { code, message: (error as Error).message } };
    }
  };
  const answer = async (asked: string): Promise<string> => {
    if (behind === undefined) throw new Error('nobody');
    const path = behind;
    const node = transports.get(path) ?? new IpcTransport(() => path);
    transports.set(path, node);
    const calls = v.parse(v.union([callSchema, v.array(callSchema)]), JSON.parse(asked));
    const answers = await Promise.all([calls].flat().map((call) => answerOne(node, call)));
    return JSON.stringify(Array.isArray(calls) ? answers : answers[0]);
  };
  const web = createServer((request, response) => {
    text(request)
      .then(answer)
      .then(
        (body) => response.setHeader('content-type', 'application/json').end(body),
        () => response.writeHead(502).end(),
      );
  });
  const local = createSocketServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    createInterface({ input: socket }).on('line', (line) => {
      answer(line).then(
        (body) => socket.write(`${body}\n`),
        () => socket.destroy(),
      );
    });
  });
  const socket = join(temporaryFolder().path, 'front.ipc');
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => local.listen(socket, resolve));
  const front: Front = {
    url: `http://me:hunter2@127.0.0.1:${(web.address() as AddressInfo).port}/v3/secret`,
    socket,
    lie: undefined,
    behind: (path) => {
      behind = path;
    },
    close: () => {
      for (const each of transports.values()) each.dispose();
      for (const each of sockets) each.destroy();
      web.closeAllConnections();
      web.close();
      local.close();
    },
  };
  return front;
}
