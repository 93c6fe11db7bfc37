import type { Verdict } from '../../core/judging/verdict';
import type { EngineImage, EngineImages } from './engineImages';
import type { Evidence } from './evidence';
import { contentsOf } from './evidence';
import type { FollowedReadings } from './followedReadings';
import type { SignedContents } from './signedContents';
import type { ImageName } from '../../core/image/imageNames';
import { judgeImage } from './judgeImage';

export interface JudgedEngineImage {
  /** With what was read of it meanwhile. */
  readonly found: EngineImage;
  readonly verdict: Verdict;
}

export interface EngineImageParts {
  readonly images: EngineImages;
  readonly contents: SignedContents;
  readonly readings: FollowedReadings;
}

/** Judges by what the engine printed, and where that is not enough, by the image's own bytes. */
export async function judgeEngineImage(
  evidence: Evidence,
  name: ImageName,
  found: EngineImage,
  { images, contents, readings }: EngineImageParts,
  signal: AbortSignal,
): Promise<JudgedEngineImage> {
  const verdict = judgeImage(evidence, name, found.image);
  if (verdict.kind !== 'unknown' || verdict.missing !== 'configBytes') return { found, verdict };
  const read = await images.read(found, signal);
  const { image } = read;
  // By its bytes it can be other content than the engine prints, and that may have been taken back.
  const known =
    'identity' in image ? await readings.contents(evidence, [{ name, identity: image.identity }], signal) : evidence;
  const signed = await contentsOf(known, name, contents);
  return { found: read, verdict: judgeImage(known, name, image, { contents: signed }) };
}
