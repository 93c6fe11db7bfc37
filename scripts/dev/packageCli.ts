import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { runCommand } from './components/command';

const root = join(import.meta.dirname, '../..');
const manifestSchema = v.object({
  version: v.string(),
  license: v.string(),
  engines: v.object({ node: v.string() }),
  bin: v.object({ daochain: v.string() }),
});

/** Makes the npm package of the command from what is built, and returns the tarball's path. Everything is bundled. */
export async function packageCli(target = root): Promise<string> {
  const folder = join(root, 'dist', 'cli-package');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'dist'), { recursive: true });
  for (const part of ['cli', 'cli.js'])
    cpSync(join(root, 'dist', part), join(folder, 'dist', part), { recursive: true });
  cpSync(join(root, 'docs'), join(folder, 'docs'), {
    recursive: true,
    filter: (source) => !source.includes(join('docs', 'images')),
  });
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  const manual = readFileSync(join(root, 'docs', 'cli.md'), 'utf8');
  writeFileSync(join(folder, 'README.md'), manual.replaceAll(/\]\((?!https?:)/g, '](docs/'));
  const { version, license, engines, bin } = v.parse(
    manifestSchema,
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')),
  );
  const manifest = {
    ...{ name: 'daochain', version, license, engines, bin },
    description: 'Says whether a container image is the one that its publisher built',
    keywords: ['docker', 'container', 'image', 'signature', 'verification', 'supply chain', 'ethereum'],
    files: ['dist', 'docs'],
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  const { code, output } = await runCommand('npm', ['pack', '--silent', '--pack-destination', target], { cwd: folder });
  if (code !== 0) throw new Error(`npm pack failed:\n${output}`);
  return resolve(target, `daochain-${version}.tgz`);
}

if (process.argv[1] === import.meta.filename) void packageCli().then(console.log);
