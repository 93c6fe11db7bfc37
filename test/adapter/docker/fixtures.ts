import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { inspectSchema, type InspectAnswer } from '../../../src/adapters/docker/inspectAnswer';
import type { EngineKind } from '../../testbed/engine';

export const engineKinds = ['debian', 'newClassic', 'containerd'] as const satisfies readonly EngineKind[];

export function recordedBytes(kind: EngineKind, name: string): Buffer {
  return readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'engines', kind, name));
}

export function recordedJson(kind: EngineKind, name: string): unknown {
  return JSON.parse(recordedBytes(kind, name).toString('utf8'));
}

export function recordedInspect(kind: EngineKind, name: string): InspectAnswer {
  return v.parse(inspectSchema, recordedJson(kind, `inspect-${name}.json`));
}
