import type { Digest } from '../image/digest';
import type { ImageReference } from '../image/reference';
import type { RuleSource } from '../trust/rules';
import type { LookAlike } from '../trust/lookAlike';
import type { RegistryFailure, Verdict } from './verdict';
import type { EngineEndpoint, ImageStore, LocalImage } from '../ports/engine';

/** One name of one local image and the verdict on it; `reference` is absent for an image without a tag. */
export interface JudgedImage {
  readonly image: LocalImage;
  readonly reference: ImageReference | undefined;
  readonly verdict: Verdict;
  readonly lookAlike?: LookAlike | undefined;
}

export interface JudgedImages {
  readonly endpoint: EngineEndpoint;
  readonly store: ImageStore;
  readonly rows: readonly JudgedImage[];
}

/** A reference as it stands in a build file, or as a person wrote it. */
export interface ImageQuery {
  readonly text: string;
  /**
   * As `--platform` has it, `os/architecture[/variant]`, with variables of the build as `builderPlatform.ts` writes them.
   * Unless given, what the tools take then: DOCKER_DEFAULT_PLATFORM, or the engine's own.
   */
  readonly platform?: string;
}

/**
 * `sources`: whom to ask, `both` unless given. `both` asks a registry only about names that the ledger knows or that the reader's
 * rules cover, because all others are unsigned anyway; `registry` always, for a person who wants what it has.
 */
export interface JudgingOptions {
  readonly sources?: 'both' | 'engine' | 'registry';
  /** Where the reference stands: policies that are in force there count. Those of all open folders unless given. */
  readonly folder?: string;
  /** Judges by these rules instead of those in force, to see what a rule does. */
  readonly substitute?: (rules: readonly RuleSource[]) => readonly RuleSource[];
}

/** The answer to a query. Where the engine and the registry have the same content, the engine's image stands for both. */
export interface ImageAnswer extends ImageQuery {
  /** Absent where the text is no reference. */
  readonly reference?: ImageReference;
  /** Where the engine and the registry have different content, the worse of the two verdicts. */
  readonly verdict: Verdict;
  /** The platform that it was judged for, or `all`; absent where none is known that it could be for. */
  readonly judgedFor?: string;
  /** Set where the engine has an image of that name and platform. */
  readonly local?: { readonly verdict: Verdict };
  /**
   * Set where the registry was read. `digest` is of the index where there is one: what a pin writes. The verdict is by what
   * the registry itself proves, unless the engine has pulled or pushed this very digest.
   */
  readonly registry?: { readonly digest: Digest; readonly verdict: Verdict };
  /** Set where the registry should have been read and was not. */
  readonly registryFailure?: RegistryFailure;
  /** A publisher that speaks for the reader has vouched for other content under this tag. */
  readonly isVouchOld?: boolean;
  /** What the text can be mistaken for, even where it is not a reference. No verdict depends on it. */
  readonly lookAlike?: LookAlike;
}

/** Stands in the place of a platform where nobody knows which one would be fetched. */
export const everyPlatform = 'all';

/** What the engine and a registry have under one reference, as far as each was asked. */
export interface Sides {
  readonly local?: { readonly verdict: Verdict };
  readonly registry?: { readonly verdict: Verdict };
  readonly registryFailure?: RegistryFailure;
}

/** A reference with what was found under it. */
export interface JudgedSides extends Sides {
  readonly verdict: Verdict;
}
