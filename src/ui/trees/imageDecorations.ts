import { FileDecoration, ThemeColor, type FileDecorationProvider, type Uri } from 'vscode';
import { verdictAppearance } from '../verdictAppearance';
import { verdictOfUri } from './imageUri';

/** Badge and colour of image rows. The URI says it all, so there is nothing to keep or to announce. */
export class ImageDecorations implements FileDecorationProvider {
  provideFileDecoration(uri: Uri): FileDecoration | undefined {
    const kind = verdictOfUri(uri);
    if (kind === undefined) return undefined;
    const { badge, color } = verdictAppearance[kind];
    return new FileDecoration(badge, undefined, color && new ThemeColor(color));
  }
}
