import type { Socket } from 'node:net';
import * as v from 'valibot';
import { splitLines } from './runProgram';

/** What an owner tells the windows that use its node, one JSON value a line. A closed socket alone: the owner has left. */
const toWindowSchema = v.variant('type', [
  /** Comes first: there is an owner, and it is alive. */
  v.object({ type: v.literal('hello') }),
  v.object({ type: v.literal('log'), line: v.string() }),
  /** What came of the node's last call to a hub, at an address. */
  v.object({
    type: v.literal('call'),
    address: v.string(),
    outcome: v.picklist(['connected', 'unreachable', 'otherAnswer', 'notAdmitted', 'refused']),
    wasConnected: v.boolean(),
  }),
  v.object({ type: v.literal('ready') }),
  v.object({ type: v.literal('ended'), reason: v.picklist(['stopped', 'crashed']), code: v.nullable(v.number()) }),
  /** What came of the window's last `mine`, `rest` or `endMining`; without a `fault` it was done. */
  v.object({
    type: v.literal('done'),
    fault: v.optional(v.string()),
    /** Where this machine cannot do what was asked: the details of `miningRefused`. */
    refused: v.optional(v.record(v.string(), v.string())),
  }),
  /** How many threads mine, for whoever asked last; null when nobody has. */
  v.object({ type: v.literal('threads'), threads: v.nullable(v.number()) }),
  /** A person has ended mining for all who had asked for it. */
  v.object({ type: v.literal('miningEnded') }),
]);

/** A log line whose every character had to be escaped, and what is around it. */
const longestMessage = 32_768;

/** A window mines by its connection, and so no longer than it lives. */
const toOwnerSchema = v.variant('type', [
  v.object({ type: v.literal('stop') }),
  v.object({
    type: v.literal('mine'),
    threads: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_024)),
    etherbase: v.pipe(
      v.string(),
      v.regex(/^0x[0-9a-f]{40}$/),
      v.transform((text) => text as `0x${string}`),
    ),
  }),
  v.object({ type: v.literal('rest') }),
  v.object({ type: v.literal('endMining') }),
]);

export type MessageToWindow = v.InferOutput<typeof toWindowSchema>;
export type MessageToOwner = v.InferOutput<typeof toOwnerSchema>;

export function send(socket: Socket, message: MessageToWindow | MessageToOwner): void {
  if (socket.writable) socket.write(JSON.stringify(message) + '\n');
}

export function receiveFromOwner(socket: Socket, listener: (message: MessageToWindow) => void): void {
  receive(socket, toWindowSchema, listener);
}

export function receiveFromWindow(socket: Socket, listener: (message: MessageToOwner) => void): void {
  receive(socket, toOwnerSchema, listener);
}

/** Whoever sends anything else is not DaoChain; nothing more is read from them. */
function receive<T>(socket: Socket, schema: v.GenericSchema<unknown, T>, listener: (message: T) => void): void {
  const read = splitLines((line) => {
    let message: T;
    try {
      message = v.parse(schema, JSON.parse(line));
    } catch {
      socket.destroy();
      return;
    }
    listener(message);
  }, longestMessage);
  socket.on('data', read);
  socket.on('error', () => undefined);
}
