#!/usr/bin/env node
// The part of solc's command line that forge, slither's reader and our build use, served by solc-js: `--version`, and
// standard JSON from stdin to stdout. Imports are looked up in the working folder, then in its node_modules.
import { readFileSync } from 'node:fs';
import solc from 'solc';

function findImport(path) {
  for (const folder of ['.', 'node_modules']) {
    try {
      return { contents: readFileSync(`${folder}/${path}`, 'utf8') };
    } catch {
      // The next folder may have it; if none has, the compiler reports the import with its place.
    }
  }
  return { error: 'not found' };
}

if (process.argv.includes('--version')) {
  // Forge parses these words and refuses a platform that it does not know.
  const version = solc.version().replace('Emscripten.clang', 'Linux.g++');
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
} else if (process.argv.includes('--standard-json')) {
  process.stdout.write(solc.compile(readFileSync(0, 'utf8'), { import: findImport }));
} else {
  process.stderr.write('usage: solc.mjs --version | --standard-json < input.json\n');
  process.exitCode = 2;
}
