/** One challenge of a `WWW-Authenticate` header (RFC 9110, section 11.6.1); names in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const longest = 8 * 1024;

/** All challenges of a header; none where it is not of the grammar, so that nothing rests on a guess. */
export function parseChallenges(header: string): readonly Challenge[] {
  if (header.length > longest) return [];
  const challenges: { readonly scheme: string; readonly parameters: Map<string, string> }[] = [];
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const match = pattern.exec(header);
    position += match?.[0].length ?? 0;
    return match;
  };
  const separator = /[ \t,]*/y;
  const parameter =
    /([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~0-9A-Za-z-]+))(?=[ \t]*(?:,|$))/y;
  const scheme = /[!#$%&'*+.^_`|~0-9A-Za-z-]+(?=[ \t,]|$)/y;
  const token68 = /[ \t]+[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;
  for (take(separator); position < header.length; take(separator)) {
    const pair = take(parameter);
    const [, name = '', quoted, plain = ''] = pair ?? [];
    if (pair === null) {
      const word = take(scheme);
      if (word === null) return [];
      challenges.push({ scheme: word[0].toLowerCase(), parameters: new Map() });
      take(token68);
      continue;
    }
    const parameters = challenges.at(-1)?.parameters;
    if (parameters === undefined || parameters.has(name.toLowerCase())) return [];
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain);
  }
  return challenges;
}
