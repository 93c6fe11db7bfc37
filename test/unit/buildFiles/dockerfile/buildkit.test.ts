import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { findBaseImages, type NamedImage } from '../../../../src/buildFiles/dockerfile/baseImages';
import { malformedText } from '../../../../src/buildFiles/findings';
import { briefPlatform, formatPlatform } from '../../../../src/core/image/platform';
import { formatReference, parseReference, withDefaultTag } from '../../../../src/core/image/reference';
import { AskedPlatforms } from '../../../../src/services/judging/askedPlatform';

const vectorSchema = v.object({
  dockerfile: v.string(),
  arguments: v.optional(v.record(v.string(), v.string()), {}),
  syntax: v.optional(v.string()),
  bases: v.array(v.string()),
  images: v.optional(v.array(v.object({ reference: v.string(), platform: v.optional(v.string()) })), []),
  refused: v.optional(v.string()),
});

const file = new URL('../../../vectors/dockerfile/buildkit.json', import.meta.url);
const vectors = v.parse(v.array(vectorSchema), JSON.parse(readFileSync(file, 'utf8')));

function imagesOf({ dockerfile, arguments: user }: (typeof vectors)[number]): readonly NamedImage[] {
  const document = TextDocument.create('file:///Dockerfile', 'dockerfile', 1, dockerfile);
  return findBaseImages(document, { user, workspace: {} });
}

function isOnBuild(dockerfile: string, { instruction = 0 }: NamedImage): boolean {
  return dockerfile.slice(instruction).toLowerCase().startsWith('onbuild');
}

const builtFor = 'linux/mips64le';
const platforms = new AskedPlatforms(
  {
    engine: {
      platform: () => Promise.resolve({ os: 'linux', architecture: 'loong64' }),
      endpoint: () => Promise.reject(new Error('nobody asks for it')),
    },
    hostPlatform: () => ({ os: 'linux', architecture: 'loong64' }),
    defaultPlatform: builtFor,
  },
  new AbortController().signal,
);

/** As the recorder answers, which leaves out what is built for; undefined for what is not known before the build. */
async function platformIn(text = '${TARGETPLATFORM}'): Promise<string | undefined> {
  const platform = await platforms.read(text);
  if (platform === undefined || platform === 'any') return undefined;
  const printed = formatPlatform(briefPlatform(platform));
  return printed === builtFor ? '' : printed.replace('linux/arm/v7', 'linux/arm');
}

describe('answers of BuildKit', () => {
  it('has enough of each kind', () => {
    assert.ok(vectors.length >= 850);
    assert.ok(vectors.filter(({ refused }) => refused === undefined).length >= 400);
  });

  it('sees the same base in every FROM', () => {
    for (const vector of vectors) {
      const references = imagesOf(vector)
        .filter(({ source }) => source === 'from')
        .map((image) => (image.type === 'image' ? image.reference : undefined));
      assert.equal(references.length, vector.bases.length, vector.dockerfile);
      for (const [i, reference] of references.entries()) {
        // A variable without a value is empty to BuildKit; here it is said that nothing can be said.
        if (reference !== undefined) assert.equal(reference, vector.bases[i], vector.dockerfile);
      }
    }
  });

  it('has the same image read the file', () => {
    for (const vector of vectors) {
      const [syntax, ...more] = imagesOf(vector).filter(({ source }) => source === 'syntax');
      assert.equal(syntax?.written, vector.syntax, vector.dockerfile);
      assert.deepEqual(more, []);
    }
  });

  it('refuses the names that are marked, and no other', () => {
    const marked = (vector: (typeof vectors)[number]): boolean =>
      imagesOf(vector).some(
        (image) => image.source !== 'syntax' && malformedText(image, { state: 'failed' }) !== undefined,
      );
    const refused = vectors.filter(({ refused = '' }) => refused.startsWith('failed to parse stage name'));
    assert.ok(refused.length > 100);
    for (const vector of refused) {
      // It stops at the first, which may hold a variable without a value, or be a stage to the classic builder.
      const isOther =
        imagesOf(vector).some(({ type }) => type === 'unresolved') ||
        vector.dockerfile.includes('as Build\nFROM BUILD');
      assert.ok(marked(vector) || isOther, vector.dockerfile);
    }
    for (const vector of vectors.filter((each) => each.refused === undefined))
      assert.ok(!marked(vector), vector.dockerfile);
  });

  it('needs the same images to build all stages, for the same platforms', async () => {
    for (const vector of vectors.filter(({ refused }) => refused === undefined)) {
      const { dockerfile } = vector;
      const needed = vector.images.map(
        ({ reference, platform = '' }) => `${reference} ${platform.replace('linux/arm/v7', 'linux/arm')}`,
      );
      const ours = imagesOf(vector).filter(({ source }) => source !== 'syntax');
      // What ONBUILD names is needed only where something is built on top, and given also where it is not.
      const inOrder = [...ours].sort((a, b) => Number(isOnBuild(dockerfile, a)) - Number(isOnBuild(dockerfile, b)));
      let unresolved = ours.filter(({ type }) => type === 'unresolved').length;
      for (const image of inOrder) {
        if (image.type === 'unresolved') continue;
        const platform = await platformIn(image.platform);
        if (platform === undefined) {
          unresolved += 1;
          continue;
        }
        const canonical = formatReference(withDefaultTag(parseReference(image.reference)));
        const at = needed.indexOf(`${canonical} ${platform}`);
        assert.ok(at !== -1 || isOnBuild(dockerfile, image), `${canonical} is not needed by\n${dockerfile}`);
        if (at !== -1) needed.splice(at, 1);
      }
      assert.ok(needed.length <= unresolved, `${needed.join(', ')} is overlooked in\n${dockerfile}`);
    }
  });
});
