import * as v from 'valibot';
import { isDigest, type Digest } from '../core/image/digest';
import { resemblances, type LookAlike } from '../core/trust/lookAlike';
import { registryFailures, type RegistryFailure, type Verdict } from '../core/judging/verdict';
import { verdictSchema } from './verdictSchema';

/** Request of the server: what is known about these references? The host owns engine, registry, chain, trust rules and caches. */
export const verifyImagesMethod = 'daochain/verifyImages';

/** Notification of the host: verdicts that it has given may have changed. */
export const verdictsChangedMethod = 'daochain/verdictsChanged';

/** A reference as a build file means it, with variables filled in; not yet known to be well-formed. */
export interface ImageQuery {
  readonly text: string;
  /** As `--platform` has it, with variables of the build in it; unless given, what the tools take then. */
  readonly platform?: string;
}

export interface VerifyImagesParams {
  /** URI of the folder that the document is in, without a slash at its end; empty where it is in none. */
  readonly folder: string;
  /** Each once. */
  readonly queries: readonly ImageQuery[];
}

/** The answer to a query; `text` and `platform` are the query's. */
export interface VerifiedImage extends ImageQuery {
  /** Canonical, and the tag that it was judged under; absent where the text is no reference. */
  readonly name?: { readonly repository: string; readonly tag?: string };
  /** Where what the engine and the registry have differs, the worse of the two. */
  readonly verdict: Verdict;
  /** The platform that it was judged for, or `all`; absent where none is known that it could be for. */
  readonly judgedFor?: string;
  /** Set where the engine has an image of that name and platform. */
  readonly local?: { readonly verdict: Verdict };
  /** Set where the registry was read; `digest` is what a pin writes. */
  readonly registry?: { readonly digest: Digest; readonly verdict: Verdict };
  /** Set where the registry was to be read and was not. */
  readonly registryFailure?: RegistryFailure;
  /** The reader has vouched for other content under this tag. */
  readonly isVouchOld?: boolean;
  /** What the text can be mistaken for, by rules that only the host knows; also where it is no reference. */
  readonly lookAlike?: LookAlike;
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

export const verifiedImageSchema: v.GenericSchema<unknown, VerifiedImage> = v.object({
  ...query,
  name: v.exactOptional(v.object({ repository: v.string(), tag: v.exactOptional(v.string()) })),
  verdict: verdictSchema,
  judgedFor: v.exactOptional(v.string()),
  local: v.exactOptional(v.object({ verdict: verdictSchema })),
  registry: v.exactOptional(v.object({ digest, verdict: verdictSchema })),
  registryFailure: v.exactOptional(v.picklist(registryFailures)),
  isVouchOld: v.exactOptional(v.boolean()),
  lookAlike: v.exactOptional(lookAlike),
});
