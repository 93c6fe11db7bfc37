// Preloaded into a command: ends it at the step that DAOCHAIN_KILL names (JSON). `call` is a function of `fs/promises`, or
// `send` for what goes to a socket or an output; `at` is a pattern for its arguments; `when` is `before`, `after` or `half`.
// `others`: process ids that are killed first; `isSpared`: the command itself goes on.
'use strict';

const { writeSync } = require('node:fs');
const files = require('node:fs/promises');
const { Socket } = require('node:net');

const {
  call,
  at,
  when = 'before',
  nth = 1,
  signal = 'SIGKILL',
  others = [],
  isSpared,
} = JSON.parse(process.env.DAOCHAIN_KILL);
// The programs that the command starts live on.
delete process.env.DAOCHAIN_KILL;
delete process.env.NODE_OPTIONS;

let seen = 0;
const isIt = (text) => new RegExp(at).test(text) && (seen += 1) === nth;
function die() {
  writeSync(2, 'KILLED HERE\n');
  for (const pid of others) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  }
  if (!isSpared) process.kill(process.pid, signal);
}
const halfOf = (data) => data.slice(0, data.length / 2);

if (call === 'send') {
  const write = Socket.prototype.write;
  Socket.prototype.write = function (data, ...rest) {
    if (!isIt(String(data))) return write.call(this, data, ...rest);
    if (when === 'before') die();
    const done = typeof rest.at(-1) === 'function' ? rest.pop() : () => undefined;
    return write.call(this, data, ...rest, (error) => {
      if (when === 'after') die();
      done(error);
    });
  };
} else {
  const original = files[call];
  files[call] = async (...args) => {
    const isReading = call === 'open' && args[1] !== 'wx';
    if (isReading || !isIt(args.map(String).join(' '))) return original(...args);
    if (when === 'before') die();
    if (when === 'half' && call === 'writeFile' && !isSpared) args[1] = halfOf(args[1]);
    const result = await original(...args);
    if (when === 'half' && call === 'open') {
      const { writeFile } = result;
      result.writeFile = async (data) => {
        await writeFile.call(result, isSpared ? data : halfOf(data));
        die();
      };
    } else if (when !== 'before') {
      die();
    }
    return result;
  };
}
