import * as v from 'valibot';
import type { Platform } from '../core/image/identity';
import type { Verdict } from '../core/trust/verdict';
import { platformSchema, verdictSchema } from './verdictSchema';

/** Request of the server: what is known about these references? The host owns engine, chain, trust rules and caches. */
export const verifyImagesMethod = 'daochain/verifyImages';

/** Notification of the host: verdicts that it has given may have changed. */
export const verdictsChangedMethod = 'daochain/verdictsChanged';

export interface VerifyImagesParams {
  /** As the Dockerfile means them, with `ARG` defaults filled in; not yet known to be well-formed. Each once. */
  readonly references: readonly string[];
}

export interface VerifiedImage {
  /** The reference that was asked for. */
  readonly text: string;
  /** Canonical; absent where the text is no reference. */
  readonly repository?: string;
  /** Whether the engine has an image of that name; else the verdict is not about content. */
  readonly local: boolean;
  /** The platform of the engine's image, where it was looked at. */
  readonly platform?: Platform;
  readonly verdict: Verdict;
}

/**
 * Both ends check what they receive. The server reads files of strangers, so the host takes nothing from it but short
 * strings; and an answer that is not understood must end as "could not find out", which a cast would not see.
 */
export const verifyImagesParamsSchema: v.GenericSchema<unknown, VerifyImagesParams> = v.object({
  references: v.array(v.string()),
});

/** Only a list: each image is checked by itself, so that one that is not understood does not hide the others. */
export const verifyImagesResultSchema: v.GenericSchema<unknown, { readonly images: readonly unknown[] }> = v.object({
  images: v.array(v.unknown()),
});

export const verifiedImageSchema: v.GenericSchema<unknown, VerifiedImage> = v.object({
  text: v.string(),
  repository: v.exactOptional(v.string()),
  local: v.boolean(),
  platform: v.exactOptional(platformSchema),
  verdict: verdictSchema,
});
