import assert from 'node:assert/strict';
import { parseEndpoint } from '../../../src/cli/endpoint';
import { UsageError } from '../../../src/cli/usageError';

describe('the endpoint that a person names', () => {
  it('is a socket of this machine by its path', () => {
    assert.deepEqual(parseEndpoint('/run/geth.ipc', 'linux'), { type: 'path', path: '/run/geth.ipc' });
    for (const pipe of ['\\\\.\\pipe\\geth.ipc', '//./pipe/geth.ipc', '\\\\?\\pipe\\geth.ipc', '\\\\.\\PIPE\\geth.ipc'])
      assert.equal(parseEndpoint(pipe, 'win32').type, 'path', pipe);
    assert.deepEqual(parseEndpoint('//./pipe/geth.ipc', 'win32'), { type: 'path', path: '\\\\.\\pipe\\geth.ipc' });
  });

  it('is never the pipe of another machine, whose word is not our own node’s', () => {
    for (const other of [
      ...['\\\\server\\pipe\\geth.ipc', '//server/pipe/geth.ipc', '\\\\127.0.0.1\\pipe\\geth.ipc'],
      ...['\\\\.\\UNC\\server\\pipe\\geth.ipc', '\\\\.\\pipe\\', 'geth.ipc'],
      ...['\\\\?\\UNC\\server\\pipe\\geth.ipc', 'C:\\geth.ipc', '\\??\\pipe\\geth.ipc'],
    ])
      assert.throws(() => parseEndpoint(other, 'win32'), UsageError, other);
  });

  it('is a web address on every system', () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      assert.equal(parseEndpoint('https://node.example.com', platform).type, 'web');
      assert.throws(() => parseEndpoint('ftp://node.example.com', platform), UsageError);
    }
  });
});
