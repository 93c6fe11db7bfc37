import { strict as assert } from 'node:assert';
import { concat, hexlify, Interface, keccak256, randomBytes, toBeHex, toUtf8Bytes, Wallet, ZeroHash } from 'ethers';
import type { JsonRpcSigner, Log, TransactionReceipt } from 'ethers';
import fc from 'fast-check';
import * as v from 'valibot';
import { startAnvil } from '../../scripts/contracts/foundry';
import type { Anvil } from '../../scripts/contracts/foundry';
import { attestationTypes } from '../../scripts/contracts/gas';
import { ledgerAbi, ledgerReleases } from '../../src/adapters/chain/ledgerAbi';
import { walletPublisher } from '../../src/core/hex';
import type { Address, Hex, Hex20, Hex32 } from '../../src/core/hex';
import { fold } from '../../src/core/ledger/fold';
import { covers } from '../../src/core/ledger/signerScope';
import { contentHash, linkContent, linkKey, nameHash, nextWord, zeroWord } from '../../src/core/ledger/link';
import type { AttestedEvent } from '../../src/core/ledger/types';
import { waitFor } from '../testbed/waitFor';

/** An entry in the order of the contract's struct. */
type EntryTuple = readonly [
  publisher: Hex32,
  previous: Hex20,
  kind: number,
  validUntil: bigint,
  repository: string,
  tag: string,
  body: Hex,
];

const functions = new Interface(ledgerAbi);
const hexSchema = v.pipe(
  v.string(),
  v.regex(/^0x[0-9a-fA-F]*$/),
  v.transform((text) => text.toLowerCase() as Hex),
);

