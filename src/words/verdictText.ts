import { formatPlatform } from '../core/image/platform';
import type { LedgerKey } from '../core/ledger/types';
import type { Localizer } from './localizer';
import { otherChainText } from './contradictionText';
import { displayText } from '../core/displayText';
import { ageText, dateText } from './timeText';
import type { Citation, Confirmations, MissingPart, Refusal, Verdict, VerdictKind } from '../core/judging/verdict';
import { diskFullDetail } from '../core/judging/verdict';
import { publisherLabel } from './publisherText';
import { list, sentences } from './listText';
import { registryFailureText, registryNextStep, isRegistryFailure } from './registryText';
import { revocationText } from './statementText';

type Of<K extends VerdictKind> = Extract<Verdict, { kind: K }>;

/**
 * The verdict in a word or two. A development ledger is always named, for what is green there proves nothing elsewhere;
 * another where more than one is followed.
 */
export function verdictLabel(verdict: Verdict, l10n: Localizer): string {
  const label = verdictWord(verdict, l10n);
  if (verdict.kind === 'tampered' || verdict.kind === 'unknown') return label;
  if (verdict.ledgerKind === 'development') return l10n.t('{0} (development)', label);
  return verdict.network === undefined ? label : l10n.t('{0} ({1})', label, displayText(verdict.network));
}

/** The same where the ledger is named once for many verdicts. */
export function verdictWord(verdict: Verdict, l10n: Localizer): string {
  const isOwn = verdict.kind === 'mismatch' && verdict.cause === 'rebuilt';
  return isOwn ? l10n.t('Rebuilt since signed') : kindWord(verdict.kind, l10n);
}

/** In a list whose title names the ledger; where more than one is followed, each row does. */
export function listedLabel(verdict: Verdict, l10n: Localizer): string {
  return verdict.network === undefined ? verdictWord(verdict, l10n) : verdictLabel(verdict, l10n);
}

/** What verdicts of a kind are called where it does not matter which one it is. */
export function kindWord(kind: VerdictKind, l10n: Localizer): string {
  switch (kind) {
    case 'tampered':
      return l10n.t('Tampered');
    case 'revoked':
      return l10n.t('Revoked');
    case 'superseded':
      return l10n.t('Superseded');
    case 'mismatch':
      return l10n.t('Mismatch');
    case 'pending':
      return l10n.t('Pending');
    case 'stale':
      return l10n.t('Stale');
    case 'verified':
      return l10n.t('Verified');
    case 'untrusted':
      return l10n.t('Untrusted publisher');
    case 'unsigned':
      return l10n.t('Unsigned');
    case 'unknown':
      return l10n.t('Cannot be checked');
  }
}

function chainOf(ledger: LedgerKey): string {
  return ledger.slice(0, ledger.indexOf(':'));
}

/** Why: one or more sentences. */
export function verdictReason(verdict: Verdict, l10n: Localizer): string {
  switch (verdict.kind) {
    case 'tampered':
      return tamperedReason(verdict, l10n);
    case 'revoked':
      return revokedReason(verdict, l10n);
    case 'superseded':
      return supersededReason(verdict, l10n);
    case 'mismatch':
      return mismatchReason(verdict, l10n);
    case 'pending': {
      const { by, confirmations, needed } = verdict;
      return l10n.t('Signed by {0}; {1} of {2} confirmations.', publishers(by, l10n), confirmations, needed);
    }
    case 'stale':
      return staleReason(verdict, l10n);
    case 'verified':
      return verifiedReason(verdict, l10n);
    case 'untrusted':
      return untrustedReason(verdict, l10n);
    case 'unsigned':
      return unsignedReason(verdict, l10n);
    case 'unknown':
      return unknownReason(verdict, l10n);
  }
}

