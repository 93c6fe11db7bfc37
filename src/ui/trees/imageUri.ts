import type { VerdictKind } from '../../core/judging/verdict';
import { verdictKinds } from '../../core/judging/verdict';

/** A scheme of its own: with `file`, other extensions would color our rows. */
export const imageScheme = 'daochain-image';

/** The parts of the URI of a row. The verdict is in it, so that its decoration follows from the URI alone. */
export interface ImageUri {
  readonly scheme: typeof imageScheme;
  readonly path: string;
  readonly query: VerdictKind;
}

/** `id` is the row's id: an image name or an image ID. */
export function imageUri(id: string, verdict: VerdictKind): ImageUri {
  return { scheme: imageScheme, path: `/${id}`, query: verdict };
}

/** The verdict of a row's URI, or undefined when it is not one of ours. */
export function verdictOfUri(uri: { readonly scheme: string; readonly query: string }): VerdictKind | undefined {
  return uri.scheme === imageScheme ? verdictKinds.find((kind) => kind === uri.query) : undefined;
}
