import type { Verdict, VerdictKind } from './judging/verdict';

export type DiagnosticSeverity = 'error' | 'warning' | 'information';

/** By how a rule of the reader covers the repository; absent where nothing is said. */
type Severities = Readonly<Partial<Record<Verdict['coverage'], DiagnosticSeverity>>>;

interface DiagnosticEntry {
  /** What settings, comments and reports call it; its page is `docs/rules/CODE.md`. */
  readonly code: `DC${number}`;
  readonly severity: Severities;
  /** Whether it gives the verdict, or says why there is none. Quick fixes for the image itself go with such a diagnostic. */
  readonly tellsVerdict: boolean;
  /** No setting of a workspace and no comment hides it, whether or not a rule covers the repository. */
  readonly isAlwaysShown?: true;
  /** To trust a publisher could help. */
  readonly isTrustable?: true;
}

/**
 * Everything that is said at an image of a build file, in the order of the codes: each verdict, and what is no verdict. A
 * new one is an entry here, a title (`words/diagnosticText.ts`) and its pages; `npm run check -- manifest` compares the manifest
 * and the pages with this table.
 */
export const diagnosticTable = {
  tampered: { code: 'DC001', severity: always('error'), tellsVerdict: true, isAlwaysShown: true },
  revoked: { code: 'DC002', severity: always('error'), tellsVerdict: true, isAlwaysShown: true },
  superseded: { code: 'DC003', severity: always('warning'), tellsVerdict: true },
  mismatch: { code: 'DC004', severity: always('error'), tellsVerdict: true, isAlwaysShown: true },
  pending: { code: 'DC005', severity: always('information'), tellsVerdict: true },
  stale: { code: 'DC006', severity: always('warning'), tellsVerdict: true },
  verified: { code: 'DC007', severity: {}, tellsVerdict: true },
  untrusted: {
    code: 'DC008',
    severity: { none: 'information', warn: 'warning', enforce: 'warning' },
    tellsVerdict: true,
    isTrustable: true,
  },
  unsigned: {
    code: 'DC009',
    severity: { none: 'information', warn: 'warning', enforce: 'warning' },
    tellsVerdict: true,
    isTrustable: true,
  },
  // What could not be found out may be the worst of all, so an enforcing rule does not let it count for less.
  unknown: { code: 'DC010', severity: { warn: 'information', enforce: 'error' }, tellsVerdict: true },
  /** A variable without a value in a reference: it decides which repository is meant, and so whether a rule covers it. */
  variable: { code: 'DC011', severity: always('information'), tellsVerdict: true },
  /** The name resembles one that a rule names, or a known one; whatever the verdict is. */
  lookAlike: { code: 'DC012', severity: always('warning'), tellsVerdict: false },
  /** A part of the file that was not read, or not understood. */
  unread: { code: 'DC013', severity: always('information'), tellsVerdict: true },
} as const satisfies Readonly<Record<VerdictKind, DiagnosticEntry> & Record<string, DiagnosticEntry>>;

/** What a diagnostic is about. */
export type DiagnosticTopic = keyof typeof diagnosticTable;
export type DiagnosticCode = (typeof diagnosticTable)[DiagnosticTopic]['code'];

export const diagnosticTopics = Object.keys(diagnosticTable) as readonly DiagnosticTopic[];

const codes: ReadonlySet<unknown> = new Set(Object.values(diagnosticTable).map(({ code }) => code));

export function isDiagnosticCode(value: unknown): value is DiagnosticCode {
  return codes.has(value);
}

/** Something to say about an image in a build file, before settings and comments have spoken. */
export interface Diagnostic {
  readonly topic: DiagnosticTopic;
  readonly severity: DiagnosticSeverity;
  /** No setting of a workspace and no comment hides it. */
  readonly isProtected: boolean;
}

/** What a verdict is told as. */
export function topicOf(verdict: Verdict): DiagnosticTopic {
  return verdict.kind === 'unknown' && verdict.missing === 'variable' ? 'variable' : verdict.kind;
}

/** The diagnostic for a verdict on an image; undefined where none is due. */
export function diagnosticOf(verdict: Verdict): Diagnostic | undefined {
  const topic = topicOf(verdict);
  // The reader did it, on this very machine: worth telling, but no alarm.
  const isOwn = verdict.kind === 'mismatch' && verdict.cause === 'rebuilt';
  const severity = isOwn ? 'warning' : severityOf(topic, verdict.coverage);
  return severity && { topic, severity, isProtected: isProtected(verdict) };
}

/** Where there is no verdict: it is not known whether a rule covers the repository, so that one is taken to. */
export const unanswered: Diagnostic = {
  topic: 'unknown',
  severity: diagnosticTable.unknown.severity.warn,
  isProtected: true,
};

/** A diagnostic that no verdict decides. */
export function diagnosticAbout(topic: 'variable' | 'lookAlike' | 'unread'): Diagnostic {
  return { topic, severity: diagnosticTable[topic].severity.none, isProtected: false };
}

export function severityOf(topic: DiagnosticTopic, coverage: Verdict['coverage']): DiagnosticSeverity | undefined {
  const { severity }: DiagnosticEntry = diagnosticTable[topic];
  return severity[coverage];
}

/** Verdicts that no workspace setting and no comment in a file may hide: what is red, and everything but green where the reader's rules enforce. */
export function isProtected(verdict: Verdict): boolean {
  const { isAlwaysShown }: DiagnosticEntry = diagnosticTable[verdict.kind];
  return isAlwaysShown === true || verdict.coverage === 'enforce';
}

/** Whether to trust a publisher could help. */
export function isTrustable(topic: DiagnosticTopic): boolean {
  const entry: DiagnosticEntry = diagnosticTable[topic];
  return entry.isTrustable === true;
}

function always<S extends DiagnosticSeverity>(severity: S): Readonly<Record<Verdict['coverage'], S>> {
  return { none: severity, warn: severity, enforce: severity };
}
