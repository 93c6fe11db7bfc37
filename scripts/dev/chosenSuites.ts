import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Suite } from './suites';

const npm = (name: string): Suite => ({ name, command: ['npm', 'run', '--silent', name] });

/** What `npm test` runs. What takes longest begins first, so that it does not run alone at the end. */
export const allSuites: readonly Suite[] = [
  ...['test:loop', 'test:window', 'check', 'test:adapter', 'test:cli', 'test:unit', 'test:host', 'test:contract'],
  'test:protocol',
].map(npm);

/** Needs nothing but Node.js. */
export function needsNothing({ name }: Suite): boolean {
  return name === 'check' || name === 'test:unit';
}

/** The suites of these names, with or without `test:`. */
export function suitesNamed(names: readonly string[]): readonly Suite[] {
  const wanted = names.map((name) => {
    const suite = allSuites.find((each) => each.name === name || each.name === `test:${name}`);
    if (suite !== undefined) return suite;
    const known = allSuites.map((each) => each.name.replace('test:', '')).join(', ');
    throw new Error(`There is no suite ${JSON.stringify(name)}; there are: ${known}`);
  });
  return allSuites.filter((suite) => wanted.includes(suite));
}

/** The suite that runs a test file, without `test:`. */
function suiteOf(file: string): string | undefined {
  const [, folder, below] = file.split('/');
  return folder === 'adapter' && below === 'loop' ? 'loop' : folder;
}

/** Suites of which some files can be run without the others, which costs less. */
const divisible = ['unit', 'protocol', 'adapter', 'loop'] as const;

/** Test files of one suite that can be run by themselves. */
function chosenFiles(suite: (typeof divisible)[number], files: readonly string[]): Suite {
  return { name: `test:${suite}`, command: ['npx', '--no-install', 'mocha', ...files] };
}

/**
 * The suites and test files that changed files concern. `root` is the checkout; paths are relative to it, with `/`. By
 * imports where there are some: a test file is concerned by whatever it imports, whatever that imports and so on. What runs
 * the built product is concerned by its sources. Whatever else has changed concerns everything, documents aside.
 */
export function suitesConcerned(changed: readonly string[], root: string): readonly Suite[] {
  if (changed.length === 0) return [];
  const isText = (file: string): boolean => /^(docs\/|[^/]+\.md$)/.test(file);
  const isCode = (file: string): boolean => /^(src|test)\/.*\.ts$/.test(file);
  if (changed.some((file) => !isText(file) && !isCode(file))) return allSuites;
  const sources = changed.filter(isCode);
  // The command's package and its pages, and what compares pages with code.
  const readers = changed.some(isText) ? suitesNamed(['unit', 'cli']) : [];

  const importers = new Imports(root);
  const isConcerned = (file: string): boolean => importers.reach(file, new Set(sources));
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((file) => `test/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.test.ts') && !file.endsWith('.engines.test.ts'))
    .filter(isConcerned)
    .sort();
  const of = (suite: string): readonly string[] => files.filter((file) => suiteOf(file) === suite);
  const product: Readonly<Record<string, readonly string[]>> = {
    protocol: ['src/server/main.ts'],
    contract: [],
    cli: ['src/cli/main.ts'],
    host: ['src/extension.ts', 'src/server/main.ts'],
    window: ['src/extension.ts', 'src/server/main.ts'],
  };
  const whole = Object.entries(product)
    .filter(
      ([suite, entries]) =>
        entries.some(isConcerned) || (of(suite).length > 0 && !divisible.some((each) => each === suite)),
    )
    .map(([suite]) => suite);
  const complete = [...suitesNamed(['check', ...whole]), ...readers];
  const some = divisible
    .filter((suite) => of(suite).length > 0 && !complete.some(({ name }) => name === `test:${suite}`))
    .map((suite) => chosenFiles(suite, of(suite)));
  const chosen = [...complete, ...some];
  return allSuites.flatMap(({ name }) => chosen.find((suite) => suite.name === name) ?? []);
}

/** What the TypeScript files of a checkout import of each other. */
class Imports {
  readonly #root: string;
  readonly #imports = new Map<string, readonly string[]>();

  constructor(root: string) {
    this.#root = resolve(root);
  }

  /** Whether `file` is one of `wanted` or imports one, directly or not. */
  reach(file: string, wanted: ReadonlySet<string>): boolean {
    const seen = new Set<string>();
    const open = [file];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (wanted.has(next)) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...this.#of(next));
    }
    return false;
  }

  #of(file: string): readonly string[] {
    const known = this.#imports.get(file);
    if (known !== undefined) return known;
    const path = join(this.#root, file);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    // Imports, exports from, dynamic imports, and programs that a test names beside it.
    const names = [...text.matchAll(/['"](\.{1,2}\/[^'"\n]+|[\w/]+\.ts)['"]/g)].map(([, name = '']) => name);
    const found = names
      .flatMap((name) => [resolve(dirname(path), name), join(this.#root, name)])
      .flatMap((name) => [name, `${name}.ts`])
      .filter((name) => name.endsWith('.ts') && existsSync(name))
      .map((name) => relative(this.#root, name).replaceAll('\\', '/'));
    this.#imports.set(file, found);
    return found;
  }
}
