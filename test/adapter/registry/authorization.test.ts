import assert from 'node:assert/strict';
import { DaoChainError } from '../../../src/core/errors';
import { parseReference } from '../../../src/core/image/reference';
import { failsWith } from '../docker/daoChainError';
import { certificateFolder, KeptLog, newRegistry, unlimited } from './newRegistry';
import { servedImage, ServedRepository } from './servedImages';
import { makeCertificate, startServer, type Asked, type Certificate, type TestServer } from './testServer';
import type { RegistryLogin } from '../../../src/core/ports/registry';

const image = servedImage('a');
const repository = new ServedRepository().image(image, '1');
const login = { username: 'ann', password: 'hush:hush' } as const;
const basic = `Basic ${Buffer.from('ann:hush:hush').toString('base64')}`;
const secrets = ['hush', basic, 'token-of-', 'identity-secret'];

describe('authorization at a registry', () => {
  let certificate: Certificate;
  let registry: TestServer;
  let tokens: TestServer;
  /** What a request without a valid authorization is answered. */
  let challenge: string | string[];
  /** Whether a request is let in. */
  let valid: (asked: Asked) => boolean;
  /** What the token server says. */
  let grant: (asked: Asked) => { readonly status: number; readonly body: unknown };
  let now: number;
  let log: KeptLog;
  let issued: number;

  before(async () => {
    certificate = makeCertificate('registry.test', 'token.test', 'store.test');
    registry = await startServer(
      (asked, response) => {
        if (valid(asked)) repository.answer(asked, response);
        else response.writeHead(401, { 'www-authenticate': challenge }).end('{"errors":[]}');
      },
      { tls: certificate },
    );
    tokens = await startServer(
      (asked, response) => {
        const { status, body } = grant(asked);
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      },
      { tls: certificate },
    );
  });
  after(async () => {
    await registry.close();
    await tokens.close();
  });
  beforeEach(() => {
    registry.lines();
    tokens.lines();
    now = 1_000_000;
    issued = 0;
    log = new KeptLog();
    challenge = `Bearer realm="https://token.test:${tokens.port}/token?x=1",service="the registry",scope="repository:shop:pull,push"`;
    valid = ({ authorization }) => authorization === `Bearer token-of-${issued}`;
    grant = ({ line }) => {
      const { searchParams } = new URL(line.split(' ')[1] ?? '', 'https://token.test');
      const known =
        searchParams.get('scope') === 'repository:shop:pull' && searchParams.get('service') === 'the registry';
      return known
        ? { status: 200, body: { token: `token-of-${++issued}`, expires_in: 300 } }
        : { status: 400, body: { details: 'unknown scope' } };
    };
  });

  /** Login, and how often it was looked for. */
  const loginsOf = (found: RegistryLogin | Error | undefined) => {
    const asked: string[] = [];
    return {
      asked,
      find: (name: string) => {
        asked.push(name);
        return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
      },
    };
  };
  const open = (logins = loginsOf(undefined), options: Parameters<typeof newRegistry>[0] = {}) =>
    newRegistry({
      logins,
      log,
      clock: () => now,
      certificateFolders: [
        certificateFolder({
          [`registry.test:${registry.port}`]: { authority: certificate },
          [`token.test:${tokens.port}`]: { authority: certificate },
        }),
      ],
      ...options,
    });
  const reference = () => parseReference(`registry.test:${registry.port}/shop:1`);
  const read = (client: ReturnType<typeof newRegistry>) => client.read(reference(), 'all', unlimited);
  /** The error, in which no secret may be. */
  const failureOf = async (client: ReturnType<typeof newRegistry>): Promise<DaoChainError> => {
    const error: unknown = await read(client).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof DaoChainError);
    const texts = [log.text];
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      texts.push(cause.message, cause.stack ?? '', JSON.stringify(cause));
    }
    for (const secret of secrets) assert.equal(texts.join('\n').includes(secret), false, `${secret} is told`);
    return error;
  };

  it('is a token for reading this repository, got without a login and kept', async () => {
    const client = open();
    await read(client);
    assert.deepEqual(registry.lines(), [
      'HEAD /v2/shop/manifests/1',
      'HEAD /v2/shop/manifests/1',
      `GET /v2/shop/manifests/${image.manifest.digest}`,
      `GET /v2/shop/blobs/${image.config.digest}`,
    ]);
    assert.deepEqual(tokens.lines(), ['GET /token?x=1&service=the+registry&scope=repository%3Ashop%3Apull']);
    assert.equal(tokens.asked.at(-1)?.authorization, undefined);
    now += 290_000;
    await read(client);
    assert.deepEqual(registry.lines(), ['HEAD /v2/shop/manifests/1']);
    now += 10_000;
    await read(client);
    assert.equal(tokens.lines().length, 1, 'a token that ends is asked for again');
  });

  it('is asked for again when a token is taken back', async () => {
    const client = open();
    await read(client);
    issued += 1;
    await read(client);
    assert.equal(tokens.lines().length, 2);
  });

  it('tells the token server who asks, where somebody has logged in', async () => {
    const logins = loginsOf(login);
    await read(open(logins));
    assert.deepEqual(logins.asked, [`registry.test:${registry.port}`]);
    const { line = '', authorization } = tokens.asked.at(-1) ?? {};
    assert.match(line, /&account=ann$/);
    assert.equal(authorization, basic);
    assert.equal(
      registry.asked.some((asked) => asked.authorization === basic),
      false,
    );
  });

  it('changes an identity token into a token for reading', async () => {
    grant = ({ line, body }) => {
      const form = new URLSearchParams(body);
      const wanted = [form.get('grant_type'), form.get('refresh_token'), form.get('scope'), form.get('service')];
      assert.deepEqual(wanted, ['refresh_token', 'identity-secret', 'repository:shop:pull', 'the registry']);
      assert.equal(line, 'POST /token?x=1');
      return { status: 200, body: { access_token: `token-of-${++issued}` } };
    };
    await read(open(loginsOf({ identityToken: 'identity-secret' })));
    assert.equal(issued, 1);
  });

  it('does not follow with an identity token where the token server leads', async () => {
    grant = () => ({ status: 307, body: '' });
    const error = await failureOf(open(loginsOf({ identityToken: 'identity-secret' })));
    assert.equal(error.details['reason'], 'http307');
  });

  it('is a name and a password where the registry wants that', async () => {
    challenge = 'Basic realm="shop"';
    valid = ({ authorization }) => authorization === basic;
    const logins = loginsOf(login);
    const client = open(logins);
    await read(client);
    await read(client);
    assert.equal(logins.asked.length, 1);
    assert.deepEqual(tokens.lines(), []);
  });

  it('is not looked for before a registry asks', async () => {
    valid = () => true;
    const logins = loginsOf(login);
    await read(open(logins));
    assert.deepEqual(logins.asked, []);
    assert.equal(registry.asked.at(-1)?.authorization, undefined);
  });

  it('is refused without a login, and with a wrong one', async () => {
    grant = () => ({ status: 401, body: {} });
    assert.equal((await failureOf(open())).details['reason'], 'loginMissing');
    const error = await failureOf(open(loginsOf(login)));
    assert.equal(error.code, 'registryDenied');
    assert.equal(error.details['reason'], 'loginRejected');
    challenge = 'Basic realm="shop"';
    assert.equal((await failureOf(open())).details['reason'], 'loginMissing');
    assert.equal((await failureOf(open(loginsOf(login)))).details['reason'], 'loginRejected');
  });

  it('is refused where the token does not suffice, after one more question', async () => {
    valid = () => false;
    const error = await failureOf(open(loginsOf(login)));
    assert.equal(error.details['reason'], 'loginRejected');
    assert.equal(registry.lines().length, 2);
    assert.equal(tokens.lines().length, 1);
  });

  it('goes on without a login where a helper fails, and names the helper where that does not suffice', async () => {
    const failure = new DaoChainError('registryLogin', 'helper', { details: { reason: 'helper', helper: 'test' } });
    await read(open(loginsOf(failure)));
    assert.match(log.text, /No login for registry\.test/);
    valid = () => false;
    assert.equal((await failureOf(open(loginsOf(failure)))).details['helper'], 'test');
  });

  for (const [what, body] of Object.entries({
    'no JSON': 'token-of-1 is no JSON',
    'no token': { expires_in: 1 },
    'a token that is no header': { token: 'token-of-\r\nX: 1' },
    'another type': { token: 7, access_token: ['token-of-1'] },
    'nothing in it': { token: '', access_token: null },
    'a list': [{ token: 'token-of-1' }],
    'too much': { token: 'token-of-'.repeat(10_000) },
  })) {
    it(`takes no token from an answer with ${what}`, async () => {
      grant = () => ({ status: 200, body });
      assert.equal((await failureOf(open())).code, 'registryUnavailable');
    });
  }

  for (const [what, more] of Object.entries({
    'an empty token beside a good one': { token: '', access_token: 'token-of-1' },
    'an empty access token beside a good one': { token: 'token-of-1', access_token: '' },
    'null beside a good one': { token: null, access_token: 'token-of-1', expires_in: null },
    'a number beside a good one': { token: 7, access_token: 'token-of-1' },
    'a lifetime in words': { token: 'token-of-1', expires_in: '300' },
    'no lifetime': { token: 'token-of-1' },
    'a lifetime of nothing': { token: 'token-of-1', expires_in: 0 },
    'a lifetime that is over': { token: 'token-of-1', expires_in: -1 },
    'a lifetime that is none': { token: 'token-of-1', expires_in: 'soon' },
    'a time and a scope': { token: 'token-of-1', issued_at: null, scope: 7, refresh_token: {} },
  })) {
    it(`takes a token from an answer with ${what}`, async () => {
      grant = () => {
        issued = 1;
        return { status: 200, body: more };
      };
      const client = open();
      await read(client);
      await read(client);
      assert.equal(tokens.lines().length, 1, 'a token lives for a minute at least');
    });
  }

  for (const [what, headerOf] of Object.entries({
    'no quotes': (realm: string) => `Bearer realm=${realm},service=the-registry,scope=repository:shop:pull`,
    'no quotes around the scope': (realm: string) => `Bearer realm="${realm}",scope=repository:shop:pull`,
    'no commas': (realm: string) => `Bearer realm="${realm}" scope="repository:shop:pull"`,
    'an empty service': (realm: string) => `Bearer realm="${realm}",service=""`,
    'another case': (realm: string) => `BEARER Realm="${realm}"`,
    'spaces around': (realm: string) => `bearer realm = " ${realm} "`,
    'a realm twice': (realm: string) => `Bearer realm="https://elsewhere.test/token",realm="${realm}"`,
    'what it means behind it': (realm: string) =>
      `Bearer error="invalid_token",realm="${realm}",error_description="a, b"`,
    'a password offered too': (realm: string) => `Basic realm="shop", Bearer realm="${realm}"`,
    'schemes that nobody has': (realm: string) => `Negotiate, NTLM abc==, Bearer realm="${realm}", Digest qop="auth"`,
    'a realm that is none before': (realm: string) => `Bearer realm="shop", Bearer realm="${realm}"`,
  })) {
    it(`takes up a challenge with ${what}`, async () => {
      challenge = headerOf(`https://token.test:${tokens.port}/token?x=1`);
      grant = () => ({ status: 200, body: { token: `token-of-${++issued}` } });
      await read(open());
      assert.equal(tokens.lines().length, 1);
    });
  }

  it('takes up challenges in several headers', async () => {
    const realm = `https://token.test:${tokens.port}/token`;
    challenge = ['Negotiate', 'Basic realm="shop"', `Bearer realm="${realm}"`];
    grant = () => ({ status: 200, body: { token: `token-of-${++issued}` } });
    await read(open());
    assert.equal(tokens.lines().length, 1);
  });

  it('is a password where a token that is offered too comes to nothing', async () => {
    valid = ({ authorization }) => authorization === basic;
    for (const token of [`Bearer realm="https://token.test:${tokens.port}/token"`, 'Bearer', 'Bearer realm="x"']) {
      challenge = [token, 'Basic realm=The Shop'];
      grant = () => ({ status: 500, body: {} });
      await read(open(loginsOf(login)));
    }
    assert.equal((await failureOf(open())).code, 'registryUnavailable');
  });

  it('is a token that is in the configuration, where a registry takes one', async () => {
    valid = ({ authorization }) => authorization === 'Bearer token-of-file';
    await read(open(loginsOf({ ...login, registryToken: 'token-of-file' })));
    challenge = 'Bearer';
    await read(open(loginsOf({ registryToken: 'token-of-file' })));
    assert.deepEqual(tokens.lines(), []);
  });

  it('is asked for by name where a token server does not change identity tokens', async () => {
    grant = ({ line }) =>
      line.startsWith('POST') ? { status: 404, body: {} } : { status: 200, body: { token: `token-of-${++issued}` } };
    await read(open(loginsOf({ ...login, identityToken: 'identity-secret' })));
    assert.equal(tokens.asked.at(-1)?.authorization, basic);
  });

  for (const status of [401, 403, 404]) {
    it(`is asked for where only /v2/ says how, and the registry answers ${status} to strangers`, async () => {
      const closed = await startServer(
        (asked, response) => {
          if (valid(asked)) repository.answer(asked, response);
          else if (asked.line === 'GET /v2/') response.writeHead(401, { 'www-authenticate': challenge }).end();
          else response.writeHead(status).end('{"errors":[]}');
        },
        { tls: certificate },
      );
      const certificateFolders = [
        certificateFolder({
          [`registry.test:${closed.port}`]: { authority: certificate },
          [`token.test:${tokens.port}`]: { authority: certificate },
        }),
      ];
      const client = open(loginsOf(login), { certificateFolders });
      const { digest } = await client.read(parseReference(`registry.test:${closed.port}/shop:1`), 'all', unlimited);
      assert.equal(digest, image.manifest.digest);
      assert.equal(tokens.lines().length, 1);
      await closed.close();
    });
  }

  it('names the web page that answers in the place of the token server', async () => {
    grant = () => ({ status: 200, body: '<!DOCTYPE html><title>Log in to the network</title>' });
    assert.equal((await failureOf(open())).code, 'registryWebPage');
  });

  for (const header of [
    '',
    'Bearer',
    'Bearer realm="nonsense"',
    'Negotiate abc==',
    `Bearer ${'a="b",'.repeat(4_000)}`,
  ]) {
    it(`takes nothing from the challenge ${header.slice(0, 40)}`, async () => {
      challenge = header;
      const logins = loginsOf(login);
      assert.match((await failureOf(open(logins))).code, /^registry(Denied|Unavailable)$/);
      assert.deepEqual(tokens.lines(), []);
    });
  }

  it('asks no token server in the own network that nobody has named', async () => {
    const certificateFolders = [certificateFolder({ [`registry.test:${registry.port}`]: { authority: certificate } })];
    const logins = loginsOf(login);
    const before = tokens.connections();
    for (const host of ['127.0.0.1', 'token.test', '[::1]', '169.254.169.254']) {
      challenge = `Bearer realm="https://${host}:${tokens.port}/token"`;
      const error = await failureOf(open(logins, { certificateFolders, privateHosts: () => [] }));
      assert.equal(error.code, 'registryRefused');
      assert.equal(error.details['reason'], 'privateAddress');
    }
    assert.equal(tokens.connections(), before);
  });

  it("accepts a registry's own authority for its token server", async () => {
    const certificateFolders = [certificateFolder({ [`registry.test:${registry.port}`]: { authority: certificate } })];
    await read(open(loginsOf(undefined), { certificateFolders, privateHosts: () => ['token.test'] }));
    assert.equal(tokens.lines().length, 1);
  });

  it('sends no login to another host without TLS', async () => {
    const plain = await startServer((_asked, response) => response.end('{"token":"token-of-0"}'));
    challenge = `Bearer realm="http://token.test:${plain.port}/token"`;
    const options = { plainHttpHosts: () => ['token.test'], privateHosts: () => ['token.test'] };
    assert.equal((await failureOf(open(loginsOf(login), options))).details['reason'], 'plainHttp');
    assert.deepEqual(plain.lines(), []);
    await read(open(loginsOf(undefined), options));
    assert.deepEqual(plain.lines(), ['GET /token?scope=repository%3Ashop%3Apull']);
    await plain.close();
  });

  it('does not leave its host with a redirect', async () => {
    const store = await startServer(
      (asked, response) => {
        repository.answer(asked, response);
      },
      { tls: certificate },
    );
    const redirecting = await startServer(
      (asked, response) => {
        if (asked.authorization !== basic) response.writeHead(401, { 'www-authenticate': 'basic realm=x' }).end();
        else if (asked.line.startsWith('HEAD')) repository.answer(asked, response);
        else if (!asked.line.endsWith('?again'))
          response.writeHead(302, { location: `${asked.line.split(' ')[1] ?? ''}?again` }).end();
        else
          response
            .writeHead(302, {
              location: `https://store.test:${store.port}${/\S+(?=\?)/.exec(asked.line.slice(4))?.[0] ?? ''}`,
            })
            .end();
      },
      { tls: certificate },
    );
    const certificateFolders = [
      certificateFolder({
        [`registry.test:${redirecting.port}`]: { authority: certificate },
        [`store.test:${store.port}`]: { authority: certificate },
      }),
    ];
    const client = open(loginsOf(login), { certificateFolders });
    await client.read(parseReference(`registry.test:${redirecting.port}/shop:1`), 'all', unlimited);
    assert.deepEqual(
      store.asked.map(({ authorization }) => authorization),
      [undefined, undefined],
    );
    assert.equal(
      redirecting.asked.filter(({ line, authorization }) => line.endsWith('?again') && authorization === basic).length,
      2,
    );
    await redirecting.close();
    await store.close();
  });

  it('takes up no challenge of a host to which a redirect led', async () => {
    const elsewhere = await startServer(
      (_asked, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="give"' }).end(),
      { tls: certificate },
    );
    const redirecting = await startServer(
      (_asked, response) => response.writeHead(307, { location: `https://store.test:${elsewhere.port}/` }).end(),
      { tls: certificate },
    );
    const certificateFolders = [
      certificateFolder({
        [`registry.test:${redirecting.port}`]: { authority: certificate },
        [`store.test:${elsewhere.port}`]: { authority: certificate },
      }),
    ];
    const logins = loginsOf(login);
    const client = open(logins, { certificateFolders });
    await assert.rejects(
      client.read(parseReference(`registry.test:${redirecting.port}/shop:1`), 'all', unlimited),
      failsWith('registryDenied', { reason: 'loginMissing' }),
    );
    assert.deepEqual(logins.asked, []);
    assert.deepEqual(
      elsewhere.asked.map(({ authorization }) => authorization),
      [undefined, undefined],
    );
    await redirecting.close();
    await elsewhere.close();
  });
});
