import type { ImageQuery } from '../core/judging/imageAnswer';

/** Command of the host that explains the verdict on an image; the only one that a hover may link to. */
export const explainVerdictCommand = 'daochain.explainVerdict';

/** What it takes from a file: the reference, the platform or nothing, the URI of the file's folder or nothing. */
export function explainVerdictArguments({ text, platform = '' }: ImageQuery, folder: string): readonly string[] {
  return [text, platform, folder];
}
