/** Why another file of a project is not read. */
export type UnreadCause =
  'remote' | 'outside' | 'absent' | 'unreadable' | 'tooLarge' | 'notUnderstood' | 'cycle' | 'noService' | 'tooMuch';

/** The text of another file, or why there is none. */
export type FileAnswer = { readonly text: string } | { readonly fault: UnreadCause };

/** The files beside a build file. A path is as seen from its folder, or absolute. */
export interface ProjectFiles {
  read(path: string): Promise<FileAnswer>;
}
