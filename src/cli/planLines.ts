import * as l10n from '@vscode/l10n';
import { errorText } from '../words/errorText';
import { familiarName, formatReference } from '../core/image/reference';
import { displayText } from '../core/displayText';
import { leafTitle } from '../words/statementText';
import {
  foreseenText,
  hubNameText,
  plannedChangeText,
  speakerText,
  unexpectedDigestText,
  vouchOriginText,
  vouchWarning,
} from '../words/planText';
import type {
  Foreseen,
  PlannedEntry,
  PlannedImage,
  RevocationPlan,
  SigningPlan,
  SkippedImage,
} from '../core/plans/signingPlan';
import { verdictJson } from './verdictJson';
import type { Terminal } from './terminal';

/** What a person has to know of the images of a plan, beside what is signed. */
export function planLines(plan: SigningPlan): readonly string[] {
  const speaker = speakerText(plan, l10n);
  return [
    ...plan.images.flatMap((image) => [...imageLines(image), ...foreseenLines(plan, image)]),
    ...(speaker === undefined ? [] : [speaker]),
  ];
}

/** What the reader will see of an image once the plan is final. */
export function foreseenLines(plan: SigningPlan | RevocationPlan, { reference }: PlannedEntry): readonly string[] {
  const foreseen = plan.foreseen?.find((each) => each.reference === reference);
  const text = foreseen && foreseenText(foreseen, plan, l10n);
  return text === undefined ? [] : [`  ${text}`];
}

function imageLines(image: PlannedImage): readonly string[] {
  const { reference, platform, registry } = image;
  const digest = registry === undefined ? '' : `  ${l10n.t('in the registry: {0}', registry.digest)}`;
  const notes = [
    hubNameText(reference, l10n),
    vouchOriginText(image, l10n),
    plannedChangeText(image, l10n),
    unexpectedDigestText(image, l10n),
    vouchWarning(image, l10n),
  ];
  return [
    `${familiarName(reference)}  ${displayText(platform)}${digest}`,
    ...notes.filter((note) => note !== undefined).map((note) => `  ${note}`),
  ];
}

/**
 * Names what a plan leaves out. Where nobody can agree to that, nothing is signed: throws the problem of the first
 * image.
 */
export function tellSkipped(skipped: readonly SkippedImage[], isAgreed: boolean, terminal: Terminal): void {
  for (const { name, error } of skipped) {
    terminal.say(l10n.t('Not signed: {0}. {1}', displayText(name), errorText(error, l10n)));
  }
  const [first] = skipped;
  if (first !== undefined && !isAgreed) throw first.error;
}

/** What is foretold, as something to spread into what `--json` says of an image. */
export function foreseenJson(foreseen: Foreseen | undefined): object {
  return foreseen === undefined
    ? {}
    : { foreseen: { now: verdictJson(foreseen.now), then: verdictJson(foreseen.then) } };
}

export function plannedJson({ images, foreseen }: SigningPlan): readonly object[] {
  return images.map((image) => ({
    ...imageJson(image),
    ...foreseenJson(foreseen?.find(({ reference }) => reference === image.reference)),
  }));
}

function imageJson({
  reference,
  platform,
  configDigest,
  registry,
  statement,
  change,
  vouch,
  lifted,
}: PlannedImage): object {
  const carried = statement.leaves.filter((leaf) => leaf.carried?.content === true).map(leafTitle);
  return {
    name: formatReference(reference),
    platform,
    configDigest,
    change: change.type,
    ...(carried.length > 0 && { carried }),
    ...(lifted.length > 0 && { everywhere: lifted.map(({ entry: { tag } }) => tag) }),
    ...(registry && { registry }),
    statement,
    ...(vouch && { origin: vouch.origin, verdict: vouch.verdict.kind }),
  };
}
