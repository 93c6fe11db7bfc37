import assert from 'node:assert/strict';
import { Interface } from 'ethers/abi';
import { id } from 'ethers/hash';
import fc from 'fast-check';
import { ledgerAbi } from '../../../../src/adapters/chain/ledgerAbi';
import {
  decodeLinks,
  decodeLog,
  decodeOrganization,
  decodeScopes,
  decodeSetScope,
  decodeSigners,
  encodeLinks,
  encodeOrganization,
  encodeScopes,
  encodeSigners,
  ledgerTopics,
  publisherTopics,
} from '../../../../src/adapters/chain/ledgerCodec';
import type { RpcLog } from '../../../../src/adapters/chain/rpcAnswer';
import type { Address, Hex, Hex32 } from '../../../../src/core/hex';

/** The library that our own reading and writing of a few forms must agree with. */
const library = new Interface(ledgerAbi);

const bytes = (length: number): fc.Arbitrary<Hex> =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((value): Hex => `0x${Buffer.from(value).toString('hex')}`);
const word: fc.Arbitrary<Hex32> = bytes(32);
const address: fc.Arbitrary<Address> = bytes(20);
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

const place = {
  address: `0x${'d'.repeat(40)}`,
  blockNumber: 7,
  blockHash: `0x${'b'.repeat(64)}`,
  transactionHash: `0x${'c'.repeat(64)}`,
  logIndex: 3,
} as const;

function log(name: string, values: readonly unknown[]): RpcLog {
  const { topics, data } = library.encodeEventLog(name, values);
  return { ...place, topics: topics as Hex32[], data: data as Hex };
}