/** What to do about it: a sentence. Nobody can sign, vouch for or pull an image without a name (`isNamed`). */
export function verdictNextStep(verdict: Verdict, l10n: Localizer, isNamed = true): string {
  switch (verdict.kind) {
    case 'tampered':
      return l10n.t('Remove the image, then pull or build it again.');
    case 'revoked':
      return l10n.t('Stop using this image and look for a release that has not been revoked.');
    case 'superseded':
      return l10n.t('Pull or build the current release of this tag.');
    case 'mismatch':
      return verdict.cause === 'rebuilt'
        ? l10n.t('If you built it, sign it again. Otherwise do not run it.')
        : l10n.t('Do not run it. Pull the tag again, and tell the publisher if that does not help.');
    case 'pending':
      return l10n.t('Wait until it is final. If nobody is mining, start mining.');
    case 'stale':
      return verdict.cause === 'validity'
        ? l10n.t('Pull the current release, or ask the publisher to sign this one again.')
        : verdict.asOf?.ahead === undefined
          ? l10n.t('Connect to the network and let the chain catch up.')
          : l10n.t('Correct the clock of this machine.');
    case 'verified':
      return l10n.t('Nothing to do.');
    case 'untrusted':
      return untrustedNextStep(verdict, l10n);
    case 'unsigned':
      if (!isNamed) return l10n.t('Give it a name with "docker tag"; then it can be signed or vouched for.');
      return l10n.t('Sign it if you made it. If others made it and you have checked it, vouch for it.');
    case 'unknown':
      return unknownNextStep(verdict, l10n);
  }
}

/**
 * What the verdict rests on: how deep the content was compared, at which block, and on whose word. Undefined where nothing
 * was compared and no block was read.
 */
export function verdictBasis(verdict: Verdict, l10n: Localizer): string | undefined {
  const parts = [
    isCompared(verdict) ? depthText(verdict, l10n) : undefined,
    assuranceText(verdict, l10n),
    verdict.network === undefined ? undefined : l10n.t('Ledger of the network {0}.', displayText(verdict.network)),
  ];
  return parts.some((part) => part !== undefined) ? sentences(parts, l10n) : undefined;
}

/** What was not checked, and what nobody has looked into, must not be said to have been compared. */
export function isCompared({ kind, depth }: Verdict): boolean {
  return kind !== 'unknown' && (kind !== 'unsigned' || depth !== 'identity');
}

function depthText({ depth }: Verdict, l10n: Localizer): string {
  switch (depth) {
    case 'identity':
      return l10n.t('Its content was compared with what was signed.');
    case 'layers':
      return l10n.t('Its content and every layer were compared with what was signed.');
    case 'rootfs':
      return l10n.t('Its content, every layer and the root filesystem were compared with what was signed.');
  }
}

function assuranceText({ asOf, assurance }: Verdict, l10n: Localizer): string | undefined {
  if (asOf === undefined) return undefined;
  const { ahead } = asOf;
  const aheadText =
    ahead === undefined ? undefined : l10n.t('That block is {0} ahead of the clock here.', ageText(ahead, l10n));
  return sentences([readText(asOf, assurance, l10n), aheadText], l10n);
}

function readText(
  { block, time }: NonNullable<Verdict['asOf']>,
  assurance: Verdict['assurance'],
  l10n: Localizer,
): string {
  switch (assurance) {
    case 'ownNode':
      return l10n.t('Checked by your own node at block {0} ({1}).', block, dateText(time));
    case 'signature':
      return l10n.t('Checked by signatures up to block {0} ({1}).', block, dateText(time));
    case 'reported':
      return l10n.t('Only reported by an endpoint, at block {0} ({1}).', block, dateText(time));
  }
}

/** For screen readers: reference, verdict and reason. The ledger is named by the list that it stands in. */
export function accessibleLabel(reference: string, verdict: Verdict, l10n: Localizer): string {
  return l10n.t('{0}: {1}. {2}', displayText(reference), listedLabel(verdict, l10n), verdictReason(verdict, l10n));
}

// --- reasons ---------------------------------------------------------------------------------------------------------

function tamperedReason({ paths: [first = '', ...more] }: Of<'tampered'>, l10n: Localizer): string {
  const path = displayText(first);
  if (more.length === 0) return l10n.t('The local content differs at {0}.', path);
  if (more.length === 1) return l10n.t('The local content differs at {0} and one more path.', path);
  return l10n.t('The local content differs at {0} and {1} more paths.', path, more.length);
}

