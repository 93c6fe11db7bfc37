import { Session } from 'node:inspector/promises';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { hostile } from './hostileDockerfiles';

/**
 * A program: prints how much work it is to read each hostile Dockerfile in each of the sizes that it is given, as JSON. Work
 * is how often the blocks of the reader run, whatever machine runs them. They are counted only in code that was compiled to
 * count: so it starts before the reader is loaded, and runs with `--no-flush-bytecode` and `--no-opt`.
 */
async function main(sizes: readonly number[]): Promise<void> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const { findBaseImages } = await import('../../../../src/buildFiles/dockerfile/baseImages');
  const { dockerfileRefusal } = await import('../../../../src/buildFiles/dockerfile/dockerfileRefusal');

  const work = async (text: string): Promise<number> => {
    await session.post('Profiler.takePreciseCoverage');
    const document = TextDocument.create('file:///Dockerfile', 'dockerfile', 1, text);
    findBaseImages(document);
    dockerfileRefusal(document);
    const { result } = await session.post('Profiler.takePreciseCoverage');
    return result
      .filter(({ url }) => url.includes('/src/buildFiles/'))
      .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges.map(({ count }) => count)))
      .reduce((sum, count) => sum + count, 0);
  };

  const counted: Record<string, number[]> = {};
  for (const [name, text] of Object.entries(hostile)) {
    const counts: number[] = [];
    for (const size of sizes) counts.push(await work(text(size)));
    counted[name] = counts;
  }
  console.log(JSON.stringify(counted));
}

void main(process.argv.slice(2).map(Number));
