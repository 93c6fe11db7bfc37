import * as l10n from '@vscode/l10n';
import { DaoChainError } from '../core/errors';
import { errorText } from '../words/errorText';
import { displayText } from '../core/displayText';
import { mostPolicyBytes } from '../core/trust/policyFile';
import { parsePolicy, type Policy } from '../services/trust/parsePolicy';
import type { Policies, PolicyStatus } from '../services/trust/policies';
import { readNamedFile } from './namedFile';
import type { Terminal } from './terminal';
import { UsageError } from './usageError';
import { sentences } from '../words/listText';

/** Options of commands that judge by policy files. */
export const policyOptions = {
  policy: {
    type: 'string',
    value: 'FILE',
    help: () =>
      l10n.t('a policy file that you accept for this call, instead of those that you have accepted in the editor'),
  },
  'policy-sha256': {
    type: 'string',
    value: 'HEX',
    help: () => l10n.t('refuse the file of --policy if it is other content'),
  },
} as const;

interface PolicyValues {
  readonly policy?: string;
  readonly 'policy-sha256'?: string;
}

/** The policy that the command line names, and so accepts. `policyInvalid`, also for other content than is asked for. */
export async function readNamedPolicy(values: PolicyValues, signal: AbortSignal): Promise<Policy | undefined> {
  const { policy: file, 'policy-sha256': wanted } = values;
  if (wanted !== undefined && (file === undefined || !/^[0-9a-f]{64}$/i.test(wanted)))
    throw new UsageError(l10n.t('--policy-sha256 takes 64 hexadecimal digits and needs --policy.'));
  if (file === undefined) return undefined;
  const { bytes } = await readNamedFile(file, mostPolicyBytes, signal);
  const policy = parsePolicy(bytes);
  const sha256 = hexOf(policy);
  if (wanted !== undefined && wanted.toLowerCase() !== sha256)
    throw new DaoChainError('policyInvalid', 'Not the policy asked for', {
      details: { reason: 'digest', value: sha256 },
    });
  return policy;
}

/** The policies of folders and of those above them; none where the command line has named one. */
export async function policiesOf(policies: Policies, folders: readonly string[]): Promise<readonly PolicyStatus[]> {
  const statuses = await Promise.all([...new Set(folders)].map((folder) => policies.above(folder)));
  return [...new Map(statuses.flat().map((status) => [status.folder, status])).values()];
}

/** Reports each policy file of which nothing counts, and why. */
export function printPolicies(statuses: readonly PolicyStatus[], terminal: Terminal): void {
  for (const status of statuses) {
    const text = ignoredText(status);
    if (text !== undefined) terminal.print(text);
  }
}

export function policiesJson(statuses: readonly PolicyStatus[], named?: Policy): object {
  return {
    policies: [
      ...(named === undefined ? [] : [{ state: 'named', sha256: hexOf(named) }]),
      ...statuses.map(({ folder, state, accepted, file }) => ({
        folder,
        state,
        ...(accepted !== undefined && { sha256: hexOf(accepted) }),
        ...(file !== undefined && { fileSha256: hexOf(file) }),
      })),
    ],
    policiesIgnored: statuses.filter((status) => ignoredText(status) !== undefined).length,
  };
}

function ignoredText({ folder, state, accepted, problem }: PolicyStatus): string | undefined {
  const place = displayText(folder);
  switch (state) {
    case 'offered':
      return l10n.t('{0}: policy not accepted: ignored. Accept it in the editor, or name it with --policy.', place);
    case 'changed':
      return l10n.t('{0}: policy not accepted since it changed: ignored. What you accepted before is in force.', place);
    case 'refused':
      return sentences(
        [
          l10n.t('{0}: policy ignored.', place),
          problem && errorText(problem, l10n),
          accepted && l10n.t('What you accepted before stays in force.'),
        ],
        l10n,
      );
    case 'none':
    case 'accepted':
    case 'missing':
    case 'damaged':
      return undefined;
  }
}

function hexOf({ digest }: Policy): string {
  return digest.slice('sha256:'.length);
}
