import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { Digest } from '../../../src/core/image/digest';
import { parseReference } from '../../../src/core/image/reference';
import { failsWith } from '../docker/daoChainError';
import { newRegistry, unlimited } from './newRegistry';
import { ociIndex, servedImage, ServedRepository } from './servedImages';
import { startServer, type Asked, type TestServer } from './testServer';

const indexType = 'application/vnd.oci.image.index.v1+json';
const subject: Digest = `sha256:${'5'.repeat(64)}`;
const entry = (content: string, more: object = {}) => {
  const { mediaType, digest, size } = servedImage(content).manifest;
  return { mediaType, digest, size, artifactType: 'application/vnd.daochain.proof', ...more };
};
const indexOf = (...manifests: readonly object[]): string =>
  JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests });

describe('referrers of an image', () => {
  let server: TestServer;
  let answer: (asked: Asked, response: ServerResponse) => void;

  before(async () => {
    server = await startServer((asked, response) => {
      answer(asked, response);
    });
  });
  after(() => server.close());
  beforeEach(() => {
    server.lines();
  });
  const list = () =>
    newRegistry({ plainHttpHosts: () => ['localhost'] }).referrers(
      parseReference(`localhost:${server.port}/shop:1`),
      subject,
      unlimited,
    );
  const page = (response: ServerResponse, body: string, link?: string): void => {
    response.writeHead(200, { 'content-type': indexType, ...(link === undefined ? {} : { link }) }).end(body);
  };

  it('come from the API', async () => {
    answer = (_asked, response) => {
      page(response, indexOf(entry('a'), entry('b', { annotations: { made: 'today' } })));
    };
    const [a, b] = [entry('a', { annotations: {} }), entry('b', { annotations: { made: 'today' } })];
    assert.deepEqual(await list(), [a, b]);
    assert.deepEqual(server.lines(), [`GET /v2/shop/referrers/${subject}`]);
    assert.equal(server.asked.at(-1)?.accept, indexType);
  });

  it('come page by page', async () => {
    answer = ({ line }, response) => {
      if (line.endsWith('?n=2')) page(response, indexOf(entry('b')));
      else page(response, indexOf(entry('a')), `</v2/shop/referrers/${subject}?n=2>; rel="next"`);
    };
    assert.deepEqual(
      (await list()).map(({ digest }) => digest),
      [entry('a').digest, entry('b').digest],
    );
    assert.equal(server.lines().length, 2);
  });

  it('end where the pages do not', async () => {
    let pages = 0;
    answer = (_asked, response) => {
      pages += 1;
      page(response, indexOf(entry(String(pages))), `<?page=${pages}>; rel=next`);
    };
    await assert.rejects(list(), failsWith('imageMalformed', { reason: 'tooLarge' }));
    assert.equal(server.lines().length, 16);
    answer = (_asked, response) => {
      page(response, indexOf(...Array.from({ length: 1_001 }, () => entry('many'))));
    };
    await assert.rejects(list(), failsWith('imageMalformed', { reason: 'tooLarge' }));
  });

  for (const link of [
    '<http://169.254.169.254/v2/shop/referrers/x>; rel="next"',
    '</v2/other/referrers/x>; rel="next"',
    '</admin>; rel="next"',
    'nonsense',
  ]) {
    it(`do not go on at ${link}`, async () => {
      answer = (_asked, response) => {
        page(response, indexOf(), link);
      };
      await assert.rejects(list(), failsWith('registryUnavailable', { reason: 'answerUnexpected' }));
      assert.equal(server.lines().length, 1);
    });
  }

  it('come from a tag where there is no API', async () => {
    const { manifest } = servedImage('a');
    const repository = new ServedRepository().put(ociIndex([{ blob: manifest }]), subject.replace(':', '-'));
    answer = (asked, response) => {
      repository.answer(asked, response);
    };
    const { mediaType, digest, size } = manifest;
    assert.deepEqual(await list(), [{ mediaType, digest, size, annotations: {} }]);
    assert.deepEqual(server.lines(), [
      `GET /v2/shop/referrers/${subject}`,
      `GET /v2/shop/manifests/${subject.replace(':', '-')}`,
    ]);
  });

  it('are none where there is neither', async () => {
    answer = (_asked, response) => response.writeHead(404).end();
    assert.deepEqual(await list(), []);
  });

  it('are checked', async () => {
    for (const [body, reason] of [
      [indexOf({ ...entry('a'), digest: 'sha256:1' }), 'schema'],
      [indexOf({ ...entry('a'), size: -1 }), 'schema'],
      [indexOf({ ...entry('a'), Digest: subject }), 'ambiguousKey'],
      [indexOf().replace('"manifests"', '"manifests":[],"manifests"'), 'duplicateKey'],
      ['<html>', 'syntax'],
    ] as const) {
      answer = (_asked, response) => {
        page(response, body);
      };
      await assert.rejects(list(), failsWith('imageMalformed', { reason }));
    }
    answer = (_asked, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    await assert.rejects(list(), failsWith('registryWebPage', { reason: 'webPage' }));
  });

  for (const [what, status] of Object.entries({ refuses: 400, 'does not accept': 406, 'answers otherwise': 200 })) {
    it(`come from a tag where a server ${what} the question`, async () => {
      const { manifest } = servedImage('a');
      const repository = new ServedRepository().put(ociIndex([{ blob: manifest }]), subject.replace(':', '-'));
      answer = (asked, response) => {
        if (asked.line.includes('/manifests/')) repository.answer(asked, response);
        else response.writeHead(status, { 'content-type': 'text/html' }).end('<!DOCTYPE html><html>');
      };
      assert.deepEqual(
        (await list()).map(({ digest }) => digest),
        [manifest.digest],
      );
    });
  }
});
