/** Schemas for the answers of the Ethereum JSON-RPC API (ethereum/execution-apis); nothing is taken unparsed. */
import * as v from 'valibot';
import { DaoChainError, isDaoChainError } from '../../core/errors';
import type { Address, Hex, Hex32 } from '../../core/hex';
import { RpcError, type RpcCall, type RpcTransport } from './rpcTransport';

function hexSchema<T extends Hex>(pattern: RegExp) {
  return v.pipe(
    v.string(),
    v.regex(pattern),
    v.transform((text) => text.toLowerCase() as T),
  );
}

/** Whole bytes. */
export const bytesSchema = hexSchema<Hex>(/^0x(?:[0-9a-fA-F]{2})*$/);
export const hex32Schema = hexSchema<Hex32>(/^0x[0-9a-fA-F]{64}$/);
export const addressSchema = hexSchema<Address>(/^0x[0-9a-fA-F]{40}$/);

const quantityTextSchema = v.pipe(v.string(), v.regex(/^0x[0-9a-fA-F]{1,64}$/));

/** Wei, gas, chain ids. */
export const bigintSchema = v.pipe(
  quantityTextSchema,
  v.transform((text) => BigInt(text)),
);
/** Block numbers, times, nonces. */
export const numberSchema = v.pipe(
  quantityTextSchema,
  v.transform((text) => Number(text)),
  v.safeInteger(),
);

/** A number as a call takes it. */
export function toQuantity(value: number): Hex {
  return `0x${value.toString(16)}`;
}

/** Unix seconds: the last that a date can be made of. */
const lastTime = 8.64e12;

/** The fields of a block or header that we use. */
export const headerSchema = v.pipe(
  v.object({
    number: numberSchema,
    hash: hex32Schema,
    parentHash: hex32Schema,
    timestamp: numberSchema,
    /** Absent before London. */
    baseFeePerGas: v.optional(bigintSchema),
  }),
  // Each block is at least a second later than the one before, so that no chain has more blocks than seconds.
  v.check(({ number, timestamp }) => number <= timestamp && timestamp <= lastTime, 'a head that no chain has'),
  v.transform(({ timestamp, ...header }) => ({ ...header, time: timestamp })),
);

export const logSchema = v.object({
  address: addressSchema,
  topics: v.array(hex32Schema),
  data: bytesSchema,
  blockNumber: numberSchema,
  blockHash: hex32Schema,
  transactionHash: hex32Schema,
  logIndex: numberSchema,
});

export type RpcLog = v.InferOutput<typeof logSchema>;

export const receiptSchema = v.nullable(v.object({ blockNumber: numberSchema, status: numberSchema }));

/** Reads an answer; one that does not have the form of `method`'s answers is `nodeFailed`, never a value. */
export function readAnswer<T>(schema: v.GenericSchema<unknown, T>, answer: unknown, method: string): T {
  const result = v.safeParse(schema, answer);
  if (result.success) return result.output;
  throw new DaoChainError('nodeFailed', `The node's answer to ${method} is malformed: ${v.summarize(result.issues)}`);
}

/** Decodes an answer's bytes; what is cut short or of another form is `nodeFailed`. */
export function decodeAnswer<T>(method: string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new DaoChainError('nodeFailed', `The node's answer to ${method} is malformed: ${cause.message}`, { cause });
  }
}

/**
 * Calls in one message. An error that the node answers is `nodeFailed`, and so is an answer too large to take. What takes
 * too long is `nodeUnavailable` with the reason `timeout`: the node may be away, or asked for too much.
 */
export async function askNode(
  transport: RpcTransport,
  calls: readonly RpcCall[],
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  try {
    return await transport.batch(calls, signal);
  } catch (error) {
    const refused = error instanceof RpcError;
    // Too much is no outage: less can be asked for.
    const tooLarge = isDaoChainError(error, 'nodeUnavailable') && error.details['reason'] === 'answerTooLarge';
    throw refused || tooLarge ? new DaoChainError('nodeFailed', error.message, { cause: error }) : error;
  }
}
