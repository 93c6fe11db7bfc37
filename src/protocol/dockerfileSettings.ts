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

/**
 * The two layers apart, and not merged by the host: what a workspace may change depends on the verdict, which only the
 * one who shows it knows at that moment. A workspace (folders included) makes nothing milder that the reader must see.
 */
export interface DocumentSettings {
  readonly uri: string;
  readonly user: DiagnosticSettings;
  readonly workspace: DiagnosticSettings;
}

/** Settings files are written by people: a value that is not understood counts as absent, and only that one. */
const layer = v.fallback(
  v.object({
    enabled: v.exactOptional(v.fallback(v.boolean(), true)),
    severity: v.exactOptional(v.fallback(v.pipe(v.record(v.string(), v.unknown()), v.transform(knownLevels)), {})),
  }),
  {},
);

function knownLevels(values: Readonly<Record<string, unknown>>): Readonly<Record<string, DiagnosticLevel>> {
  const isLevel = (entry: [string, unknown]): entry is [string, DiagnosticLevel] =>
    v.is(v.picklist(diagnosticLevels), entry[1]);
  return Object.fromEntries(Object.entries(values).filter(isLevel));
}

export const documentSettingsSchema: v.GenericSchema<unknown, DocumentSettings> = v.object({
  uri: v.string(),
  user: layer,
  workspace: layer,
});
