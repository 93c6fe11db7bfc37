import * as v from 'valibot';

interface SettingEntry {
  readonly schema: v.GenericSchema;
  /** Of a value that is absent, or of another kind than the schema's. */
  readonly fallback: unknown;
  /** `application`, `machine`: the user alone. A folder can have the others, and the reader lets it make nothing looser. */
  readonly scope: 'application' | 'machine' | 'window' | 'resource';
  /** No matter of trust, whoever sets it: the value of a folder counts in Restricted Mode too. */
  readonly isHarmless?: true;
}

/**
 * Every setting, as `package.json` declares it and `Settings` reads it. A new one is an entry here, its declaration and its
 * texts; `npm run check -- manifest` compares them, and a reader names no setting that is not here.
 */
export const settingTable = {
  'trust.rules': { schema: v.array(v.unknown()), fallback: [], scope: 'application' },

  'dockerfile.diagnostics.enabled': { schema: v.boolean(), fallback: true, scope: 'resource' },
  'dockerfile.diagnostics.severity': { schema: v.looseObject({}), fallback: {}, scope: 'resource' },
  'dockerfile.buildArguments': { schema: v.looseObject({}), fallback: {}, scope: 'resource' },

  'registry.enabled': { schema: v.boolean(), fallback: true, scope: 'window' },
  'registry.privateHosts': { schema: v.array(v.unknown()), fallback: [], scope: 'application' },
  'registry.plainHttpHosts': { schema: v.array(v.unknown()), fallback: [], scope: 'application' },

  'signing.offerAfterBuild': { schema: v.boolean(), fallback: true, scope: 'window', isHarmless: true },
  'signing.publisher': { schema: v.string(), fallback: '', scope: 'application' },
  'signing.namespace': { schema: v.string(), fallback: '', scope: 'application' },

  'wallet.lockAfterMinutes': { schema: numberBetween(1, 480), fallback: 15, scope: 'application', isHarmless: true },
  'statusBar.show': {
    schema: v.picklist(['always', 'whenActive', 'never']),
    fallback: 'whenActive',
    scope: 'application',
    isHarmless: true,
  },

  'node.startWithViews': { schema: v.boolean(), fallback: false, scope: 'machine' },
  'node.miningThreads': { schema: numberBetween(1, 64), fallback: 1, scope: 'machine' },
  'node.datasetFolder': { schema: v.string(), fallback: '', scope: 'machine' },
  'node.path': { schema: v.string(), fallback: '', scope: 'machine' },

  'engine.host': { schema: v.string(), fallback: '', scope: 'machine' },
} as const satisfies Readonly<Record<string, SettingEntry>>;

/** A setting, without `daochain.`. */
export type SettingName = keyof typeof settingTable;
export type SettingValue<N extends SettingName> = v.InferOutput<(typeof settingTable)[N]['schema']>;

/** The settings of one subject: `registry`. */
export type SettingArea = SettingName extends infer Name extends string
  ? Name extends `${infer Area}.${string}`
    ? Area
    : never
  : never;

/** What a setting is called in settings files. */
export function settingId<N extends SettingName | SettingArea>(name: N): `daochain.${N}` {
  return `daochain.${name}`;
}

/** What a written value means: settings files are written by people. */
export function settingValue<N extends SettingName>(name: N, written: unknown): SettingValue<N> {
  const { schema, fallback }: SettingEntry = settingTable[name];
  const parsed = v.safeParse(schema, written);
  // By the table: the check has the schema take the fallback.
  return (parsed.success ? parsed.output : fallback) as SettingValue<N>;
}

function numberBetween(least: number, most: number): v.GenericSchema<number> {
  return v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
}
