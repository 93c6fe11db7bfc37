import { homedir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { DaoChainError, isDaoChainError } from '../../core/errors';
import { isDigest, type Digest } from '../../core/image/digest';
import type { ImageIdentity, Platform } from '../../core/image/identity';
import { isIndexType } from '../../core/image/manifest';
import { formatReference, parseReference, type ImageReference } from '../../core/image/reference';
import { EngineConnection, failed, type EngineRequest } from './connection';
import { resolveEndpoint, type ResolvedEndpoint } from './endpoint';
import { EngineEvents, type ImageEvent } from './engineEvents';
import { enginePlatform, type KernelNames } from './enginePlatform';
import {
  infoSchema,
  inspectedImage,
  inspectSchema,
  listSchema,
  localImages,
  spelledId,
  storeOf,
  versionSchema,
  type InspectAnswer,
  type VersionAnswer,
} from './inspectAnswer';
import { messageLines } from './messageLines';
import { registryAuth } from './registryAuth';
import type { SavedTarget } from '../archive/savedImage';
import { transferError } from './transferError';
import { followTransfer } from './transferMessages';
import type { Event } from '../../core/emitter';
import type { Clock } from '../../core/ports/clock';
import type { Log } from '../../core/ports/log';
import type {
  BuildRequest,
  ContainerEngine,
  EngineEndpoint,
  EngineEvent,
  EngineSnapshot,
  ImageStore,
  ImageTransfer,
  InspectedImage,
  TransferProgress,
} from '../../core/ports/engine';
import type { RegistryLogin, RegistryLogins } from '../../core/ports/registry';

export interface DockerEngineOptions {
  /** The user's own endpoint, asked again for each connection. */
  readonly setting: () => string | undefined;
  readonly log: Log;
  /** Of registries that are pulled from and pushed to; nobody is logged in unless given. */
  readonly logins?: RegistryLogins;
  /** The process's own unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory?: string;
  /** Waits between attempts to reach the engine's events; a timer unless given. */
  readonly delay?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly clock?: Clock;
}

const second = 1_000;
const minute = 60 * second;
const mebibyte = 1024 * 1024;
const timeouts = {
  info: 30 * second,
  // The containerd store takes 4 s for 1,000 images.
  list: 2 * minute,
  inspect: minute,
  events: 30 * second,
  // Before the first byte engine 20.10 writes the whole image to disk, and a builder takes in the whole context.
  save: 30 * minute,
  build: 60 * minute,
  // Before the first byte an engine talks to the registry, and tries again.
  transfer: 5 * minute,
  stalled: 5 * minute,
};
const answerLimits = { info: 4 * mebibyte, list: 64 * mebibyte, inspect: 16 * mebibyte };
/** What only reads; `save` is our own doing. */
const readingActions = ['save', 'mount', 'unmount'];

const eventSchema = v.object({
  Action: v.string(),
  Actor: v.object({ ID: v.string(), Attributes: v.nullish(v.object({ name: v.optional(v.string()) })) }),
});
const wordsSchema = v.optional(v.fallback(v.optional(v.string()), undefined));
const buildMessageSchema = v.object({
  stream: wordsSchema,
  status: wordsSchema,
  id: wordsSchema,
  progress: wordsSchema,
  error: wordsSchema,
});

interface About {
  readonly store: ImageStore;
  readonly kernel: KernelNames;
}

/**
 * Docker Engine, or what speaks its API, by dockerode. The endpoint is found again whenever the engine has not answered.
 * Images are named by ID or reference; anything else is `referenceInvalid`.
 */
export class DockerEngine implements ContainerEngine, ImageTransfer {
  readonly onEvent: Event<EngineEvent>;
  readonly #events: EngineEvents;
  #connection: Promise<EngineConnection> | undefined;
  /** By connection, for another one can be another engine; known after the first use. */
  readonly #abouts = new WeakMap<EngineConnection, About>();
  readonly #platforms = new WeakMap<EngineConnection, Platform>();
  #announced: string | undefined;

  constructor(private readonly options: DockerEngineOptions) {
    this.#events = new EngineEvents({
      subscribe: (connected, onImage, signal) => this.#subscribe(connected, onImage, signal),
      delay: options.delay ?? ((milliseconds, signal) => delay(milliseconds, undefined, { signal, ref: false })),
      clock: options.clock ?? Date.now,
      log: options.log,
    });
    this.onEvent = this.#events.on;
  }

  async endpoint(): Promise<EngineEndpoint> {
    const { host, origin, context } = (await this.#connection)?.endpoint ?? (await this.#resolve());
    return { host, origin, ...(context === undefined ? {} : { context }) };
  }

  async list(signal: AbortSignal): Promise<EngineSnapshot> {
    return this.#use(async (connection) => {
      const [images, { store }] = await Promise.all([
        connection.json({ path: '/images/json', timeoutMs: timeouts.list }, listSchema, answerLimits.list, signal),
        this.#ask(connection, signal),
      ]);
      const unread = images.body.filter((image) => image === null).length;
      if (unread > 0)
        this.options.log.warn(`${unread} of the images that the engine lists have no ID that can be read`);
      return { store, images: localImages(images.body) };
    });
  }

  async platform(signal: AbortSignal): Promise<Platform> {
    return this.#use(async (connection) => {
      const known = this.#platforms.get(connection);
      if (known !== undefined) return known;
      const [{ kernel }, version] = await Promise.all([
        this.#ask(connection, signal),
        this.#version(connection, signal),
      ]);
      const platform = enginePlatform(version, kernel);
      this.#platforms.set(connection, platform);
      return platform;
    });
  }

  async inspect(image: string, signal: AbortSignal): Promise<InspectedImage> {
    return this.#use(async (connection) => (await this.#inspect(connection, image, signal)).inspected);
  }

  async readIdentity(image: string, signal: AbortSignal, onProgress?: (bytes: number) => void): Promise<ImageIdentity> {
    return this.#use(async (connection) => {
      const { answer, inspected } = await this.#inspect(connection, image, signal);
      const target = { id: answer.Id, root: rootOf(answer), inspected: inspected.identity };
      const request = { path: `/images/${answer.Id}/get`, timeoutMs: timeouts.save, image };
      const { ArchiveDamaged, readSavedImage } = await import(
        /* webpackMode: "lazy", webpackChunkName: "archive" */ '../archive/savedImage'
      );
      try {
        return await connection.stream(request, signal, (archive) => {
          archive.setTimeout(timeouts.stalled, () => {
            archive.destroy(Object.assign(new Error('The archive does not go on'), { code: 'timeout' }));
          });
          return readSavedImage(archive, target, onProgress);
        });
      } catch (error) {
        if (error instanceof ArchiveDamaged)
          throw failed('damaged', 'The engine does not send an archive', { cause: error });
        if (!isDaoChainError(error, 'engineFailed') || error.details['reason'] !== '500') throw error;
        // The classic store refuses to save an image without layers, whole as it is.
        const reason = inspected.identity.content.diffIds.length === 0 ? 'unsaveable' : 'damaged';
        throw failed(reason, 'The engine cannot read its own image', {
          answer: error.details['message'],
          cause: error,
        });
      }
    });
  }

  async build(request: BuildRequest, signal: AbortSignal, onOutput: (line: string) => void): Promise<void> {
    const { text: tag } = parseReference(request.tag);
    const { buildContext } = await import(/* webpackMode: "lazy", webpackChunkName: "archive" */ './buildContext');
    const { archive, dockerfile } = await buildContext(request);
    let contextError: Error | undefined;
    archive.once('error', (error) => {
      contextError = error;
    });
    const call = {
      method: 'POST' as const,
      path: '/build',
      query: { t: tag, dockerfile, version: '1', rm: '1', forcerm: '1' },
      body: archive,
      timeoutMs: timeouts.build,
    };
    try {
      await this.#use((connection) => connection.stream(call, signal, (body) => followBuild(body, onOutput)));
    } catch (error) {
      const cause = contextError ?? error;
      if (contextError === undefined && !isDaoChainError(error, 'engineFailed')) throw error;
      const message = cause instanceof DaoChainError ? cause.details['message'] : (cause as Error).message;
      throw buildFailed(message ?? 'The engine refused the build', cause);
    } finally {
      archive.destroy();
    }
  }

  async pull(
    reference: ImageReference,
    platform: string | undefined,
    signal: AbortSignal,
    onProgress: (progress: TransferProgress) => void,
  ): Promise<void> {
    const { repository, digest } = reference;
    if (digest === undefined) throw new DaoChainError('invalidInput', 'What is pulled is named by its digest');
    const pinned = formatReference({ repository, digest });
    const query = { fromImage: pinned, ...(platform === undefined ? {} : { platform }) };
    await this.#transfer('pull', reference, { path: '/images/create', query }, signal, onProgress);
    try {
      await this.inspect(pinned, signal);
    } catch (error) {
      if (!isDaoChainError(error, 'imageNotFound')) throw error;
      const details = { image: pinned, reason: 'absent' };
      throw new DaoChainError('pullFailed', 'The engine pulled something else', { details, cause: error });
    }
  }

  async tag(image: string, reference: ImageReference, signal: AbortSignal): Promise<void> {
    const request = {
      method: 'POST' as const,
      path: `/images/${nameOf(image)}/tag`,
      query: taggedName(reference),
      timeoutMs: timeouts.inspect,
      image,
    };
    await this.#use((connection) => connection.stream(request, signal, () => Promise.resolve()));
  }

  async push(
    reference: ImageReference,
    signal: AbortSignal,
    onProgress: (progress: TransferProgress) => void,
  ): Promise<{ readonly digest: Digest }> {
    const { repo, tag } = taggedName(reference);
    const request = { path: `/images/${repo}/push`, query: { tag } };
    const digest = await this.#transfer('push', reference, request, signal, onProgress);
    if (digest !== undefined) return { digest };
    const details = { image: reference.text, reason: 'noDigest' };
    throw new DaoChainError('pushFailed', 'The engine does not say what it pushed', { details });
  }

  /** Finds the endpoint anew with the next call, because a setting has changed. */
  reconnect(): void {
    this.#disconnect();
    this.#events.restart();
  }

  dispose(): void {
    this.#events.dispose();
    this.#disconnect();
  }

  #disconnect(): void {
    void this.#connection?.then(
      (connection) => {
        connection.dispose();
      },
      () => undefined,
    );
    this.#forget();
  }

  #forget(): void {
    this.#connection = undefined;
  }

  async #resolve(): Promise<ResolvedEndpoint> {
    const { setting, environment = process.env, homeDirectory = homedir() } = this.options;
    return resolveEndpoint({ setting: setting(), environment, homeDirectory, platform: process.platform });
  }

  async #open(): Promise<EngineConnection> {
    const connection = await EngineConnection.open(await this.#resolve());
    const { host, origin } = connection.endpoint;
    if (host !== this.#announced) this.options.log.info(`Docker endpoint: ${host} (${origin})`);
    this.#announced = host;
    return connection;
  }

  async #use<T>(action: (connection: EngineConnection) => Promise<T>): Promise<T> {
    const current = (this.#connection ??= this.#open());
    try {
      const result = await action(await current);
      this.#events.observe(true);
      return result;
    } catch (error) {
      if (isDaoChainError(error, 'engineUnavailable')) {
        // Calls that are still under way keep their sockets and find out for themselves.
        if (this.#connection === current) this.#forget();
        this.#events.observe(false);
      }
      throw error;
    }
  }

  async #ask(connection: EngineConnection, signal: AbortSignal): Promise<About> {
    const known = this.#abouts.get(connection);
    if (known !== undefined) return known;
    const request = { path: '/info', timeoutMs: timeouts.info };
    const { body } = await connection.json(request, infoSchema, answerLimits.info, signal);
    const about = { store: storeOf(body), kernel: { os: body.OSType, machine: body.Architecture } };
    this.#abouts.set(connection, about);
    return about;
  }

  /** Undefined where the engine does not know the question. */
  async #version(connection: EngineConnection, signal: AbortSignal): Promise<VersionAnswer | undefined> {
    const request = { path: '/version', timeoutMs: timeouts.info };
    try {
      return (await connection.json(request, versionSchema, answerLimits.info, signal)).body;
    } catch (error) {
      if (isDaoChainError(error, 'engineFailed') && error.details['reason'] === '404') return undefined;
      throw error;
    }
  }

  async #inspect(
    connection: EngineConnection,
    image: string,
    signal: AbortSignal,
  ): Promise<{ readonly answer: InspectAnswer; readonly inspected: InspectedImage }> {
    const request = {
      path: `/images/${nameOf(image)}/json`,
      query: { manifests: '1' },
      timeoutMs: timeouts.inspect,
      image,
    };
    const { body, apiVersion } = await connection.json(request, inspectSchema, answerLimits.inspect, signal);
    return { answer: body, inspected: inspectedImage(body, apiVersion) };
  }

  async #transfer(
    direction: 'pull' | 'push',
    reference: ImageReference,
    { path, query }: Pick<EngineRequest, 'path' | 'query'>,
    signal: AbortSignal,
    onProgress: (progress: TransferProgress) => void,
  ): Promise<Digest | undefined> {
    const { login, fault } = await this.#login(reference, signal);
    const request = {
      method: 'POST' as const,
      path,
      ...(query === undefined ? {} : { query }),
      registryAuth: registryAuth(reference.registry, login),
      timeoutMs: timeouts.transfer,
    };
    const failure = (words: string | undefined): DaoChainError => transferError(direction, reference, words);
    const options = { direction, stallMs: timeouts.stalled, failure, onProgress };
    try {
      return await this.#use((connection) =>
        connection.stream(request, signal, (body) => followTransfer(body, options)),
      );
    } catch (error) {
      // What fails before the first message has a status of its own, but means the same.
      const refused = isDaoChainError(error, 'engineFailed') && /^[45]\d\d$/.test(error.details['reason'] ?? '');
      const told = refused ? transferError(direction, reference, error.details['message'], error) : error;
      throw isDaoChainError(told, 'registryDenied') ? (fault ?? told) : told;
    }
  }

  /** A login that cannot be had does not stand in the way of what everybody may have; `fault` tells of it. */
  async #login(
    { registry, path }: ImageReference,
    signal: AbortSignal,
  ): Promise<{ readonly login?: RegistryLogin | undefined; readonly fault?: DaoChainError }> {
    try {
      return { login: await this.options.logins?.find(registry, signal, path) };
    } catch (error) {
      if (!isDaoChainError(error, 'registryLogin')) throw error;
      this.options.log.warn(`No login for ${registry}: ${error.message}`);
      return { fault: error };
    }
  }

  async #subscribe(connected: () => void, onImage: (event: ImageEvent) => void, signal: AbortSignal): Promise<void> {
    const request = {
      path: '/events',
      query: { filters: JSON.stringify({ type: ['image'] }) },
      timeoutMs: timeouts.events,
    };
    await this.#use((connection) =>
      connection.stream(request, signal, async (body) => {
        // A connection to another machine may vanish without a word.
        body.socket.setKeepAlive(true, 30 * second);
        connected();
        for await (const message of messageLines(body)) {
          const event = v.safeParse(eventSchema, message);
          if (!event.success) onImage({ type: 'image' });
          else if (!readingActions.includes(event.output.Action)) onImage(imageEvent(event.output));
        }
      }),
    );
  }
}

