/**
 * Paths of a project's files as its files write them, with slashes: from the folder of the file that was asked about, or from a
 * root. They are names only; whoever reads looks where they lead.
 */

export function isAbsolutePath(path: string): boolean {
  return /^(?:[/\\~]|[A-Za-z]:[\\/])/.test(path);
}

/** `path` as seen from `folder`, without `.` and, where it can be told, without `..`. */
export function joinPath(folder: string, path: string): string {
  const whole = isAbsolutePath(path) || folder === '' ? path : `${folder}/${path}`;
  const root = whole.startsWith('/') ? '/' : '';
  const parts: string[] = [];
  for (const part of whole.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || root === '') parts.push(part);
  }
  return root + parts.join('/');
}

export function folderOfPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === 0 ? '/' : path.slice(0, Math.max(slash, 0));
}

/** What Docker and Compose fetch from elsewhere: git, HTTP, a registry. */
export function isRemotePath(path: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/|github\.com\/|git@|oci:)/i.test(path);
}
