import * as v from 'valibot';

/** Request of the server: the text of a file that a build file names. The host sees to it that it is in the workspace. */
export const readFileMethod = 'daochain/readFile';

/** Notification of the host: a file that a build file may name has been saved. */
export const filesChangedMethod = 'daochain/filesChanged';

export interface ReadFileParams {
  /** URI of the folder that the build file is in. */
  readonly folder: string;
  /** As seen from there, or absolute. */
  readonly path: string;
}

export const readFileParamsSchema: v.GenericSchema<unknown, ReadFileParams> = v.object({
  folder: v.string(),
  path: v.string(),
});

export type ReadFileResult =
  { readonly text: string } | { readonly fault: 'absent' | 'outside' | 'unreadable' | 'tooLarge' };

export const readFileResultSchema: v.GenericSchema<unknown, ReadFileResult> = v.union([
  v.object({ text: v.string() }),
  v.object({ fault: v.picklist(['absent', 'outside', 'unreadable', 'tooLarge']) }),
]);