/** By what the engine is asked for it; `referenceInvalid` for what is neither an ID nor a reference. */
function nameOf(image: string): string {
  return isDigest(image) ? image : parseReference(image).text;
}

/** A name as it was written, in the parts that the API wants it in. `invalidInput` without a tag. */
function taggedName({ text, tag }: ImageReference): { readonly repo: string; readonly tag: string } {
  if (tag === undefined) throw new DaoChainError('invalidInput', 'A name with a tag is needed', { details: { text } });
  const [named = ''] = text.split('@');
  return { repo: named.endsWith(`:${tag}`) ? named.slice(0, -tag.length - 1) : named, tag };
}

/** A build and `docker tag` give a name with `tag`; a load and a pull, which do so too, do not tell it. */
function imageEvent({ Action: action, Actor: { ID: id, Attributes } }: v.InferOutput<typeof eventSchema>): ImageEvent {
  const name = Attributes?.name;
  return {
    type: 'image',
    id: spelledId(id),
    ...(action === 'tag' && name !== undefined && { tagged: name }),
    ...(action === 'load' && { loaded: true }),
  };
}

function rootOf({ Descriptor: descriptor }: InspectAnswer): SavedTarget['root'] {
  if (descriptor === undefined) return 'config';
  return isIndexType(descriptor.mediaType) ? 'index' : 'manifest';
}

async function followBuild(body: AsyncIterable<Buffer>, onOutput: (line: string) => void): Promise<void> {
  for await (const message of messageLines(body)) {
    const { stream, status, id, progress, error } = v.parse(buildMessageSchema, message);
    if (error !== undefined) throw buildFailed(error);
    if (stream !== undefined) for (const line of stream.split('\n')) if (line.trim() !== '') onOutput(line.trimEnd());
    // A pull repeats its bars many times a second.
    if (status !== undefined && progress === undefined) onOutput(id === undefined ? status : `${id}: ${status}`);
  }
}

/** `details.message` is the engine's own last line, or the system's word on the context. */
function buildFailed(message: string, cause?: unknown): DaoChainError {
  return new DaoChainError('buildFailed', 'The build failed', { details: { message }, cause });
}
