import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import type { BaseImage } from '../../../../src/buildFiles/dockerfile/baseImages';
import { readComposeProject } from '../../../../src/buildFiles/buildFile';
import { loadedByDefault, type ComposeDocument } from '../../../../src/buildFiles/compose/composeFile';
import type { ProjectFiles } from '../../../../src/buildFiles/compose/projectFiles';
import type { BuildFileReading } from '../../../../src/buildFiles/compose/compose';
import { builtOn } from '../../../../src/core/image/builderPlatform';
import { formatPlatform, normalizePlatform, parsePlatformText } from '../../../../src/core/image/platform';
import { formatReference, parseReference, withDefaultTag } from '../../../../src/core/image/reference';
import { TextDocument } from 'vscode-languageserver-textdocument';

const vectorSchema = v.object({
  name: v.string(),
  environment: v.optional(v.record(v.string(), v.string()), {}),
  files: v.record(v.string(), v.string()),
  images: v.optional(
    v.array(v.object({ use: v.string(), reference: v.string(), platform: v.optional(v.string(), '') })),
    [],
  ),
  refused: v.optional(v.string()),
});
type Vector = v.InferOutput<typeof vectorSchema>;

const file = new URL('../../../vectors/compose/compose-go.json', import.meta.url);
const vectors = v.parse(v.array(vectorSchema), JSON.parse(readFileSync(file, 'utf8')));

/** What is marked as not judged in a project that Compose takes, and the images that are behind the mark. */
const marked: Readonly<Record<string, readonly [marks: readonly string[], behind: readonly string[]]>> = {
  // The third platform is the builder's own, and its name is not known here.
  'platforms in a Dockerfile': [['$TARGETARCH'], ['docker.io/library/arch:mips64le']],
  'a Dockerfile that is not there': [['absent none/Dockerfile'], []],
  'contexts from elsewhere': [
    ['remote github.com/example/repo', 'remote https://github.com/example/repo.git#main'],
    [],
  ],
  // Empty to Compose, which warns.
  'a variable that nobody sets': [['$SUFFIX'], ['docker.io/library/a:1']],
  'a platform of a Dockerfile that nobody sets': [
    ['$NOBODY', '$NOBODY'],
    ['docker.io/library/a:1 linux/arm64/v8', 'docker.io/library/b:1 linux/amd64/v1'],
  ],
};

/** What Compose refuses and we do not notice: it fetches nothing then, so that nothing is overlooked. */
const unnoticed: readonly string[] = [
  'generated: nothing over args, by merge',
  // No reference, which the judging says.
  'generated: argument 1:30',
  'generated: argument 1.5e10',
];

async function read({ files, environment }: Vector): Promise<BuildFileReading> {
  const access: ProjectFiles = {
    read: (path) => {
      const text = files[path];
      return Promise.resolve(text === undefined ? { fault: 'absent' } : { text });
    },
  };
  const listed = environment['COMPOSE_FILE'] ?? /^COMPOSE_FILE=(.*)$/m.exec(files['.env'] ?? '')?.[1];
  const documents =
    listed === undefined
      ? (await loadedByDefault(access)).documents
      : listed.split(':').map((path): ComposeDocument => {
          return { document: TextDocument.create(path, 'dockercompose', 0, files[path] ?? ''), path };
        });
  return readComposeProject(documents, {
    files: access,
    environment: { variables: (name) => environment[name], folderName: 'folder' },
    buildArguments: { user: {}, workspace: {} },
  });
}

/** As both are written: the name in full, the platform as containerd prints it, and none for the one of the builder. */
function canonical(reference: string, written = ''): string {
  const platform = written === builtOn ? '' : written;
  const parsed = parsePlatformText(platform);
  const shown = parsed === undefined ? platform : formatPlatform(normalizePlatform(parsed));
  try {
    return `${formatReference(withDefaultTag(parseReference(reference)))} ${shown}`.trim();
  } catch {
    return `${reference} ${shown}`.trim();
  }
}

function imagesOf(images: readonly BaseImage[]): readonly string[] {
  const found = images.flatMap((image) => (image.type === 'image' ? canonical(image.reference, image.platform) : []));
  return [...new Set(found)].sort();
}

function marksOf({ images, refusal }: BuildFileReading): readonly string[] {
  const marks = images.flatMap((image) =>
    image.type === 'unread'
      ? `${image.cause} ${image.path}`
      : image.type === 'unresolved'
        ? image.variables.map(({ name }) => `$${name}`)
        : [],
  );
  return [...marks, ...(refusal === undefined ? [] : [refusal.kind])].sort();
}

describe('answers of compose-go', () => {
  const taken = vectors.filter(({ refused }) => refused === undefined);

  it('are enough', () => {
    assert.ok(vectors.length >= 500, String(vectors.length));
    assert.ok(taken.flatMap(({ images }) => images).length >= 700);
  });

  for (const vector of vectors) {
    const { name, refused, images } = vector;
    if (refused === undefined) {
      it(`have the same images: ${name}`, async () => {
        const reading = await read(vector);
        const ours = imagesOf(reading.images);
        const theirs = [...new Set(images.map(({ reference, platform }) => canonical(reference, platform)))].sort();
        const [marks, behind] = marked[name] ?? [[], []];
        assert.deepEqual(marksOf(reading), marks);
        const expected = theirs.filter((image) => !behind.includes(image));
        assert.deepEqual(ours, expected, JSON.stringify(vector.files, undefined, 1));
      });
    } else {
      it(`are no, and something is marked: ${name}`, async () => {
        assert.equal(marksOf(await read(vector)).length > 0, !unnoticed.includes(name));
      });
    }
  }
});
