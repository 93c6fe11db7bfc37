import * as v from 'valibot';
import type { Hex } from '../../core/hex';
import type { JsonValue } from '../../core/json/canonicalJson';
import { parseStrictJson, StrictJsonError } from '../../core/json/strictJson';
import type { SigningRequest } from '../../core/ledger/signingRequest';
import { checkedForm, maximumEntries, requestInvalid } from '../../core/ledger/signingRequest';
import { maximumBodyLength } from '../../core/ledger/statement';

export const requestExtension = '.daochain-request.json';

const type = 'daochain-signing-request';
const version = 1;
/** Of a Safe with a hundred owners; a wallet's has 65. */
const maximumSignatureLength = 6_500;
/** Bytes; more than the largest request has. */
export const largestRequestFile = 4 * 1024 * 1024;

const hex = (least: number, most = least): v.GenericSchema<unknown, Hex> =>
  v.custom<Hex>(
    (value) =>
      typeof value === 'string' &&
      /^0x(?:[0-9a-f]{2})+$/.test(value) &&
      value.length >= 2 + 2 * least &&
      value.length <= 2 + 2 * most,
  );
const seconds = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const schema = v.strictObject({
  type: v.literal(type),
  version: v.literal(version),
  ledger: v.strictObject({
    chainId: v.pipe(
      v.string(),
      v.regex(/^[1-9][0-9]{0,77}$/),
      v.transform((digits) => BigInt(digits)),
    ),
    genesisHash: hex(32),
    address: hex(20),
  }),
  publisher: hex(32),
  signer: v.optional(hex(20)),
  deadline: seconds,
  entries: v.pipe(
    v.array(
      v.strictObject({
        previous: hex(20),
        kind: v.picklist(['publish', 'vouch', 'revoke']),
        validUntil: seconds,
        repository: v.string(),
        tag: v.string(),
        body: hex(1, maximumBodyLength),
      }),
    ),
    v.minLength(1),
  ),
  signatures: v.optional(v.array(hex(1, maximumSignatureLength))),
});

/** Reads a request file. Everything in it can be understood, or it is refused: `requestInvalid`. */
export function parseRequestFile(bytes: Uint8Array): SigningRequest {
  const json = readJson(bytes);
  if (v.is(v.looseObject({ type: v.literal(type), version: v.pipe(v.number(), v.minValue(version + 1)) }), json)) {
    throw requestInvalid('newer', 'A request of a later version');
  }
  if (v.is(v.looseObject({ entries: v.pipe(v.array(v.unknown()), v.minLength(maximumEntries + 1)) }), json)) {
    throw requestInvalid('tooMany', `More than ${maximumEntries} entries`);
  }
  const parsed = v.safeParse(schema, json);
  if (!parsed.success) throw requestInvalid('damaged', 'Not a signing request', {}, new v.ValiError(parsed.issues));
  const { ledger, publisher, signer, deadline, entries, signatures } = parsed.output;
  return checkedForm({
    ledger,
    publisher,
    deadline,
    ...(signer !== undefined && { signer }),
    entries: entries.map((entry) => ({ publisher, ...entry })),
    ...(signatures !== undefined && { signatures }),
  });
}

/** The text of a request file. */
export function formatRequestFile({
  ledger,
  publisher,
  signer,
  deadline,
  entries,
  signatures,
}: SigningRequest): string {
  const file = {
    type,
    version,
    ledger: { ...ledger, chainId: ledger.chainId.toString() },
    publisher,
    signer,
    deadline,
    entries: entries.map(({ previous, kind, validUntil, repository, tag, body }) => ({
      previous,
      kind,
      validUntil,
      repository,
      tag,
      body,
    })),
    signatures,
  };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

function readJson(bytes: Uint8Array): JsonValue {
  try {
    return parseStrictJson(bytes, { bytes: largestRequestFile, depth: 4 });
  } catch (cause) {
    if (!(cause instanceof StrictJsonError)) throw cause;
    throw requestInvalid('damaged', 'Not strict JSON', {}, cause);
  }
}