describe('The released ledger on an EVM of the London kind', () => {
  let anvil: Anvil;
  let signer: JsonRpcSigner;
  let me: Address;
  let ledger: Address;

  before(async () => {
    anvil = await startAnvil('london');
    signer = await anvil.provider.getSigner(0);
    me = v.parse(hexSchema, signer.address);
  });

  beforeEach(async () => {
    const receipt = await (await signer.sendTransaction({ data: newest().creationCode })).wait();
    ledger = v.parse(hexSchema, receipt?.contractAddress);
  });

  after(async () => {
    await anvil.stop();
  });

  function newest(): (typeof ledgerReleases)[number] {
    const release = ledgerReleases.at(-1);
    assert.ok(release);
    return release;
  }

  async function send(from: JsonRpcSigner, name: string, ...args: readonly unknown[]): Promise<TransactionReceipt> {
    const { hash } = await from.sendTransaction({ to: ledger, data: functions.encodeFunctionData(name, args) });
    // The library waits for another block where one was mined before it began to listen, and none comes.
    const receipt = await waitFor('the receipt', () => anvil.provider.getTransactionReceipt(hash), { everyMs: 5 });
    assert.equal(receipt.status, 1);
    return receipt;
  }

  async function view(name: string, ...args: readonly unknown[]): Promise<readonly unknown[]> {
    const answer = await anvil.provider.call({ to: ledger, data: functions.encodeFunctionData(name, args) });
    const values: readonly unknown[] = functions.decodeFunctionResult(name, answer);
    return values;
  }

  async function links(keys: readonly Hex32[]): Promise<readonly Hex32[]> {
    return v.parse(v.tuple([v.array(hexSchema)]), await view('links', keys))[0];
  }

  function key([publisher, , , , repository, tag]: EntryTuple): Hex32 {
    return linkKey(publisher, nameHash(repository, tag));
  }

  function content(entry: EntryTuple, by: Address): Hex32 {
    const [, previous, kind, validUntil, , , body] = entry;
    const bodyHash = v.parse(hexSchema, keccak256(body));
    return contentHash({ previous, key: key(entry), kind, signer: by, validUntil, bodyHash });
  }

  function entry(changes: { previous?: Hex20; kind?: number; tag?: string; body?: string } = {}): EntryTuple {
    const { previous = linkContent(zeroWord), kind = 1, tag = '1.0', body = 'statement' } = changes;
    const bytes = v.parse(hexSchema, hexlify(toUtf8Bytes(body)));
    return [walletPublisher(me), previous, kind, 0n, 'registry.example.com/team/app', tag, bytes];
  }

  function read(log: Log): AttestedEvent {
    const event = functions.parseLog(log);
    assert.equal(event?.name, 'Attested');
    const integer = v.pipe(v.bigint(), v.transform(Number));
    const fields = v.parse(
      v.object({
        publisher: hexSchema,
        name: hexSchema,
        signer: hexSchema,
        previous: hexSchema,
        kind: integer,
        validUntil: v.bigint(),
        time: integer,
        repository: v.string(),
        tag: v.string(),
        body: hexSchema,
      }),
      event.args.toObject(),
    );
    return {
      ...fields,
      block: log.blockNumber,
      blockHash: v.parse(hexSchema, log.blockHash),
      logIndex: log.index,
      transaction: v.parse(hexSchema, log.transactionHash),
    };
  }

  it('has the code and the empty storage that a genesis gives it', async () => {
    const { runtimeCode, runtimeCodeHash, creationCode, creationCodeHash } = newest();
    assert.equal(await anvil.provider.getCode(ledger), runtimeCode);
    assert.equal(keccak256(runtimeCode), runtimeCodeHash);
    assert.equal(keccak256(creationCode), creationCodeHash);

    const genesis = '0xda0c000000000000000000000000000000000001';
    await anvil.provider.send('anvil_setCode', [genesis, runtimeCode]);
    const [deployed, inGenesis] = await Promise.all(
      [ledger, genesis].map(async (address) =>
        v.parse(
          v.object({ codeHash: hexSchema, storageHash: hexSchema }),
          await anvil.provider.send('eth_getProof', [address, [], 'latest']),
        ),
      ),
    );
    assert.deepEqual(deployed, inGenesis);
    assert.equal(deployed?.codeHash, runtimeCodeHash);
    // keccak256(RLP of the empty string): a trie without an entry.
    assert.equal(deployed.storageHash, keccak256('0x80'));
  });

  it('makes the links that core computes, whatever is stated', async () => {
    const bodies = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => v.parse(hexSchema, hexlify(bytes)));
    const text = (maxLength: number): fc.Arbitrary<string> =>
      fc.string({ unit: 'grapheme', minLength: 1, maxLength }).filter((each) => toUtf8Bytes(each).length <= maxLength);
    const statements = fc.array(
      fc.record({ kind: fc.integer({ min: 1, max: 3 }), validUntil: fc.bigInt(0n, 2n ** 53n), body: bodies }),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(text(255), text(128), statements, async (repository, tag, history) => {
        let link = zeroWord;
        const tuple = (statement: (typeof history)[number]): EntryTuple => {
          const { kind, validUntil, body } = statement;
          return [walletPublisher(me), linkContent(link), kind, validUntil, repository, tag, body];
        };
        const [stored = zeroWord] = await links([key(tuple(history[0] ?? assert.fail()))]);
        fc.pre(stored === zeroWord);

        const events: AttestedEvent[] = [];
        for (const statement of history) {
          const next = tuple(statement);
          const receipt = await send(signer, 'attest', next);
          const event = read(receipt.logs[0] ?? assert.fail());
          link = nextWord(link, content(next, me), event.block, event.time);
          assert.deepEqual(await links([key(next)]), [link]);
          events.push(event);
        }
        assert.equal(fold(events).history?.word, link);
      }),
      { numRuns: 40 },
    );
  });

  it('lets a client chain entries before any of them is mined', async () => {
    const first = entry();
    const second = entry({ previous: linkContent(content(first, me)), body: 'second' });
    const third = entry({ previous: linkContent(content(second, me)), body: 'third', kind: 3 });
    await anvil.provider.send('evm_setAutomine', [false]);
    try {
      const sent = [];
      for (const each of [first, second, third]) {
        const data = functions.encodeFunctionData('attest', [each]);
        sent.push(await signer.sendTransaction({ to: ledger, data, gasLimit: 200_000 }));
      }
      await anvil.provider.send('evm_mine', []);
      const receipts = await Promise.all(sent.map((response) => response.wait()));
      assert.equal(new Set(receipts.map((receipt) => receipt?.blockNumber)).size, 1);
      const events = receipts.flatMap((receipt) => receipt?.logs ?? []).map(read);
      assert.deepEqual(await links([key(first)]), [fold(events).history?.word]);
    } finally {
      await anvil.provider.send('evm_setAutomine', [true]);
    }
  });

  it('takes an EIP-712 signature of a wallet in the domain that it tells', async () => {
    const wallet = new Wallet(hexlify(randomBytes(32)));
    const author = v.parse(hexSchema, wallet.address);
    const [fields, name, version, chainId, verifyingContract, salt, extensions] = await view('eip712Domain');
    assert.deepEqual([fields, salt, [...v.parse(v.array(v.unknown()), extensions)]], ['0x0f', ZeroHash, []]);
    const domain = v.parse(
      v.object({ name: v.string(), version: v.string(), chainId: v.bigint(), verifyingContract: v.string() }),
      { name, version, chainId, verifyingContract },
    );
    const signed: EntryTuple = [walletPublisher(author), linkContent(zeroWord), 2, 1_900_000_000n, 'r', 't', '0x01'];
    const deadline = 4_000_000_000n;
    const values = [...signed, wallet.address, deadline];
    const message = Object.fromEntries(attestationTypes.Attestation.map((field, at) => [field.name, values[at]]));
    const signature = await wallet.signTypedData(domain, attestationTypes, message);

    const relayer = await anvil.provider.getSigner(1);
    const receipt = await send(relayer, 'attestBySignature', signed, author, deadline, signature);
    const event = read(receipt.logs[0] ?? assert.fail());
    assert.equal(event.signer, author);
    assert.deepEqual(await links([key(signed)]), [
      nextWord(zeroWord, content(signed, author), event.block, event.time),
    ]);
  });

  it('refuses outside of a scope what core says is outside, and nothing else', async () => {
    const created = await send(signer, 'createOrganization', 'Example Company');
    const organization = v.parse(hexSchema, created.logs[0]?.topics[1]);
    const segment = fc.constantFrom('a', 'ab', 'b', 'ghcr.io', '', '例');
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));
    const repositories = path.filter((each) => each !== '');
    await fc.assert(
      fc.asyncProperty(path, fc.option(segment), repositories, fc.boolean(), async (scope, end, other, isOwn) => {
        const repository = isOwn && scope !== '' ? `${scope}${end === null ? '' : `/${end}`}` : other;
        await send(signer, 'setSigner', organization, me, 0, 0, scope);
        const next = [organization, linkContent(zeroWord), 1, 0n, repository, 'tag', '0x01'] as const;
        const data = functions.encodeFunctionData('attest', [next]);
        const refusal: unknown = await signer.call({ to: ledger, data }).then(
          () => undefined,
          (error: unknown) => v.parse(v.looseObject({ data: v.string() }), error).data,
        );
        const outside = functions.encodeErrorResult('SignerOutOfScope', [organization, me]);
        assert.equal(refusal, covers(scope, repository) ? undefined : outside);
      }),
      { numRuns: 60 },
    );
  });

  it('reverts with the names and values that callers look for', async () => {
    const stale = entry({ previous: `0x${'0'.repeat(39)}1` });
    const data = functions.encodeFunctionData('attest', [stale]);
    await assert.rejects(signer.call({ to: ledger, data }), (error: unknown) => {
      const { data: reason } = v.parse(v.looseObject({ data: v.string() }), error);
      assert.equal(reason, functions.encodeErrorResult('StaleLink', [key(stale), zeroWord]));
      return true;
    });
  });

  it('keeps each link where storage proofs look for it', async () => {
    const stated = entry();
    await send(signer, 'attest', stated);
    const slot = keccak256(concat([key(stated), ZeroHash]));
    const proof = v.parse(
      v.object({ storageProof: v.tuple([v.object({ value: v.string() })]) }),
      await anvil.provider.send('eth_getProof', [ledger, [slot], 'latest']),
    );
    assert.deepEqual(await links([key(stated)]), [v.parse(hexSchema, toBeHex(proof.storageProof[0].value, 32))]);
  });

  it('answers for 10,000 keys, signers and scopes within the gas that geth gives to a call', async () => {
    const stated = entry();
    await send(signer, 'attest', stated);
    await send(signer, 'endWallet');
    // Random, because zeros in the call's data would cost less.
    const others = (bytes: number): Hex[] =>
      Array.from({ length: 9_999 }, () => v.parse(hexSchema, hexlify(randomBytes(bytes))));
    const ask = async (name: string, ...args: readonly unknown[]): Promise<string[]> => {
      const data = functions.encodeFunctionData(name, args);
      const answer = await anvil.provider.call({ to: ledger, data, gasLimit: 50_000_000 });
      return answer.slice(2).match(/.{64}/g) ?? [];
    };
    const [offset, length, ...found] = await ask('links', [...others(32), key(stated)]);
    assert.deepEqual([offset, length], [word(32), word(10_000)]);
    assert.equal(found.length, 10_000);
    assert.ok(found.slice(0, -1).every((link) => link === word(0)));
    assert.notEqual(found.at(-1), word(0));

    const slots = await ask('signers', [...others(32), walletPublisher(me)], [...others(20), me]);
    assert.deepEqual(slots.splice(0, 2), [word(32), word(10_000)]);
    assert.equal(slots.length, 40_000);
    assert.ok(slots.slice(0, -4).every((value) => value === word(0)));
    const time = (await anvil.provider.getBlock('latest'))?.timestamp ?? 0;
    assert.deepEqual(slots.slice(-4), [word(0), word(time), word(0), word(0)]);

    const scopes = await ask('scopes', [...others(32), walletPublisher(me)], [...others(20), me]);
    assert.deepEqual(scopes.splice(0, 2), [word(32), word(10_000)]);
    assert.deepEqual(new Set(scopes), new Set([word(0)]));
  });
});

function word(value: number): string {
  return value.toString(16).padStart(64, '0');
}
