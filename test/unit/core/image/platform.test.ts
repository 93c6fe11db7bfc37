import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import type { Platform } from '../../../../src/core/image/identity';
import {
  briefPlatform,
  choosable,
  formatPlatform,
  isTakenFor,
  parsePlatformText,
  samePlatform,
} from '../../../../src/core/image/platform';
import { AskedPlatforms } from '../../../../src/services/judging/askedPlatform';

const vectorsSchema = v.object({
  texts: v.array(v.object({ text: v.string(), means: v.optional(v.string()) })),
  taken: v.array(v.object({ wanted: v.string(), takes: v.array(v.string()) })),
  choices: v.array(
    v.object({
      wanted: v.string(),
      own: v.optional(v.string()),
      index: v.array(v.string()),
      chosen: v.optional(v.number()),
    }),
  ),
});
const file = new URL('../../../vectors/platform/containerd.json', import.meta.url);
const { texts, taken, choices } = v.parse(vectorsSchema, JSON.parse(readFileSync(file, 'utf8')));

function platformOf(text: string): Platform {
  const platform = parsePlatformText(text);
  assert.ok(platform, text);
  return platform;
}

/** As the recorder writes a child of an index. */
function childOf(text: string): { readonly platform?: Platform; readonly osFeatures?: readonly string[] } {
  if (text === 'none') return {};
  const [platform = '', feature] = text.split('+');
  return { platform: platformOf(platform), ...(feature !== undefined && { osFeatures: [feature] }) };
}

describe('platforms as containerd has them', () => {
  it('are read from what people write', async () => {
    const amd: Platform = { os: 'linux', architecture: 'amd64' };
    const engine = { platform: () => Promise.resolve(amd), endpoint: () => Promise.reject(new Error('not asked')) };
    const platforms = new AskedPlatforms({ engine, hostPlatform: () => amd }, new AbortController().signal);
    assert.ok(texts.length > 130);
    for (const { text, means } of texts) {
      const platform = text.includes('$') ? undefined : await platforms.read(text);
      assert.ok(platform !== 'any');
      if (means === undefined) assert.equal(platform, undefined, text);
      else assert.ok(platform && samePlatform(platform, platformOf(means)), text);
    }
  });

  it('are printed as the tools print them', () => {
    const printed = (text: string): string => formatPlatform(briefPlatform(platformOf(text)));
    assert.equal(printed('linux/x86_64/v1'), 'linux/amd64');
    assert.equal(printed('linux/amd64/v3'), 'linux/amd64/v3');
    assert.equal(printed('linux/aarch64/8'), 'linux/arm64');
    assert.equal(printed('linux/arm'), 'linux/arm/v7');
    assert.equal(printed('macOS/arm64/v8.1'), 'darwin/arm64/v8.1');
  });

  it('take the same images', () => {
    for (const { wanted, takes } of taken) {
      const own = taken.map((each) => each.wanted).filter((other) => isTakenFor(platformOf(wanted), platformOf(other)));
      assert.deepEqual(own, takes, wanted);
    }
  });

  it('choose of an index nothing that is not judged', () => {
    assert.ok(choices.filter(({ chosen }) => chosen !== undefined).length > 500);
    let judged = 0;
    for (const { wanted, own = wanted, index, chosen } of choices) {
      const children = index.map(childOf);
      const isChoosable = choosable(children, platformOf(own));
      judged += children.filter(isChoosable).length;
      const child = chosen === undefined ? undefined : children[chosen];
      if (child !== undefined) assert.ok(isChoosable(child), `${wanted} of ${index.join(', ')}`);
    }
    // Each variant counts, but what no engine of the platform takes does not.
    assert.ok(judged < 0.75 * choices.flatMap(({ index }) => index).length, String(judged));
  });
});
