import type { Platform } from '../core/image/identity';
import type { ImageReference } from '../core/image/reference';
import type { EngineEndpoint, ImageStore, LocalImage } from '../core/ports';
import type { Verdict } from '../core/trust/verdict';

/** One name of one local image and the verdict on it; `reference` is absent for an image without a tag. */
export interface JudgedImage {
  readonly image: LocalImage;
  readonly reference: ImageReference | undefined;
  readonly verdict: Verdict;
}

export interface JudgedImages {
  readonly endpoint: EngineEndpoint;
  readonly store: ImageStore;
  readonly rows: readonly JudgedImage[];
}

/** A reference as a Dockerfile or a person wrote it. `local` tells whether the engine has an image of that name. */
export interface JudgedReference {
  readonly text: string;
  readonly reference: ImageReference | undefined;
  readonly local: boolean;
  /** The platform of the engine's image, where it was looked at. */
  readonly platform?: Platform;
  readonly verdict: Verdict;
}
