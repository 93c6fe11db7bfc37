import * as l10n from '@vscode/l10n';
import { errorSentence } from '../core/errorSentence';
import { shortDigest } from '../core/image/digest';
import { familiarName, formatReference } from '../core/image/reference';
import { platformText } from '../core/ledger/statement';
import { displayText } from '../core/trust/displayText';
import {
  plannedChangeText,
  speakerText,
  unexpectedDigestText,
  vouchOriginText,
  vouchWarning,
} from '../services/planText';
import type { PlannedImage, SigningPlan, SkippedImage } from '../services/signingTypes';
import type { Terminal } from './terminal';

/** Everything that a plan says of images. */
export function planLines(plan: SigningPlan): readonly string[] {
  const speaker = speakerText(plan, l10n);
  return [...plan.images.flatMap(imageLines), ...(speaker === undefined ? [] : [speaker])];
}

function imageLines(image: PlannedImage): readonly string[] {
  const { reference, platform, configDigest, registry, statement, vouch } = image;
  const digest =
    registry === undefined
      ? l10n.t('config {0}', `sha256:${shortDigest(configDigest)}`)
      : l10n.t('in the registry: {0}', registry.digest);
  const notes = [
    vouchOriginText(image, l10n),
    plannedChangeText(image, l10n),
    unexpectedDigestText(image, l10n),
    vouchWarning(image, l10n),
  ];
  // Whoever vouches for a digest sees the whole of it.
  const vouched = statement.leaves
    .filter((leaf) => vouch !== undefined && platform.split(', ').includes(platformText(leaf.platform)))
    .map(({ configDigest: config, manifestDigest }) =>
      manifestDigest === undefined ? l10n.t('config {0}', config) : l10n.t('manifest {0}', manifestDigest),
    );
  return [
    `${familiarName(reference)}  ${displayText(platform)}  ${digest}`,
    ...[...vouched, ...notes.filter((note) => note !== undefined)].map((note) => `  ${note}`),
  ];
}

/** Names what a plan leaves out. Where nobody can agree to that, nothing is signed: throws what is wrong with the first. */
export function tellSkipped(skipped: readonly SkippedImage[], isAgreed: boolean, terminal: Terminal): void {
  for (const { name, error } of skipped) {
    terminal.say(l10n.t('Not signed: {0}. {1}', displayText(name), errorSentence(error, l10n)));
  }
  const [first] = skipped;
  if (first !== undefined && !isAgreed) throw first.error;
}

export function plannedJson({
  reference,
  platform,
  configDigest,
  registry,
  statement,
  change,
  vouch,
}: PlannedImage): object {
  return {
    name: formatReference(reference),
    platform,
    configDigest,
    change: change.type,
    ...(registry && { registry }),
    ...(vouch && { origin: vouch.origin, verdict: vouch.verdict.kind, statement }),
  };
}
