/** One challenge of a `WWW-Authenticate` header (RFC 9110, section 11.6.1); names in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const longest = 8 * 1024;

/**
 * All challenges of a header. Servers leave out required quotes, repeat parameters (clients take the last one) and
 * write words without meaning; what can be read counts. A server that sends nonsense harms only itself, so nothing
 * depends on the rest.
 */
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
  const quotedParameter = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"/y;
  const bareParameter = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)=([^" \t,][^ \t,]*|(?=[ \t,]|$))/y;
  /** At the beginning or behind a comma; elsewhere it is a word of a value without quotes. */
  const scheme = /[!#$%&'*+.^_`|~0-9A-Za-z-]+(?=[ \t,]|$)/y;
  const token68 = /[ \t]+[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;
  const rest = /[^ \t,]+/y;
  for (;;) {
    const begins = take(separator)?.[0].includes(',') === true || challenges.length === 0;
    if (position >= header.length) return challenges;
    const quoted = take(quotedParameter);
    const [, name = '', value = ''] = quoted ?? take(bareParameter) ?? [];
    if (name !== '') {
      challenges.at(-1)?.parameters.set(name.toLowerCase(), quoted === null ? value : value.replace(/\\(.)/g, '$1'));
      continue;
    }
    const word = begins ? take(scheme) : null;
    if (word === null) {
      take(rest);
      continue;
    }
    challenges.push({ scheme: word[0].toLowerCase(), parameters: new Map() });
    take(token68);
  }
}
