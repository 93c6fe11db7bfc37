import * as v from 'valibot';
import { Uri } from 'vscode';

/** What is to be explained. */
export interface WhyQuery {
  /** A reference, or the ID of an image. */
  readonly text: string;
  readonly platform?: string;
  /** Where the reference stands: a path. */
  readonly folder?: string;
  readonly sources?: 'both' | 'engine';
}

const schema = v.object({
  text: v.string(),
  platform: v.exactOptional(v.string()),
  folder: v.exactOptional(v.string()),
  sources: v.exactOptional(v.picklist(['both', 'engine'])),
});

/** The query of a document that was opened before; throws for any other. */
export function parseWhyQuery(json: string): WhyQuery {
  return v.parse(schema, JSON.parse(json));
}

/**
 * The arguments of a link in a hover or of a code action: reference, platform or nothing, and the folder's URI or nothing.
 * Whatever they say, only what they name is looked up, as a file could have asked for too.
 */
export function placedQuery([text, platform, folder]: readonly unknown[]): WhyQuery | undefined {
  if (typeof text !== 'string' || typeof platform !== 'string' || typeof folder !== 'string') return undefined;
  const path = folder.startsWith('file:') ? Uri.parse(folder).fsPath : undefined;
  return { text, ...(platform !== '' && { platform }), ...(path !== undefined && { folder: path }) };
}
