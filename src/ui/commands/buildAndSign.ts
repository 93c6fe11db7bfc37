import { Uri, l10n, window, workspace, type Memento, type QuickPickItem } from 'vscode';
import { DaoChainError } from '../../core/errors';
import { familiarName, parseReference, tryParseReference, withDefaultTag } from '../../core/image/reference';
import { displayText } from '../../core/displayText';
import type { Logs } from '../log';
import { tellNothing } from '../notify';
import type { OwnWallet } from '../account/ownWallet';
import { withCancellableProgress } from '../prompts/progress';
import type { Settings } from '../settings';
import type { SigningFlow } from '../signing/signingFlow';
import type { ContainerEngine } from '../../core/ports/engine';

export interface BuildParts {
  readonly engine: ContainerEngine;
  readonly signingFlow: SigningFlow;
  readonly logs: Logs;
  /** Remembers, for each Dockerfile, the tag that was last given to it. */
  readonly memory: Memento;
  readonly settings: Pick<Settings, 'namespace'>;
}

const title = (): string => l10n.t('Build and Sign');

/** Builds the Dockerfile that was picked and signs what came of it. `buildFailed`, `cancelled`, and as the signing flow. */
export async function buildAndSign(parts: BuildParts, wallet: OwnWallet, chosen: unknown): Promise<void> {
  const dockerfile = await chooseDockerfile(chosen);
  const contextDirectory = await chooseContext(dockerfile);
  const tag = await chooseTag(dockerfile, parts);
  await withCancellableProgress(l10n.t('Building {0}', tag), (signal, report) =>
    parts.engine.build({ contextDirectory, dockerfile: dockerfile.fsPath, tag }, signal, (line) => {
      parts.logs.main.info(line);
      report.report({ message: line.slice(0, 80) });
    }),
  );
  await parts.signingFlow.sign([tag], wallet);
}

const dockerfiles = '**/{Dockerfile,Dockerfile.*,*.dockerfile,Containerfile,Containerfile.*}';

/** The file of the menu, else the one in the editor, else one that the user picks. Only files on disk can be built. */
async function chooseDockerfile(chosen: unknown): Promise<Uri> {
  const open = window.activeTextEditor?.document;
  const uri = chosen instanceof Uri ? chosen : open?.languageId === 'dockerfile' ? open.uri : await pickDockerfile();
  if (uri.scheme !== 'file') throw new DaoChainError('invalidInput', 'Only a Dockerfile on disk can be built');
  // The engine builds what is on disk.
  await workspace.textDocuments.find((document) => document.uri.toString() === uri.toString())?.save();
  return uri;
}

interface FileItem extends QuickPickItem {
  readonly uri: Uri;
}

async function pickDockerfile(): Promise<Uri> {
  const options = { title: title(), placeHolder: l10n.t('Choose a Dockerfile') };
  const picked = await window.showQuickPick(dockerfileItems(), options);
  if (picked === undefined) throw new DaoChainError('cancelled', 'No Dockerfile was picked');
  return picked.uri;
}

async function dockerfileItems(): Promise<readonly FileItem[]> {
  const uris = await workspace.findFiles(dockerfiles, '**/node_modules/**');
  if (uris.length === 0)
    tellNothing(l10n.t('No open folder has a Dockerfile. Open the folder that has it.'), {
      title: l10n.t('Open Folder…'),
      command: 'vscode.openFolder',
    });
  return uris
    .map((uri): FileItem => ({ label: displayText(workspace.asRelativePath(uri)), uri }))
    .toSorted((a, b) => a.label.localeCompare(b.label));
}

/** The Dockerfile's folder, or the workspace's where that is another one and the user says so. */
async function chooseContext(dockerfile: Uri): Promise<string> {
  const own = Uri.joinPath(dockerfile, '..').fsPath;
  const root = workspace.getWorkspaceFolder(dockerfile);
  if (root === undefined || root.uri.fsPath === own) return own;
  const items = [
    { label: workspace.asRelativePath(own), folder: own },
    { label: root.name, folder: root.uri.fsPath },
  ].map((item) => ({ ...item, description: item.folder }));
  const picked = await window.showQuickPick(items, {
    title: title(),
    placeHolder: l10n.t('Choose the folder that the build may copy from'),
  });
  if (picked === undefined) throw new DaoChainError('cancelled', 'No folder was picked');
  return picked.folder;
}

async function chooseTag(dockerfile: Uri, { memory, settings: { namespace } }: BuildParts): Promise<string> {
  const key = `tag:${dockerfile.toString()}`;
  const text = await window.showInputBox({
    title: title(),
    prompt: l10n.t('Name and tag of the image'),
    value: memory.get<string>(key) ?? proposedTag(dockerfile, namespace),
    ignoreFocusOut: true,
    validateInput: (typed) => (isTag(typed) ? undefined : l10n.t('This is not a name that an image can have.')),
  });
  if (text === undefined) throw new DaoChainError('cancelled', 'No tag was given');
  await memory.update(key, text);
  return familiarName(withDefaultTag(parseReference(text)));
}

function isTag(text: string): boolean {
  const reference = tryParseReference(text);
  return reference !== undefined && reference.digest === undefined;
}

/** The folder's name, as far as it can be an image's, in the user's namespace. */
function proposedTag(dockerfile: Uri, namespace: string | undefined): string {
  const folder = Uri.joinPath(dockerfile, '..').path.split('/').at(-1) ?? '';
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const tagged = `${name === '' ? 'image' : name}:latest`;
  return namespace === undefined ? tagged : `${namespace}/${tagged}`;
}
