import { tryParseReference } from '../image/reference';
import { bareSkeleton, skeleton } from './confusables';
import { decodedHost } from './punycode';
import { matches, patternProblem, type RuleSource } from './rules';

/**
 * What a name can be mistaken for. `of`: the repository that was perhaps meant, or the pattern where a pattern was looked
 * at. Everything here is a file's or a stranger's text.
 */
export type LookAlike =
  /** Letters that no image name has; `codePoints` like `U+0430`, each once. `of` is absent where the rest is no name either. */
  | { readonly how: 'letters'; readonly codePoints: readonly string[]; readonly of?: string }
  /** A host in Punycode; `host` is what it stands for. */
  | { readonly how: 'punycode'; readonly host: string; readonly of: string }
  /**
   * `shapes`: letters that look alike (`rn` and `m`, `0` and `o`, separators, doubled ones). `slip`: one letter is missing,
   * added, another, or swapped with its neighbour. `host`: the same path at a host with another port, ending or beginning.
   */
  | { readonly how: Resemblance; readonly of: string };

/** Strongest first. */
export const resemblances = ['shapes', 'slip', 'host'] as const;
type Resemblance = (typeof resemblances)[number];

/** Docker Hub's official images: the one namespace that everybody means, whatever rules name. */
const official = 'docker.io/library/*';
/** Registries of good name, some of them one letter apart, are not taken for one another by their hosts alone. */
const wellKnownHosts = new Set([
  ...['docker.io', 'ghcr.io', 'gcr.io', 'lscr.io', 'nvcr.io', 'quay.io', 'mcr.microsoft.com', 'registry.k8s.io'],
]);
/** UTF-16 code units of a text that are looked at. */
const longestText = 4_096;

/** Patterns that rules name, for {@link lookAlikeOf}. */
export function namedIn(sources: readonly RuleSource[]): readonly string[] {
  return [...new Set(sources.flatMap(({ rules }) => rules.map(({ repositories }) => repositories)))];
}

/**
 * Which repository of `named` (patterns and repositories) a reference or a pattern imitates, or official images of Docker
 * Hub; never one that `named` covers. Only literal segments are compared, wildcards match. The bounds keep names of daily
 * life apart (`app` and `api`, `node` and `code`, `v1` and `v2`): a segment counts from three letters on; with doubled
 * letters from four characters, with one letter more, less or swapped from five, with another letter from six. A digit is
 * never a slip, nor a letter that is a word of its own (`team-a`), nor the plural of the last name; and the whole name has
 * one slip at most. Another namespace of the same host is no imitation, whatever the last name is. It changes no verdict.
 */
export function lookAlikeOf(text: string, named: readonly string[]): LookAlike | undefined {
  const isNamed = (repository: string): boolean => named.some((pattern) => matches(pattern, repository));
  const meantBy = (repository: string): string | undefined =>
    isNamed(repository) ? repository : imitated(repository, named)?.of;

  const start = text.slice(0, longestText);
  const letters = new Set(start.match(/[^\0-\x7f]/gu));
  if (letters.size > 0) {
    const plain = repositoryIn(bareSkeleton(start));
    const of = plain && (meantBy(plain) ?? plain);
    return { how: 'letters', codePoints: [...letters].slice(0, 8).map(codePoint), ...(of !== undefined && { of }) };
  }

  const given = repositoryIn(start);
  if (given === undefined || isNamed(given)) return undefined;
  const [registry = '', ...path] = given.split('/');
  const host = decodedHost(registry);
  if (host === undefined) return imitated(given, named);
  const plain = repositoryIn([bareSkeleton(host), ...path].join('/'));
  // Without a rule, a host of another language is what it is, unless it reads as plain ASCII.
  const isDisguised = /^[\0-\x7f]*$/.test(skeleton(host));
  const of = plain && (meantBy(plain) ?? (isDisguised ? plain : undefined));
  return of === undefined ? undefined : { how: 'punycode', host, of };
}

/** The strongest resemblance, and among those the longest pattern. */
function imitated(repository: string, named: readonly string[]): (LookAlike & { readonly of: string }) | undefined {
  const found = [...named, official].flatMap((pattern) => {
    const how = resemblance(pattern.split('/'), repository.split('/'));
    return how === undefined ? [] : [{ how, of: filled(pattern, repository), pattern }];
  });
  const rank = ({ how }: (typeof found)[number]): number => resemblances.indexOf(how);
  const [best] = found.sort((a, b) => rank(a) - rank(b) || b.pattern.length - a.pattern.length);
  return best && { how: best.how, of: best.of };
}

/** The pattern with what a name has in the place of its wildcards. */
function filled(pattern: string, repository: string): string {
  const segments = repository.split('/');
  const wanted = pattern.split('/');
  const below = wanted.at(-1) === '**' ? segments.slice(wanted.length) : [];
  return [...wanted.map((segment, i) => (isWildcard(segment) ? (segments[i] ?? segment) : segment)), ...below].join(
    '/',
  );
}

function isWildcard(segment: string): boolean {
  return segment.startsWith('*');
}