function revokedReason(verdict: Of<'revoked'>, l10n: Localizer): string {
  const { note = '' } = verdict;
  const noted = note === '' ? undefined : l10n.t('"{0}"', displayText(note));
  return sentences([revokedText(verdict, l10n), noted, confirmingText(verdict.confirming, l10n)], l10n);
}

function revokedText({ by, citation, reason = 'other' }: Of<'revoked'>, l10n: Localizer): string {
  const who = publisherLabel(citation.publisher, l10n);
  const [when, why] = [dateText(citation.time), revocationText(reason, l10n)];
  switch (by) {
    case 'signer':
      return l10n.t('The wallet that signed this content for {0} has been revoked.', who);
    case 'revocation':
      return l10n.t('Revoked by {0} on {1}: {2}.', who, when, why);
    case 'everywhere':
      return l10n.t('Revoked by {0} under every name on {1}: {2}.', who, when, why);
  }
}

function staleReason({ cause, since, by, asOf }: Of<'stale'>, l10n: Localizer): string {
  const who = publishers(by, l10n);
  if (cause === 'validity') return l10n.t('Signed by {0}, but only until {1}.', who, dateText(since));
  return asOf?.ahead === undefined
    ? l10n.t(
        'Signed by {0}, but the view of the chain has been older than a rule allows since {1}.',
        who,
        dateText(since),
      )
    : l10n.t(
        'Signed by {0}, but the age of the view of the chain is unknown: the clock of this machine is behind it.',
        who,
      );
}

function supersededReason({ current, older, confirming }: Of<'superseded'>, l10n: Localizer): string {
  const reason = l10n.t(
    'An older release: {0} signed it on {1}, and other content under this tag on {2}.',
    publisherLabel(older.publisher, l10n),
    dateText(older.time),
    dateText(current.time),
  );
  return sentences([reason, confirmingText(confirming, l10n)], l10n);
}

function mismatchReason(verdict: Of<'mismatch'>, l10n: Localizer): string {
  const { citation, platform, differences, confirming } = verdict;
  const reason =
    verdict.cause === 'rebuilt'
      ? l10n.t(
          'It was built or loaded here after you signed this tag on {0}; the engine does not say which.',
          dateText(citation.time),
        )
      : l10n.t(
          'It is not what {0} published under this tag for {1} on {2}.',
          publisherLabel(citation.publisher, l10n),
          displayText(formatPlatform(platform)),
          dateText(citation.time),
        );
  const named = differences.length === 0 ? undefined : l10n.t('What differs: {0}.', list(differences, l10n));
  return sentences([reason, named, confirmingText(confirming, l10n)], l10n);
}

function verifiedReason({ match, differences, by }: Of<'verified'>, l10n: Localizer): string {
  const [published, vouched] = [by.filter(({ kind }) => kind === 'publish'), by.filter(({ kind }) => kind === 'vouch')];
  return sentences(
    [
      published.length > 0 ? l10n.t('Published by {0}.', publishers(published, l10n)) : undefined,
      vouched.length > 0 ? l10n.t('Vouched for by {0}.', publishers(vouched, l10n)) : undefined,
      match === 'content' ? l10n.t('The content is the same; its digest differs or was not compared.') : undefined,
      match === 'equivalent' ? l10n.t('Lost in a conversion: {0}.', list(differences, l10n)) : undefined,
    ],
    l10n,
  );
}

function untrustedReason(verdict: Of<'untrusted'>, l10n: Localizer): string {
  const { by, accepted, needed, sharing, refused, coverage } = verdict;
  const who = publishers(by, l10n);
  if (refused !== undefined) return refusalText(refused, who, l10n);
  if (coverage === 'none') return l10n.t('Signed by {0}, but no trust rule covers this repository.', who);
  if (accepted === 0) return l10n.t('Signed by {0}, but no trust rule accepts that for this repository.', who);
  return sentences(
    [
      l10n.t('Signed by {0}: {1} of the {2} publishers that a trust rule asks for.', who, accepted, needed),
      sharing === undefined ? undefined : l10n.t('A wallet that signs for several of them counts only once.'),
    ],
    l10n,
  );
}

