import * as v from 'valibot';
import { DaoChainError } from '../../core/errors';
import type { Disposable } from '../../core/emitter';

/** One JSON-RPC call. */
export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

const longestMessage = 2_000;

/** The node answered, with an error (JSON-RPC 2.0, section 5.1). `data` holds what a contract reverted with. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data: unknown) {
    // A node's word for people and logs; what is decided by is its code and its data.
    super(message.slice(0, longestMessage));
    this.code = code;
    this.data = data;
  }
}

/** JSON-RPC to one node. No call hangs: what ends the way to the node rejects what waits on it with `nodeUnavailable`. */
export interface RpcTransport extends Disposable {
  /** One call. Rejects with an `RpcError`, `nodeUnavailable` or `cancelled`. */
  request(method: string, params: readonly unknown[], signal: AbortSignal): Promise<unknown>;
  /**
   * Several calls in one message; the results in their order, or the error of the first that fails. `nodeUnavailable`
   * with the reason `answerTooLarge` for what is too much to take, with `timeout` for what takes too long.
   */
  batch(calls: readonly RpcCall[], signal: AbortSignal): Promise<readonly unknown[]>;
  /**
   * New blocks (`newHeads`) until disposed, over outages too. `onSubscribed` comes each time that begins: what happened
   * before was missed.
   */
  subscribe(topic: 'newHeads', onValue: (value: unknown) => void, onSubscribed: () => void): Disposable;
}

export interface RpcLimits {
  /** How long an answer may take, to its last byte, in milliseconds; 30,000 unless given. */
  readonly timeoutMs?: number;
  /** How many bytes one answer may have; 64 MiB unless given. */
  readonly maximumBytes?: number;
}

export const defaultLimits: Required<RpcLimits> = { timeoutMs: 30_000, maximumBytes: 64 * 2 ** 20 };

/** Less might be answered; as {@link tooSlow}. */
export function tooLarge(maximumBytes: number): DaoChainError {
  return new DaoChainError('nodeUnavailable', `An answer of more than ${maximumBytes} bytes`, {
    details: { reason: 'answerTooLarge' },
  });
}

/** Nothing, or nothing whole, came back in time. */
export function tooSlow(message: string): DaoChainError {
  return new DaoChainError('nodeUnavailable', message, { details: { reason: 'timeout' } });
}

/** The answer to one call. */
export const answerSchema = v.object({
  id: v.number(),
  result: v.optional(v.unknown()),
  error: v.optional(v.object({ code: v.number(), message: v.string(), data: v.optional(v.unknown()) })),
});
