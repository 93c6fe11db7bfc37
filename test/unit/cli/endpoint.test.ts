import assert from 'node:assert/strict';
import { endpointText, parseEndpoint } from '../../../src/adapters/chain/endpoint';
import { readEndpoint } from '../../../src/cli/endpoint';
import { UsageError } from '../../../src/cli/usageError';

describe('the endpoint that a person names', () => {
  it('is a socket of this machine by its path', () => {
    assert.deepEqual(parseEndpoint('/run/geth.ipc', 'linux'), { type: 'path', path: '/run/geth.ipc' });
    for (const pipe of ['\\\\.\\pipe\\geth.ipc', '//./pipe/geth.ipc', '\\\\?\\pipe\\geth.ipc', '\\\\.\\PIPE\\geth.ipc'])
      assert.equal(parseEndpoint(pipe, 'win32')?.type, 'path', pipe);
    assert.deepEqual(parseEndpoint('//./pipe/geth.ipc', 'win32'), { type: 'path', path: '\\\\.\\pipe\\geth.ipc' });
  });

  it('is never the pipe of another machine, whose word is not our own node’s', () => {
    for (const other of [
      ...['\\\\server\\pipe\\geth.ipc', '//server/pipe/geth.ipc', '\\\\127.0.0.1\\pipe\\geth.ipc'],
      ...['\\\\.\\UNC\\server\\pipe\\geth.ipc', '\\\\.\\pipe\\', 'geth.ipc'],
      ...['\\\\?\\UNC\\server\\pipe\\geth.ipc', 'C:\\geth.ipc', '\\??\\pipe\\geth.ipc'],
    ])
      assert.equal(parseEndpoint(other, 'win32'), undefined, other);
  });

  it('is a web address on every system', () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      assert.equal(parseEndpoint('https://node.example.com', platform)?.type, 'web');
      assert.equal(parseEndpoint('ftp://node.example.com', platform), undefined);
    }
  });

  it('is shown without what can be a secret, also where it is none', () => {
    const url = 'https://me:hunter2@node.example.com:8545/v3/0123abcd?key=4567';
    const endpoint = parseEndpoint(url);
    assert.equal(endpoint && endpointText(endpoint), 'https://node.example.com:8545');
    assert.throws(
      () => readEndpoint('ftp://me:hunter2@node.example.com'),
      (error: unknown) => error instanceof UsageError && !error.message.includes('hunter2'),
    );
  });
});
