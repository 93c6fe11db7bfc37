// What the extension host calls to run tests: mocha over the files that DAOCHAIN_HOST_TESTS names (JSON). What they print
// goes to the file DAOCHAIN_HOST_OUTPUT, the counts to DAOCHAIN_HOST_RESULT; without them, to the host's own console.
'use strict';

const { Console } = require('node:console');
const fs = require('node:fs');
const path = require('node:path');
const { Writable } = require('node:stream');
require('tsx/cjs');
// What sources load on first use.
require('tsx/esm/api').register();

const root = path.join(__dirname, '../..');

function runMocha(files) {
  const Mocha = require('mocha').default;
  const mocha = new Mocha({
    ...JSON.parse(fs.readFileSync(path.join(root, '.mocharc.json'), 'utf8')),
    reporter: require('./reporter.cjs'),
    grep: process.env.DAOCHAIN_HOST_GREP,
  });
  for (const file of files) mocha.addFile(file);
  return new Promise((resolve, reject) => {
    try {
      const runner = mocha.run((failures) => resolve({ ...runner.stats, failures }));
    } catch (error) {
      reject(error);
    }
  });
}

exports.run = async () => {
  const { DAOCHAIN_HOST_TESTS: files, DAOCHAIN_HOST_OUTPUT: output, DAOCHAIN_HOST_RESULT: result } = process.env;
  if (output !== undefined) {
    const write = (chunk, _encoding, done) => {
      fs.appendFileSync(output, chunk);
      done();
    };
    // The host's console cannot be written to, but it can be replaced, as long as nobody has kept it yet.
    globalThis.console = new Console(new Writable({ write }));
  }
  const counts = await runMocha(JSON.parse(files));
  if (result !== undefined) fs.writeFileSync(result, JSON.stringify(counts));
  if (counts.failures > 0) throw new Error(`${counts.failures} failed`);
  if (counts.passes === 0) throw new Error('No test ran');
};
