import { TextDocument } from 'vscode-languageserver-textdocument';
import type { ProjectFiles, UnreadCause } from './projectFiles';

/** Whether Compose looks for a file of this name, or people name theirs so: `compose.yaml`, `docker-compose.prod.yml`. */
export function isComposeFile(name: string): boolean {
  return /^(?:docker-)?compose(?:[.-].*)?\.ya?ml$/i.test(name);
}

/** In the order in which Compose looks for them (`DefaultFileNames` and `DefaultOverrideFileNames` of compose-go). */
const defaultNames: readonly string[] = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const defaultOverrides: readonly string[] = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

export function isDefaultComposeFile(name: string): boolean {
  return defaultNames.includes(name);
}

export function isDefaultOverride(name: string): boolean {
  return defaultOverrides.includes(name);
}

export interface ComposeDocument {
  readonly document: TextDocument;
  readonly path: string;
}

/** What Compose reads by itself, and what of it cannot be read here. */
export interface DefaultFiles {
  readonly documents: readonly ComposeDocument[];
  readonly unread: readonly { readonly path: string; readonly cause: UnreadCause }[];
}

/** The first of each kind, as Compose reads them where nobody says which files it shall read; `open` if it is that. */
export async function loadedByDefault(files: ProjectFiles, open?: ComposeDocument): Promise<DefaultFiles> {
  const documents: ComposeDocument[] = [];
  const unread: { readonly path: string; readonly cause: UnreadCause }[] = [];
  for (const names of [defaultNames, defaultOverrides]) {
    for (const path of names) {
      const answer = path === open?.path ? open : await read(path);
      if (answer === undefined) continue;
      if ('cause' in answer) unread.push(answer);
      else documents.push(answer);
      break;
    }
    if (documents.length === 0) break;
  }
  return { documents, unread };

  async function read(
    path: string,
  ): Promise<ComposeDocument | { readonly path: string; readonly cause: UnreadCause } | undefined> {
    const answer = await files.read(path);
    if ('text' in answer) return { document: TextDocument.create(path, 'dockercompose', 0, answer.text), path };
    return answer.fault === 'absent' ? undefined : { path, cause: answer.fault };
  }
}