function refusalText(refused: Refusal, who: string, l10n: Localizer): string {
  switch (refused) {
    case 'reported':
      return l10n.t('Signed by {0}, but only as an endpoint reports it.', who);
    case 'development':
      return l10n.t('Signed by {0} on a development ledger, which an enforcing rule never accepts.', who);
    case 'depthOnly':
      return l10n.t(
        'Signed by {0} on a ledger without witnesses, final by depth only, which an enforcing rule does not accept.',
        who,
      );
    case 'equivalent':
      return l10n.t(
        'Signed by {0}, but parts were lost in a conversion, which an enforcing rule does not accept.',
        who,
      );
    case 'noCheckpoint':
      return l10n.t('Signed by {0}, but without a checkpoint nothing shows that this is the latest statement.', who);
  }
}

function unsignedReason({ knownAs, otherPlatforms, vouchedDiffers }: Of<'unsigned'>, l10n: Localizer): string {
  const [known] = knownAs;
  const platforms = otherPlatforms.map((platform) => displayText(formatPlatform(platform)));
  return sentences(
    [
      l10n.t('This content has no current signature under this tag.'),
      known &&
        l10n.t(
          'The same content is signed as {0}, by {1}.',
          displayText(`${known.repository}:${known.tag}`),
          publisherLabel(known.publisher, l10n),
        ),
      platforms.length > 0 ? l10n.t('Other platforms are signed: {0}.', list(platforms, l10n)) : undefined,
      vouchedDiffers.length > 0
        ? l10n.t('{0} vouched for other content under this tag.', publishers(vouchedDiffers, l10n))
        : undefined,
    ],
    l10n,
  );
}

function unknownReason({ missing, detail, network, ledger }: Of<'unknown'>, l10n: Localizer): string {
  if (missing === 'registry' && isRegistryFailure(detail)) return registryFailureText(detail, l10n);
  if (missing === 'image' && detail !== undefined) return l10n.t('There is no image for {0}.', displayText(detail));
  if (missing === 'platform' && detail !== undefined)
    return l10n.t('The platform {0} is not understood.', displayText(detail));
  if (missing === 'ledger' && detail === diskFullDetail)
    return l10n.t('The ledger does not answer: the disk is full, and no node runs there.');
  if (missing === 'ledger' && network !== undefined)
    return l10n.t('The ledger of the network {0} does not answer.', displayText(network));
  if (missing === 'ledgerNotFollowed' && ledger !== undefined)
    return l10n.t('A trust rule names a ledger that is not followed here, on chain {0}.', chainOf(ledger));
  const more = detail === undefined ? undefined : l10n.t('Details: {0}', displayText(detail));
  return sentences([missingText(missing, l10n), more], l10n);
}

function missingText(missing: MissingPart, l10n: Localizer): string {
  switch (missing) {
    case 'engine':
      return l10n.t('The container engine does not answer.');
    case 'image':
      return l10n.t('The image is not here.');
    case 'malformedImage':
      return l10n.t('The image is malformed: engines could read it in more than one way.');
    case 'platform':
      return l10n.t('The platform is not understood.');
    case 'registry':
      return l10n.t('The registry does not answer.');
    case 'variable':
      return l10n.t('The image reference has a variable without a value.');
    case 'ledger':
      return l10n.t('The ledger does not answer.');
    case 'ledgerNotFollowed':
      return l10n.t('A trust rule names a ledger that is not followed here.');
    case 'ledgerIncomplete':
      return l10n.t('The ledger has not been read completely.');
    case 'historyContradicted':
      return l10n.t('The chain has been rewritten: what was final here is now gone or different.');
    case 'otherChain':
      return otherChainText(l10n);
    case 'stillReading':
      return l10n.t('The ledger is still being read.');
    case 'strangersLeftOut':
      return l10n.t('Publishers whom no rule names have written more about this image than is read.');
    case 'configBytes':
      return l10n.t('What the engine prints differs from what was signed; the image itself has not been read.');
    case 'layers':
      return l10n.t('The configuration is what was signed. Whether the layers are too is not known.');
    case 'signedContent':
      return l10n.t('Parts were lost in a conversion, and which ones is not known.');
    case 'unreadableEntry':
      return l10n.t('The newest entry of a publisher has a form that this version cannot read.');
  }
}

