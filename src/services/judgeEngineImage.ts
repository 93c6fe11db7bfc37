import type { Verdict } from '../core/trust/verdict';
import type { EngineImage, EngineImages } from './engineImages';
import type { Grounds } from './grounds';
import { contentsOf, judgeImage } from './grounds';
import type { ImageName } from './ledgerIndex';
import type { SignedContents } from './signedContents';

export interface JudgedEngineImage {
  /** With what was read of it meanwhile. */
  readonly found: EngineImage;
  readonly verdict: Verdict;
}

/** Judges by what the engine printed, and where that is not enough, by the image's own bytes. */
export async function judgeEngineImage(
  grounds: Grounds,
  name: ImageName,
  found: EngineImage,
  { images, contents }: { readonly images: EngineImages; readonly contents: SignedContents },
  signal: AbortSignal,
): Promise<JudgedEngineImage> {
  const verdict = judgeImage(grounds, name, found.image);
  if (verdict.kind !== 'unknown' || verdict.missing !== 'configBytes') return { found, verdict };
  const read = await images.read(found, signal);
  const signed = await contentsOf(grounds, name, contents);
  return { found: read, verdict: judgeImage(grounds, name, read.image, { contents: signed }) };
}
