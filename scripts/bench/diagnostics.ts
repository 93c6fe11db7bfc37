import { existsSync } from 'node:fs';
import { LanguageServer } from '../../test/protocol/languageServer';
import { waitFor } from '../../test/testbed/waitFor';
import { verified } from '../../test/unit/server/sampleVerdicts';

const module = new URL('../../dist/server.js', import.meta.url);
const uri = 'file:///bench/Dockerfile';
const warmUps = 50;
const samples = 400;

function line(i: number): string {
  if (i % 10 === 0) return `FROM registry.example.com/team/app${i}:1.${i} AS stage${i}`;
  return i % 10 === 5 && i > 10
    ? `COPY --from=stage0 /out /usr/local/lib/app${i}`
    : `RUN make target${i} && rm -rf /var/lib/apt/lists/*`;
}

/**
 * How long a pull of diagnostics takes after a key press in a Dockerfile of 200 lines with 20 base images whose verdicts
 * are known: the built server in its process, the host stubbed. Milliseconds, from the edit to the report.
 */
export async function measureDiagnostics(): Promise<{ readonly p95Ms: number }> {
  if (!existsSync(module)) throw new Error('Build the extension first: npm run build');
  const server = await LanguageServer.start(module, (references) => ({
    images: references.map((reference) => verified(reference, 'unsigned')),
  }));
  try {
    const text = Array.from({ length: 200 }, (_, i) => line(i)).join('\n');
    await server.open(uri, text);
    await server.diagnostics(uri);
    await waitFor('the verdicts', () => server.refreshes > 0);
    const times: number[] = [];
    for (let i = 0; i < warmUps + samples; i += 1) {
      const started = performance.now();
      await server.change(uri, 2 + i, `${text}\n# ${'x'.repeat(i % 80)}`);
      const diagnostics = await server.diagnostics(uri);
      if (i >= warmUps) times.push(performance.now() - started);
      if (diagnostics.length !== 20) throw new Error(`${diagnostics.length} diagnostics instead of 20`);
    }
    times.sort((a, b) => a - b);
    return { p95Ms: times[Math.floor(samples * 0.95)] ?? Number.NaN };
  } finally {
    await server.stop();
  }
}
