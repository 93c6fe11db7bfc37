import * as v from 'valibot';
import { isDigest, type Digest } from '../core/image/digest';
import type { ImageReference } from '../core/image/reference';
import type { ImageAnswer, ImageQuery } from '../core/judging/imageAnswer';
import { resemblances, type LookAlike } from '../core/trust/lookAlike';
import { registryFailures } from '../core/judging/verdict';
import type { EveryMember } from './complete';
import { verdictSchema } from './verdictSchema';

/** Request of the server: what is known about these references? The host owns engine, registry, chain, trust rules and caches. */
export const verifyImagesMethod = 'daochain/verifyImages';

/** Notification of the host: verdicts that it has given may have changed. */
export const verdictsChangedMethod = 'daochain/verdictsChanged';

/** Texts as a build file means them, with variables filled in; not yet known to be well-formed. */
export interface VerifyImagesParams {
  /** URI of the folder that the document is in, without a slash at its end; empty where it is in none. */
  readonly folder: string;
  /** Each once. */
  readonly queries: readonly ImageQuery[];
}

const query = { text: v.string(), platform: v.exactOptional(v.string()) };

/**
 * Both ends check what they receive. The server reads files of strangers, so the host takes nothing from it but short
 * strings; and an answer that is not understood must end as "could not find out", which a cast would not see.
 */
export const verifyImagesParamsSchema: v.GenericSchema<unknown, VerifyImagesParams> = v.object({
  folder: v.string(),
  queries: v.array(v.object(query)),
});

/** Only a list: each image is checked by itself, so that one that is not understood does not hide the others. */
export const verifyImagesResultSchema: v.GenericSchema<unknown, { readonly images: readonly unknown[] }> = v.object({
  images: v.array(v.unknown()),
});

const lookAlike: v.GenericSchema<unknown, LookAlike> = v.variant('how', [
  v.object({ how: v.literal('letters'), codePoints: v.array(v.string()), of: v.exactOptional(v.string()) }),
  v.object({ how: v.literal('punycode'), host: v.string(), of: v.string() }),
  v.object({ how: v.picklist(resemblances), of: v.string() }),
]);

const digest = v.custom<Digest>((value) => typeof value === 'string' && isDigest(value));

const reference: v.GenericSchema<unknown, ImageReference> = v.object({
  text: v.string(),
  registry: v.string(),
  path: v.string(),
  repository: v.string(),
  tag: v.exactOptional(v.string()),
  digest: v.exactOptional(digest),
} satisfies EveryMember<ImageReference>);

export const imageAnswerSchema: v.GenericSchema<unknown, ImageAnswer> = v.object({
  ...query,
  reference: v.exactOptional(reference),
  verdict: verdictSchema,
  judgedFor: v.exactOptional(v.string()),
  local: v.exactOptional(v.object({ verdict: verdictSchema })),
  registry: v.exactOptional(v.object({ digest, verdict: verdictSchema })),
  registryFailure: v.exactOptional(v.picklist(registryFailures)),
  isVouchOld: v.exactOptional(v.boolean()),
  lookAlike: v.exactOptional(lookAlike),
} satisfies EveryMember<ImageAnswer>);