function resemblance(
  [wantedHost = '', ...wanted]: readonly string[],
  [host = '', ...path]: readonly string[],
): Resemblance | undefined {
  if (wanted.at(-1) === '**' ? path.length < wanted.length : path.length !== wanted.length) return undefined;
  const ofHost = hostLikeness(wantedHost, host);
  if (ofHost === undefined) return undefined;
  const segments: readonly (Likeness | undefined)[] = wanted.flatMap((segment, i) =>
    isWildcard(segment) ? [] : [segmentLikeness(segment, path[i] ?? '', i === path.length - 1)],
  );
  const all = [ofHost, ...segments];
  const found = all.filter((each) => each !== undefined && each !== 'same');
  if (found.length === 0 || all.includes(undefined)) return undefined;
  if (found.filter((each) => each !== 'shapes').length > 1) return undefined;
  if (ofHost !== 'same' && !segments.includes('same')) {
    // No segment is the same, so it is not enough that the hosts are related.
    if (ofHost === 'host' || (wellKnownHosts.has(wantedHost) && wellKnownHosts.has(host))) return undefined;
  }
  return resemblances.findLast((each) => found.includes(each));
}

type Likeness = 'same' | Resemblance;

function hostLikeness(wanted: string, given: string): Likeness | undefined {
  if (wanted === given) return 'same';
  const [[wantedName, wantedPort], [name, port]] = [splitPort(wanted), splitPort(given)];
  if (wantedName === name) return 'host';
  if (isAddress(wantedName) || isAddress(name)) return undefined;
  const like = wantedPort === port ? likeness(wantedName, name) : undefined;
  return like ?? (isRelated(wantedName.split('.'), name.split('.')) ? 'host' : undefined);
}

function splitPort(host: string): readonly [name: string, port: string] {
  const port = /:[0-9]+$/.exec(host)?.[0] ?? '';
  return [host.slice(0, host.length - port.length), port];
}

function isAddress(name: string): boolean {
  return name.startsWith('[') || /^[0-9.]+$/.test(name);
}

/** Whether one is the other with labels more at an end, or all but the last label is the same. */
function isRelated(a: readonly string[], b: readonly string[]): boolean {
  const [short, long] = a.length < b.length ? [a.join('.'), b.join('.')] : [b.join('.'), a.join('.')];
  if (short.includes('.') && (long.startsWith(`${short}.`) || long.endsWith(`.${short}`))) return true;
  return a.length === b.length && a.length > 1 && a.slice(0, -1).join('.') === b.slice(0, -1).join('.');
}

function segmentLikeness(wanted: string, given: string, isLast: boolean): Likeness | undefined {
  const [one, several] = wanted.length < given.length ? [wanted, given] : [given, wanted];
  const isPlural = several === `${one}s` && !one.endsWith('s');
  return isLast && isPlural ? undefined : likeness(wanted, given);
}

function likeness(wanted: string, given: string): Likeness | undefined {
  if (wanted === given) return 'same';
  const hasWord = (text: string): boolean => /(?:[a-z][^a-z]*){3}/.test(text);
  if (!hasWord(wanted) || !hasWord(given)) return undefined;
  const shortest = Math.min(wanted.length, given.length);
  if (shapes(wanted) === shapes(given)) return 'shapes';
  if (shortest >= 4 && shapes(single(wanted)) === shapes(single(given))) return 'shapes';
  return isSlip(wanted, given, shortest) ? 'slip' : undefined;
}

/** What is drawn alike in one letter. */
function shapes(text: string): string {
  return text
    .replace(/vv/g, 'w')
    .replace(/rn/g, 'm')
    .replace(/0/g, 'o')
    .replace(/[1i]/g, 'l')
    .replace(/5/g, 's')
    .replace(/[-_.]+/g, '-');
}

/** Doubled letters once, but for `vv`, which is a shape. */
function single(text: string): string {
  return text.replace(/([a-uw-z])\1+/g, '$1');
}

/** Damerau–Levenshtein distance 1, within the bounds of {@link lookAlikeOf}. */
function isSlip(a: string, b: string, shortest: number): boolean {
  let i = 0;
  while (i < shortest && a.charAt(i) === b.charAt(i)) i += 1;
  const [left, right] = [a.slice(i), b.slice(i)];
  const [[x = '', y = ''], [u = '', w = '']] = [left, right];
  const isDigit = (letter: string): boolean => /[0-9]/.test(letter);
  if (left.slice(1) === right) return shortest >= 5 && !isDigit(x);
  if (right.slice(1) === left) return shortest >= 5 && !isDigit(u);
  if (isDigit(x) || isDigit(u)) return false;
  const isWord = !/[a-z]/.test(a.charAt(i - 1) + a.charAt(i + 1));
  if (left.slice(1) === right.slice(1)) return shortest >= 6 && !isWord;
  return x === w && y === u && left.slice(2) === right.slice(2) && shortest >= 5;
}

/** The canonical repository of a reference, or a pattern as it is. */
function repositoryIn(text: string): string | undefined {
  return tryParseReference(text)?.repository ?? (patternProblem(text) === undefined ? text : undefined);
}

function codePoint(letter: string): string {
  return `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