function confirmingText(confirming: Confirmations | undefined, l10n: Localizer): string | undefined {
  return confirming && l10n.t('Signed again; {0} of {1} confirmations.', confirming.confirmations, confirming.needed);
}

// --- next steps ------------------------------------------------------------------------------------------------------

function untrustedNextStep({ refused, accepted, isOwn }: Of<'untrusted'>, l10n: Localizer): string {
  switch (refused) {
    case undefined:
      break;
    case 'reported':
    case 'noCheckpoint':
      return l10n.t('Check it with a node of your own.');
    case 'development':
      return l10n.t('Have it signed on the ledger of your team.');
    case 'depthOnly':
      return l10n.t('Let the rule warn instead, or have it signed on a ledger whose witnesses say what is final.');
    case 'equivalent':
      return l10n.t('Use the image in the format in which it was signed.');
  }
  if (accepted === 0 && isOwn === true)
    return l10n.t('Your own wallet signed it: trust it, or the organization that it signed for, for this repository.');
  return accepted > 0
    ? l10n.t('Ask the other publishers of the rule to sign it.')
    : l10n.t('If you know this publisher, trust it for this repository.');
}

function unknownNextStep({ missing, detail, network, coverage }: Of<'unknown'>, l10n: Localizer): string {
  switch (missing) {
    case 'engine':
      return l10n.t('Start the container engine.');
    case 'image':
      return l10n.t('Pull or build the image.');
    case 'malformedImage':
      return l10n.t('Do not run it. Build it again with another tool.');
    case 'platform':
      return l10n.t('Write the platform out, as in linux/amd64.');
    case 'registry':
      return registryNextStep(isRegistryFailure(detail) ? detail : 'registryUnavailable', l10n);
    case 'variable':
      return l10n.t('Give the variable a default value.');
    case 'ledger':
      if (detail === diskFullDetail) return l10n.t('Free up space on the node’s disk, then start the node.');
      return network === undefined || coverage === 'none'
        ? l10n.t('Start the node.')
        : l10n.t('Start the node of {0}, or remove the rule that names its ledger.', displayText(network));
    case 'ledgerNotFollowed':
      return l10n.t('Join its network, or remove or change the rule that names it.');
    case 'ledgerIncomplete':
    case 'stillReading':
      return l10n.t('Wait until the ledger has been read.');
    case 'historyContradicted':
      return l10n.t('Read what is gone, and decide whether this is the right chain.');
    case 'otherChain':
      return l10n.t(
        'Trust nothing on this chain. Ask whoever shared the network, and join it anew by a link of theirs.',
      );
    case 'strangersLeftOut':
      return l10n.t('If you know its publisher, trust it for this repository.');
    case 'configBytes':
      return l10n.t('Verify the image, so that its content is read.');
    case 'layers':
      return l10n.t(
        'Pull it before you build from it. The publisher can add the registry’s digests to the signature after the push.',
      );
    case 'signedContent':
      return l10n.t('Use the image in the format in which it was signed.');
    case 'unreadableEntry':
      return l10n.t('Update the extension.');
  }
}

// --- parts -----------------------------------------------------------------------------------------------------------

function publishers(citations: readonly Citation[], l10n: Localizer): string {
  const [first, ...more] = new Set(citations.map(({ publisher }) => publisherLabel(publisher, l10n)));
  if (first === undefined) return l10n.t('nobody');
  return more.length === 0 ? first : l10n.t('{0} and {1} more', first, more.length);
}
