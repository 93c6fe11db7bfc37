import { sha256Digest } from '../core/image/digest';
import { formatPlatform } from '../core/image/platform';
import type { Leaf, Statement, RevocationReason } from '../core/ledger/types';
import type { Localizer } from './localizer';
import { displayText } from '../core/displayText';
import { list } from './listText';

/** Everything that a statement says, digest by digest. No two statements have the same lines. */
export function statementLines(statement: Statement, l10n: Localizer): readonly string[] {
  return [
    ...statement.leaves.flatMap((leaf) => [leafTitle(leaf), ...leafLines(leaf, l10n).map((line) => `  ${line}`)]),
    ...indexLines(statement, l10n),
  ];
}

/** What a statement says of the index. */
export function indexLines({ indexDigest, isIndexCarried }: Statement, l10n: Localizer): readonly string[] {
  return [
    ...(indexDigest === undefined ? [] : [l10n.t('index {0}', indexDigest)]),
    ...(isIndexCarried === true ? [l10n.t('The index digest is carried forward from an earlier statement.')] : []),
  ];
}

/** The whole name of its platform. */
export function leafTitle({ platform }: Leaf): string {
  const { osVersion } = platform;
  return displayText(formatPlatform(platform) + (osVersion === undefined ? '' : `:${osVersion}`));
}

/** Of an image that has none. */
const noDockerFields = sha256Digest(new TextEncoder().encode('{}'));

/** Everything that a statement says of the image of one platform. */
export function leafLines(leaf: Leaf, l10n: Localizer): readonly string[] {
  const { configDigest, configSize, manifestDigest, fingerprint, dockerFields, dockerFieldNames, carried } = leaf;
  const hasFields = dockerFields !== noDockerFields || dockerFieldNames !== undefined;
  return [
    l10n.t('config {0}', configDigest),
    l10n.t('config size {0} B', configSize),
    ...(manifestDigest === undefined ? [] : [l10n.t('manifest {0}', manifestDigest)]),
    l10n.t('fingerprint {0}', fingerprint),
    ...(hasFields ? [l10n.t('with Healthcheck, Shell or OnBuild {0}', dockerFields)] : []),
    ...(dockerFieldNames === undefined ? [] : [l10n.t('has {0}', list(dockerFieldNames, l10n))]),
    ...(carried?.content === true ? [l10n.t('Its content is carried forward from an earlier statement.')] : []),
    ...(carried?.digests === true ? [l10n.t('Its digest is carried forward from an earlier statement.')] : []),
  ];
}

export function revocationText(reason: RevocationReason, l10n: Localizer): string {
  switch (reason) {
    case 'compromised':
      return l10n.t('compromised');
    case 'vulnerable':
      return l10n.t('vulnerable');
    case 'mistake':
      return l10n.t('signed by mistake');
    case 'unsupported':
      return l10n.t('no longer supported');
    case 'other':
      return l10n.t('no reason given');
  }
}
