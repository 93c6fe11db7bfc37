import type { TextDocument } from 'vscode-languageserver-textdocument';
import {
  findBaseImages,
  inItsFile,
  type BaseImage,
  type BuildArguments,
  type UnreadFile,
} from './dockerfile/baseImages';
import type { BuildFileReading } from './compose/compose';
import { type ComposeDocument, isDefaultComposeFile, isDefaultOverride, loadedByDefault } from './compose/composeFile';
import type { ProjectEnvironment } from './compose/composeProject';
import { dockerfileRefusal } from './dockerfile/dockerfileRefusal';
import type { ProjectFiles, UnreadCause } from './compose/projectFiles';
import type { FileRefusal } from './refusal';

/** What a build file is read with. Paths are as seen from its folder. */
export interface BuildFileContext {
  readonly files: ProjectFiles;
  readonly environment: ProjectEnvironment;
  readonly buildArguments: BuildArguments;
}

/**
 * A Dockerfile, by itself and as the Compose file beside it builds it: each build has arguments of its own, and what it fetches
 * with them counts as well.
 */
export async function readDockerfile(
  document: TextDocument,
  path: string,
  context: BuildFileContext,
): Promise<BuildFileReading> {
  const own = findBaseImages(document, context.buildArguments);
  const refusal = dockerfileRefusal(document);
  const beside = await imagesBeside(document, path, context);
  const placesOf = (images: readonly BaseImage[], type: BaseImage['type']): ReadonlySet<string> =>
    new Set(images.filter((image) => image.type === type).map(placeKey));
  const [resolved, unresolved] = [placesOf(beside, 'image'), placesOf(beside, 'unresolved')];
  const ownResolved = placesOf(own, 'image');
  const known = new Set(own.map(imageKey));
  const images = [
    ...own.filter(
      (image) => image.type === 'image' || !resolved.has(placeKey(image)) || unresolved.has(placeKey(image)),
    ),
    ...beside.filter((image) =>
      image.type === 'image'
        ? !known.has(imageKey(image))
        : image.type === 'unread' || ownResolved.has(placeKey(image)),
    ),
  ];
  return { images, ...(refusal && { refusal }) };
}

async function imagesBeside(
  document: TextDocument,
  path: string,
  { files, environment, buildArguments }: BuildFileContext,
): Promise<readonly BaseImage[]> {
  const beside: ProjectFiles = {
    read: (other) => (other === path ? Promise.resolve({ text: document.getText() }) : files.read(other)),
  };
  const { documents, unread } = await loadedByDefault(beside);
  // With what arguments it builds this file is not known then.
  const notRead = unread.map(unreadFile);
  const [main] = documents;
  if (main === undefined) return notRead;
  const { findComposeImages } = await import(
    /* webpackMode: "lazy", webpackChunkName: "compose" */ './compose/compose'
  );
  const project = { documents, asked: main.document, files: beside, environment };
  const { images } = await findComposeImages(project, buildArguments);
  return [...images.filter(({ file }) => file === path).map(inItsFile), ...notRead];
}

/** A Compose file with the override that Compose reads with it where nobody says which files it shall read. */
export async function readComposeFile(
  document: TextDocument,
  path: string,
  context: BuildFileContext,
  how: 'asCompose' | 'forEditor',
): Promise<BuildFileReading> {
  const { findComposeImages } = await import(
    /* webpackMode: "lazy", webpackChunkName: "compose" */ './compose/compose'
  );
  const { files, environment, buildArguments } = context;
  const own = { document, path };
  const isAsked = how === 'asCompose' ? isDefaultComposeFile(path) : isDefaultOverride(path);
  const beside: ProjectFiles = {
    read: (other) => (other === path ? Promise.resolve({ text: document.getText() }) : files.read(other)),
  };
  const byDefault = isAsked ? await loadedByDefault(beside, own) : { documents: [], unread: [] };
  const isLoaded = byDefault.documents.some((each) => each.document === document);
  const documents = isLoaded ? byDefault.documents : [own];
  const reading = await findComposeImages({ documents, asked: document, files: beside, environment }, buildArguments);
  const unread = isLoaded ? byDefault.unread.map(unreadFile) : [];
  if (how === 'asCompose') return { ...reading, images: [...reading.images, ...unread] };
  // What an editor shows is what is in its file, and what that file leads to.
  return { ...reading, images: reading.images.filter(({ file, via }) => file === undefined || via !== undefined) };
}

/** Files together, as Compose reads them when it is told to. */
export async function readComposeProject(
  documents: readonly ComposeDocument[],
  { files, environment, buildArguments }: BuildFileContext,
): Promise<BuildFileReading> {
  const [main] = documents;
  if (main === undefined) return { images: [] };
  const { findComposeImages } = await import(
    /* webpackMode: "lazy", webpackChunkName: "compose" */ './compose/compose'
  );
  return findComposeImages({ documents, asked: main.document, files, environment }, buildArguments);
}

/** What is not understood, as a part of the file that is not read. */
export function refusedFile(path: string, refusal: FileRefusal): UnreadFile {
  const isHere = refusal.path === undefined || refusal.path === path;
  const at = { line: isHere ? (refusal.line ?? 0) : 0, character: 0 };
  const file = unreadFile({ path: refusal.path ?? path, cause: 'notUnderstood' });
  return { ...file, range: { start: at, end: at }, refusal, ...(!isHere && { file: file.path }) };
}

/** A file that should be read beside this one. */
export function unreadFile({ path, cause }: { readonly path: string; readonly cause: UnreadCause }): UnreadFile {
  const start = { line: 0, character: 0 };
  return { type: 'unread', source: 'file', range: { start, end: start }, written: '', comments: [], path, cause };
}

function placeKey({ range }: BaseImage): string {
  return JSON.stringify(range);
}

function imageKey(image: BaseImage): string {
  return JSON.stringify([image.range, image.type === 'image' ? [image.reference, image.platform] : image.type]);
}
