import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { DockerEngine } from '../../../src/adapters/docker/engine';
import { isDaoChainError, type ErrorCode } from '../../../src/core/errors';
import type { Digest } from '../../../src/core/image/digest';
import { parseReference } from '../../../src/core/image/reference';
import type { VerdictKind } from '../../../src/core/judging/verdict';
import { PullService, type PullOutcome } from '../../../src/services/images/pullService';
import { PushService } from '../../../src/services/images/pushService';
import { buildImage, startEngine, type Engine } from '../../testbed/engine';
import { createProduct, silentLog, testSigner, trust, type Product } from '../../testbed/product';
import { startRegistry, type Registry } from '../../testbed/registry';
import { waitFor } from '../../testbed/waitFor';
import { blob } from '../archive/archives';
import { startHaltingRegistry } from '../docker/haltingRegistry';
import { Pusher } from './registryImages';
import type { ImageTransfer } from '../../../src/core/ports/engine';
import type { RegistryLogin, RegistryLogins } from '../../../src/core/ports/registry';
import type { TransactionSigner } from '../../../src/core/ports/ledger';

const never = new AbortController().signal;
const login = { username: 'reader', password: 'right' };

describe('pulling what was judged', () => {
  let engine: Engine;
  let registry: Registry;
  let locked: Registry;
  let product: Product;
  let owner: TransactionSigner;
  let docker: DockerEngine;
  let image: string;
  let lockedImage: string;
  let goodId: Digest;
  let good: Digest;
  let evil: Digest;
  /** Those of the product, and others that come later. */
  const registries: string[] = [];
  const known = new Map<string, RegistryLogin>();
  const logins: RegistryLogins = { find: (name) => Promise.resolve(known.get(name)) };

  before(async () => {
    [engine, registry, locked, owner] = await Promise.all([
      startEngine(),
      startRegistry(),
      startRegistry({ auth: { user: login.username, password: login.password } }),
      testSigner(),
    ]);
    registries.push(registry.name, locked.name);
    known.set(locked.name, login);
    image = `${registry.name}/shop/web:1.0`;
    lockedImage = `${locked.name}/shop/web:1.0`;
    product = createProduct({ engineHost: engine.host, registries, logins });
    docker = new DockerEngine({ setting: () => engine.host, log: silentLog, logins, homeDirectory: tmpdir() });
    product.owner = owner.address;
    await product.node.start();
    const { writer } = await product.ledgers.open();
    await product.node.mineUntil(async () => (await writer.balance(owner.address, never)) > 0n, never);
    for (const { name } of [registry, locked]) await trust(product, owner.address, `${name}/shop/*`);

    await buildImage(engine.docker, 'evil:1', { files: { motd: 'evil' } });
    await engine.docker.getImage('evil:1').tag({ repo: `${registry.name}/shop/web`, tag: 'evil' });
    evil = await push(`${registry.name}/shop/web:evil`);
    for (const name of [lockedImage, image]) {
      await buildImage(engine.docker, name, { files: { large: randomBytes(4 * 1024 * 1024) } });
      good = await push(name);
      const plan = await product.signing.plan([name], { signer: owner.address }, never);
      await product.node.mineWhile(() => product.signing.execute(plan, owner, never, () => undefined));
    }
    goodId = (await docker.inspect(image, never)).id;
  });
  beforeEach(async () => {
    await forget();
    await pointTagAt(good);
  });
  after(async () => {
    docker.dispose();
    await product.dispose();
    await engine.dispose();
    for (const each of [registry, locked]) await each.dispose();
  });

  const push = async (name: string): Promise<Digest> => {
    const pushes = new PushService({ engine: docker, registry: product.registry });
    const { digest, registryFailure } = await pushes.push(parseReference(name), never, () => undefined);
    assert.equal(registryFailure, undefined);
    return digest;
  };
  /** Takes away all that was pulled. */
  const forget = async (): Promise<void> => {
    for (const { id, tags } of (await docker.list(never)).images)
      if (!tags.includes('evil:1')) await engine.docker.getImage(id).remove({ force: true });
  };
  /** As a registry that was taken over would do. */
  const pointTagAt = async (digest: Digest): Promise<void> => {
    const pusher = new Pusher(registry, 'shop/web');
    await pusher.manifest(await pusher.read(digest), '1.0');
  };
  const pull = async (
    text = image,
    wanted: VerdictKind[] = [],
    transfer: Partial<ImageTransfer> = {},
    signal = never,
  ): Promise<PullOutcome> => {
    const asked: VerdictKind[] = [];
    const parts = {
      list: docker.list.bind(docker),
      inspect: docker.inspect.bind(docker),
      pull: docker.pull.bind(docker),
      tag: docker.tag.bind(docker),
      push: docker.push.bind(docker),
      ...transfer,
    };
    const pulls = new PullService({ engine: parts, verification: product.verification });
    const confirm = ({ verdict }: { readonly verdict: { readonly kind: VerdictKind } }): Promise<boolean> => {
      asked.push(verdict.kind);
      return Promise.resolve(wanted.includes(verdict.kind));
    };
    return pulls.pull({ text }, confirm, signal, () => undefined);
  };
  const idOf = async (name: string): Promise<Digest | undefined> =>
    (await docker.list(never)).images.find(({ tags }) => tags.includes(name))?.id;
  const fails =
    (code: ErrorCode, details: Readonly<Record<string, string>> = {}) =>
    (error: unknown): boolean => {
      if (!isDaoChainError(error, code)) throw error;
      for (const [name, value] of Object.entries(details)) assert.equal(error.details[name], value);
      return true;
    };

  it('brings what was signed and gives it the name, without a question', async () => {
    const { judgedAfter, digest, tagged } = await pull();
    assert.deepEqual([judgedAfter.verdict.kind, digest, tagged?.replaced], ['verified', good, undefined]);
    assert.equal(await idOf(image), goodId);
  });

  it('needs no word of the layers where the pushed manifest was stated', async () => {
    await pull();
    const plan = await product.signing.planCompletion(image, { signer: owner.address }, never);
    if (plan.entries.length > 0)
      await product.node.mineWhile(() => product.signing.execute(plan, owner, never, () => undefined));
    await forget();
    assert.equal((await pull()).judgedBefore.verdict.kind, 'verified');
  });

  it('brings what was judged where the tag moves before the engine pulls', async () => {
    const { judgedAfter } = await pull(image, [], {
      pull: async (...parameters) => {
        await pointTagAt(evil);
        await docker.pull(...parameters);
      },
    });
    assert.equal(judgedAfter.verdict.kind, 'verified');
    assert.equal(await idOf(image), goodId);
  });

  it('asks before it brings what a registry has put in the place of what was signed', async () => {
    await pointTagAt(evil);
    await assert.rejects(pull(), fails('cancelled'));
    assert.equal(await idOf(image), undefined);
    const { digest, judgedBefore, judgedAfter } = await pull(image, ['mismatch']);
    assert.deepEqual([digest, judgedBefore.verdict.kind, judgedAfter.verdict.kind], [evil, 'mismatch', 'mismatch']);
    await pointTagAt(good);
    const { tagged } = await pull();
    assert.equal(tagged?.replaced, (await docker.inspect('evil:1', never)).id);
  });

  it('brings nothing where a rule that enforces does not accept it, and a development ledger never is', async () => {
    const { rules } = product;
    product.rules = rules.map((rule) => ({ ...rule, level: 'enforce' as const }));
    product.verification.reconsider();
    try {
      const nothing = { pull: () => Promise.reject(new Error('nothing is pulled')) };
      await pointTagAt(evil);
      await assert.rejects(pull(image, [], nothing), fails('pullRefused', { verdict: 'mismatch', stage: 'judged' }));
      await pointTagAt(good);
      await assert.rejects(pull(image, [], nothing), fails('pullRefused', { verdict: 'untrusted', stage: 'judged' }));
      assert.equal(await idOf(image), undefined);
    } finally {
      product.rules = rules;
      product.verification.reconsider();
    }
  });

  it('gets nothing from a registry that puts other layers under the signed config', async () => {
    const pusher = new Pusher(registry, 'shop/web');
    const [signed, other] = [await pusher.read(good), await pusher.read(evil)];
    const { config } = JSON.parse(signed.bytes.toString()) as { config: object };
    const { layers } = JSON.parse(other.bytes.toString()) as { layers: object };
    const forged = blob(signed.mediaType, { schemaVersion: 2, mediaType: signed.mediaType, config, layers });
    await pusher.manifest(forged, '1.0');
    await assert.rejects(pull(image, ['mismatch', 'unsigned']), fails('pullFailed'));
    assert.equal(await idOf(image), undefined);
  });

  it('logs in where a password is wanted, in both of its steps', async () => {
    assert.equal((await pull(lockedImage)).judgedAfter.verdict.kind, 'verified');
    await forget();
    known.set(locked.name, { username: login.username, password: 'wrong' });
    product.verification.reconsider();
    try {
      await assert.rejects(pull(lockedImage), fails('registryDenied'));
    } finally {
      known.set(locked.name, login);
    }
  });

  it('leaves everything as it was where it is cancelled in the middle, and where the registry dies', async () => {
    const halting = await startHaltingRegistry(registry);
    const name = `${halting.name}/shop/web:1.0`;
    registries.push(halting.name);
    await engine.docker.getImage('evil:1').tag({ repo: `${halting.name}/shop/web`, tag: '1.0' });
    const before = await idOf(name);
    const abort = new AbortController();
    const cancelled = assert.rejects(pull(name, ['unsigned'], {}, abort.signal), fails('cancelled'));
    await waitFor('the middle', () => halting.halted() > 0);
    abort.abort();
    await cancelled;
    assert.equal(await idOf(name), before);
    await halting.dispose();
    await assert.rejects(pull(name, ['unsigned', 'unknown']), fails('registryUnavailable'));
    assert.equal(await idOf(name), before);
  });
});