describe('the ABI of the ledger, written out', () => {
  it('asks for links as the library does, and reads the answer', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (keys) => {
        assert.equal(encodeLinks(keys), library.encodeFunctionData('links', [keys]));
        assert.deepEqual(decodeLinks(library.encodeFunctionResult('links', [keys]) as Hex, keys.length), keys);
      }),
    );
  });

  it('asks for signers as the library does, and reads the answer', () => {
    const slot = fc.tuple(uint64, uint64, uint64, fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(word, address, slot), { maxLength: 20 }), (rows) => {
        const queries = rows.map(([publisher, signer]) => ({ publisher, signer }));
        const args = [rows.map(([publisher]) => publisher), rows.map(([, signer]) => signer)];
        assert.equal(encodeSigners(queries), library.encodeFunctionData('signers', args));
        const slots = rows.map(([, , value]) => value);
        const answer = library.encodeFunctionResult('signers', [slots]) as Hex;
        assert.deepEqual(
          decodeSigners(answer, rows.length),
          slots.map(([a, b, c, length]) => {
            return { notBefore: Number(a), notAfter: Number(b), voidFrom: Number(c), isScoped: length > 0 };
          }),
        );
      }),
    );
  });

  it('asks for scopes as the library does, and reads the answer and the texts in events', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(word, address, word), { maxLength: 20 }), (rows) => {
        const queries = rows.map(([publisher, signer]) => ({ publisher, signer }));
        const args = [rows.map(([publisher]) => publisher), rows.map(([, signer]) => signer)];
        assert.equal(encodeScopes(queries), library.encodeFunctionData('scopes', args));
        const hashes = rows.map(([, , hash]) => hash);
        const answer = library.encodeFunctionResult('scopes', [hashes]) as Hex;
        assert.deepEqual(decodeScopes(answer, rows.length), hashes);
      }),
    );
    fc.assert(
      fc.property(word, address, fc.string({ unit: 'binary', maxLength: 100 }), (publisher, signer, text) => {
        const set = log('SignerSet', [publisher, signer, 1, 2, text]);
        assert.deepEqual(decodeSetScope(set), { hash: id(text), text });
      }),
    );
  });

  it('reads no text where a scope is no UTF-8, for there is none with that hash', () => {
    const { data } = log('SignerSet', [`0x${'a'.repeat(64)}`, `0x${'e'.repeat(40)}`, 1, 2, 'ab']);
    assert.equal(decodeSetScope({ data: data.replace('6162', 'ff62') as Hex }), undefined);
    assert.throws(() => decodeSetScope({ data: data.slice(0, -64) as Hex }), RangeError);
  });

  it('asks for an organization as the library does, and reads the answer', () => {
    const nobody = `0x${'0'.repeat(40)}`;
    fc.assert(
      fc.property(word, fc.string({ unit: 'binary', maxLength: 64 }), address, fc.option(address), (id, ...values) => {
        const [name, admin, pending] = values;
        assert.equal(encodeOrganization(id), library.encodeFunctionData('organization', [id]));
        const answer = library.encodeFunctionResult('organization', [name, admin, pending ?? nobody]) as Hex;
        const expected = { id, name, admin, ...(pending !== null && pending !== nobody && { pendingAdmin: pending }) };
        assert.deepEqual(decodeOrganization(id, answer), admin === nobody ? undefined : expected);
        for (const cut of [answer.slice(0, 130), answer.slice(0, 190), '0x']) {
          assert.throws(() => decodeOrganization(id, cut as Hex), RangeError);
        }
      }),
    );
    const none = library.encodeFunctionResult('organization', ['', nobody, nobody]) as Hex;
    assert.equal(decodeOrganization(`0x${'1'.repeat(64)}`, none), undefined);
  });

  it('names the events of organizations as the library does', () => {
    for (const [name, topic] of Object.entries(publisherTopics)) {
      assert.equal(library.getEvent(name.replace(/^./, (letter) => letter.toUpperCase()))?.topicHash, topic);
    }
  });

  it('takes no answer of another length', () => {
    const answer = library.encodeFunctionResult('links', [[`0x${'1'.repeat(64)}`, `0x${'2'.repeat(64)}`]]) as Hex;
    for (const wrong of [answer.slice(0, -64), answer.slice(0, -2), `${answer}${'0'.repeat(64)}`, '0x']) {
      assert.throws(() => decodeLinks(wrong as Hex, 2), RangeError);
    }
    assert.throws(() => decodeLinks(answer, 1), RangeError);
    assert.throws(() => decodeLinks(answer, 3), RangeError);
  });

  it('reads an attestation as the library wrote it, and any number of 64 bits exactly', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 80 });
    const body = fc
      .uint8Array({ minLength: 1, maxLength: 300 })
      .map((value): Hex => `0x${Buffer.from(value).toString('hex')}`);
    fc.assert(
      fc.property(word, word, address, word, fc.nat(255), uint64, fc.nat(2 ** 31), text, text, body, (...values) => {
        const [publisher, name, signer, previous, kind, validUntil, time, repository, tag, content] = values;
        const decoded = decodeLog(log('Attested', values));
        assert.deepEqual(decoded, {
          attested: {
            ...{ publisher, name, signer, previous, kind, time, repository, tag, body: content },
            validUntil: validUntil <= Number.MAX_SAFE_INTEGER ? Number(validUntil) : validUntil,
            ...{
              block: place.blockNumber,
              blockHash: place.blockHash,
              logIndex: 3,
              transaction: place.transactionHash,
            },
          },
        });
      }),
      { numRuns: 30 },
    );
  });

  it('reads no attestation from data that is cut short', () => {
    const whole = log('Attested', [
      place.blockHash,
      place.blockHash,
      place.address,
      place.blockHash,
      1,
      0,
      5,
      'r',
      't',
      '0x010203',
    ]);
    for (let length = 2; length < whole.data.length - 64; length += 64) {
      assert.throws(
        () => decodeLog({ ...whole, data: whole.data.slice(0, length) as Hex }),
        RangeError,
        String(length),
      );
    }
  });

  it('tells which slots changed, and passes over events that it does not know', () => {
    const [publisher, signer] = [`0x${'a'.repeat(64)}`, `0x${'e'.repeat(40)}`] as const;
    const event = { publisher, block: place.blockNumber };
    assert.deepEqual(decodeLog(log('SignerSet', [publisher, signer, 1, 2, 'a'])), { signer: { ...event, signer } });
    assert.deepEqual(decodeLog(log('SignerRevoked', [publisher, signer, 1])), { signer: { ...event, signer } });
    assert.deepEqual(decodeLog(log('WalletEnded', [publisher, signer, 1])), { signer: { ...event, signer } });
    assert.deepEqual(decodeLog(log('OrganizationCreated', [publisher, signer, 'name'])), { signer: event });
    assert.deepEqual(decodeLog(log('AdminTransferred', [publisher, signer, signer])), { signer: event });
    assert.equal(decodeLog({ ...place, topics: [place.blockHash, publisher, publisher], data: '0x' }), undefined);
    assert.equal(decodeLog({ ...place, topics: [], data: '0x' }), undefined);
  });

  it('follows every event of the ledger that a reader has to know', () => {
    const names = library.fragments.flatMap((fragment) =>
      fragment.type === 'event' ? [library.getEvent((fragment as { name: string } & typeof fragment).name)] : [],
    );
    const left = names.filter((event) => event !== null && !ledgerTopics.includes(event.topicHash as Hex32));
    // An offer of a place changes nothing, and the domain of the ledger never changes.
    assert.deepEqual(left.map((event) => event?.name).sort(), ['AdminTransferStarted', 'EIP712DomainChanged']);
  });
});
