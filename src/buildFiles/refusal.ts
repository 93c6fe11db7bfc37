import { isMap, type Document } from 'yaml';
import { nearestKey } from './compose/composeKeys';
import type { ComposeNodes } from './compose/composeNodes';
import type { Stray } from './compose/composeTree';

/**
 * Why a file is not what it was taken for, so that Docker or Compose would refuse it: what it names is then not all that there
 * may be to judge.
 */
export interface FileRefusal {
  readonly kind:
    | 'empty'
    | 'noFrom'
    | 'unknownInstruction'
    | 'otherFrontend'
    | 'yaml'
    | 'kubernetes'
    | 'composeV1'
    | 'otherYaml'
    | 'unknownKey'
    | 'duplicateKey'
    | 'noText'
    | 'noImage';
  /** The word that it is about. */
  readonly detail?: string;
  /** The word that is likely meant. */
  readonly suggestion?: string;
  /** From 0. */
  readonly line?: number;
  /** Another file than the one that was asked about. */
  readonly path?: string;
}

/** What may stand at the top of a Compose file (compose-spec). */
const sections: readonly string[] = [
  'include',
  'services',
  'models',
  'networks',
  'volumes',
  'secrets',
  'configs',
  'jobs',
];
const topKeys: readonly string[] = ['version', 'name', ...sections];

/** Why Compose refuses what stands at the top of a document, as far as that can be told from there. */
export function refusalOf(yaml: Document, nodes: ComposeNodes, path: string): FileRefusal | undefined {
  const top = nodes.follow(yaml.contents);
  if (top === undefined) return undefined;
  if (!isMap(top)) return { kind: 'otherYaml', path };
  const { values } = nodes.entries(top);
  if (values.has('apiVersion') && values.has('kind')) return { kind: 'kubernetes', path };
  const unknown = [...values.keys()].filter((key) => !topKeys.includes(key) && !key.startsWith('x-'));
  const [detail] = unknown;
  if (detail !== undefined) {
    const isOld = !values.has('services') && unknown.every((key) => isService(values.get(key)));
    return isOld
      ? { kind: 'composeV1', path }
      : values.has('services')
        ? unknownKey(detail, topKeys, path)
        : { kind: 'otherYaml', detail, path };
  }
  const wrong = ['services', 'jobs'].find((key) => values.has(key) && !isMap(values.get(key)));
  if (wrong !== undefined) return { kind: 'unknownKey', detail: wrong, path };
  return nodes.duplicate === undefined ? undefined : { kind: 'duplicateKey', detail: nodes.duplicate, path };

  function isService(node: unknown): boolean {
    if (!isMap(node)) return false;
    const fields = nodes.entries(node).values;
    return fields.has('image') || fields.has('build') || fields.has('extends');
  }
}

export function strayRefusal({ key, known, file, offset }: Stray): FileRefusal {
  return { ...unknownKey(key, known, file.path), line: file.document.positionAt(offset()).line };
}

function unknownKey(detail: string, known: readonly string[], path: string): FileRefusal {
  const suggestion = nearestKey(detail, known);
  return { kind: 'unknownKey', detail, path, ...(suggestion !== undefined && { suggestion }) };
}

/** Whether a document says anything that makes a project. */
export function hasSection(yaml: Document, nodes: ComposeNodes): boolean {
  const top = nodes.follow(yaml.contents);
  return isMap(top) && [...nodes.entries(top).values.keys()].some((key) => sections.includes(key));
}
