import * as v from 'valibot';

/** Notification of the host: the settings for one document, before it is opened and whenever they change. */
export const settingsMethod = 'daochain/settings';

/** What a diagnostic can be set to, mildest first. */
export const diagnosticLevels = ['off', 'hint', 'information', 'warning', 'error'] as const;
export type DiagnosticLevel = (typeof diagnosticLevels)[number];

/** `daochain.dockerfile.diagnostics` as one layer of settings has it. */
export interface DiagnosticSettings {
  readonly enabled?: boolean;
  readonly severity?: Readonly<Record<string, DiagnosticLevel>>;
}

/** What one layer of settings says about a document. */
export interface SettingsLayer extends DiagnosticSettings {
  /** `daochain.dockerfile.buildArguments`: values for `ARG`s, by name. */
  readonly buildArguments?: Readonly<Record<string, string>>;
}

/**
 * The two layers apart, and not merged by the host: what a workspace may change depends on the verdict, which only the
 * one who shows it knows at that moment. A workspace (folders included) makes nothing milder that the reader must see.
 */
export interface DocumentSettings {
  readonly uri: string;
  readonly user: SettingsLayer;
  readonly workspace: SettingsLayer;
}

/** A record of valibot's leaves out keys such as `constructor`, which is a good name of a build argument. */
const anyObject = v.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

/** Settings files are written by people: a value that is not understood counts as absent, and only that one. */
const layer = v.fallback(
  v.object({
    enabled: v.exactOptional(v.fallback(v.boolean(), true)),
    severity: v.exactOptional(v.fallback(v.pipe(anyObject, v.transform(knownLevels)), {})),
    buildArguments: v.exactOptional(v.fallback(v.pipe(anyObject, v.transform(usableArguments)), {})),
  }),
  {},
);

function knownLevels(values: Readonly<Record<string, unknown>>): Readonly<Record<string, DiagnosticLevel>> {
  const isLevel = (entry: [string, unknown]): entry is [string, DiagnosticLevel] =>
    v.is(v.picklist(diagnosticLevels), entry[1]);
  return Object.fromEntries(Object.entries(values).filter(isLevel));
}

/** As many build arguments as count, and as long as a name and a value may be. */
const mostArguments = 256;
const longestName = 128;
const longestValue = 1024;

function usableArguments(values: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const isUsable = (entry: [string, unknown]): entry is [string, string] =>
    entry[0].length <= longestName && typeof entry[1] === 'string' && entry[1].length <= longestValue;
  return Object.fromEntries(Object.entries(values).filter(isUsable).slice(0, mostArguments));
}

export const documentSettingsSchema: v.GenericSchema<unknown, DocumentSettings> = v.object({
  uri: v.string(),
  user: layer,
  workspace: layer,
});
