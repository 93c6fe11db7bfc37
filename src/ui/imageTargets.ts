import { l10n, window, type QuickPickItem } from 'vscode';
import { DaoChainError } from '../core/errors';
import type { JudgedImage } from '../core/judging/imageAnswer';
import type { VerificationService } from '../services/judging/verificationService';
import { imageOfNode } from './interop/containerTools';
import { tellNothing } from './notify';
import { compareImages, imageLabel, imageRow } from './trees/imageRow';
import { ImageNode } from './trees/localImages';
import { pickerWidth, rowNames } from './trees/rowNames';

/**
 * The images that a command was called on: names as the engine knows them, IDs where there is no name. VS Code hands
 * a menu's command the row and, where several are selected, all of them; a key binding or another command a name.
 */
export function imagesOf(args: readonly unknown[]): readonly string[] {
  const [first, selected] = args;
  const rows = Array.isArray(selected) && selected.length > 0 ? selected : [first];
  return rows.map(imageOf).filter((image) => image !== undefined);
}

function imageOf(row: unknown): string | undefined {
  if (typeof row === 'string' && row !== '') return row;
  return row instanceof ImageNode ? engineName(row.judged) : imageOfNode(row);
}

/** As the engine knows it. */
export function engineName({ image, reference }: JudgedImage): string {
  return reference?.text ?? image.id;
}

interface PickOptions {
  readonly title: string;
  /** Only images that have a name. */
  readonly named: boolean;
}

interface ImageItem extends QuickPickItem {
  readonly name: string;
}

/** The images that a command was called on, or those that the user picks. Throws `cancelled`, `engineUnavailable`. */
export async function chooseImages(
  args: readonly unknown[],
  verification: VerificationService,
  options: PickOptions,
): Promise<readonly string[]> {
  const given = imagesOf(args);
  if (given.length > 0) return given;
  const picked = await window.showQuickPick(imageItems(verification, options), {
    title: options.title,
    placeHolder: l10n.t('Choose images'),
    canPickMany: true,
    matchOnDescription: true,
  });
  if (picked === undefined || picked.length === 0) throw new DaoChainError('cancelled', 'No image was picked');
  return picked.map(({ name }) => name);
}

/** As {@link chooseImages}, for a command that works on one. */
export async function chooseImage(
  args: readonly unknown[],
  verification: VerificationService,
  options: PickOptions,
): Promise<string> {
  const [given] = imagesOf(args);
  if (given !== undefined) return given;
  const picked = await window.showQuickPick(imageItems(verification, options), {
    title: options.title,
    placeHolder: l10n.t('Choose an image'),
    matchOnDescription: true,
  });
  if (picked === undefined) throw new DaoChainError('cancelled', 'No image was picked');
  return picked.name;
}

async function imageItems(verification: VerificationService, { named }: PickOptions): Promise<readonly ImageItem[]> {
  const { rows } = await verification.judgeAll(new AbortController().signal);
  const offered = rows.filter(({ reference }) => !named || reference !== undefined);
  if (rows.length === 0)
    tellNothing(
      l10n.t('There are no local images yet.'),
      { title: l10n.t('Build and Sign…'), command: 'daochain.buildAndSign' },
      { title: l10n.t('Pull and Judge…'), command: 'daochain.pullImage' },
    );
  if (offered.length === 0) tellNothing(l10n.t('No local image has a name. Give one with "docker tag".'));
  const labels = rowNames(offered.map(imageLabel), pickerWidth);
  return offered.toSorted(compareImages).map((judged) => {
    const { label, description, icon } = imageRow(judged, l10n, labels.get(imageLabel(judged)));
    return { label: `$(${icon}) ${label}`, description, name: engineName(judged) };
  });
}
