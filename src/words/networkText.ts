import type { HubReach } from '../core/ledger/hub';
import { formatAddress, formatHub } from '../core/ledger/hub';
import type { NetworkTerms } from '../core/ledger/networkTerms';
import { displayText } from '../core/displayText';
import { checksumAddress } from '../core/checksumAddress';
import type { Assurance } from '../core/judging/verdict';
import type { ExternalLedger } from '../core/ledger/externalLedger';
import type { AdmissionPlan, ExternalPlan, JoinPlan } from '../core/plans/networkPlan';
import type { FollowedNetwork } from '../core/ports/networks';
import type { ListenAddress } from '../core/ports/node';
import { sentences } from './listText';
import type { Localizer } from './localizer';

/** Something that a person sees of a network, and what is below it. */
export interface NetworkFact {
  readonly text: string;
  readonly below?: readonly string[];
}

/** All that a person agrees to by joining, whole and in the order in which it matters. */
export function joinFacts({ profile, ledger, hubs, checkpoint }: JoinPlan, l10n: Localizer): readonly NetworkFact[] {
  return [
    { text: l10n.t('Network: {0}', displayText(profile.name)) },
    { text: l10n.t('Ledger: {0}', ledger) },
    ...termFacts(profile, l10n),
    {
      text: l10n.t('The node connects to these machines and to no others:'),
      below: hubs.map((hub) => hubText(formatHub(hub), hub.reach, l10n)),
    },
    ...(checkpoint === undefined
      ? []
      : [{ text: l10n.t('At its block {0} it had the hash {1}.', checkpoint.number, checkpoint.hash) }]),
    {
      text: l10n.t(
        'Nobody is trusted because of it: no rule is made. Your other networks, your rules and your wallet stay as they are, and nothing starts before you start it.',
      ),
    },
  ];
}

/** What the ledger's ID commits to. */
export function termFacts(terms: NetworkTerms, l10n: Localizer): readonly NetworkFact[] {
  const { dataset, confirmations, witnesses, threshold } = terms;
  return [
    {
      text:
        dataset === 'full'
          ? l10n.t('Mined on the full dataset of ethash, which takes some GiB of memory and disk.')
          : l10n.t('Mined on the small dataset of ethash, on which anybody computes fast.'),
    },
    {
      text:
        witnesses.length === 0
          ? l10n.t('No witnesses: what is {0} blocks deep counts as final, by depth only.', confirmations)
          : l10n.t('{0} of these {1} witnesses must agree:', threshold, witnesses.length),
      below: witnesses.map(checksumAddress),
    },
  ];
}

/** All that a person agrees to by reading a ledger of another chain. */
export function externalPlanFacts(plan: ExternalPlan, l10n: Localizer): readonly NetworkFact[] {
  const { external, ledger, shownEndpoint, assurance, isFollowed } = plan;
  return [
    { text: l10n.t('Network: {0}', displayText(external.name)) },
    { text: l10n.t('Ledger: {0}', ledger) },
    {
      text: l10n.t(
        'It is there, at the address where a release of DaoChain is deployed, with the code of that release.',
      ),
    },
    ...externalFacts(external, { shown: shownEndpoint, assurance }, l10n),
    ...(isFollowed ? [{ text: l10n.t('You follow it already: this takes the place of its endpoint and name.') }] : []),
    {
      text: l10n.t(
        'It is read only: nothing is signed on it, and no ether is sent there. Nobody is trusted because of it: no rule is made.',
      ),
    },
  ];
}

/** Where a ledger of another chain is read, and what that is worth. */
export function externalFacts(
  { finality, confirmations }: Pick<ExternalLedger, 'finality' | 'confirmations'>,
  { shown, assurance }: { readonly shown: string; readonly assurance: Assurance },
  l10n: Localizer,
): readonly NetworkFact[] {
  return [
    { text: l10n.t('Read at: {0}', displayText(shown)) },
    {
      text:
        assurance === 'ownNode'
          ? l10n.t('What answers there counts as your own node, which has executed the blocks of the chain.')
          : l10n.t('Only reported: it can show what is wrong, and nothing is ever verified by it.'),
    },
    {
      text:
        finality === 'tag'
          ? l10n.t('Final is what the chain itself calls final.')
          : l10n.t(
              'The chain does not tell what is final: what is {0} blocks deep counts as final, by depth only.',
              confirmations,
            ),
    },
  ];
}

function hubText(hub: string, reach: HubReach, l10n: Localizer): string {
  return reach === 'private'
    ? l10n.t('{0} (an address of a private network: elsewhere it leads to another machine)', hub)
    : hub;
}

export function admissionFacts({ network, ledger, node }: AdmissionPlan, l10n: Localizer): readonly NetworkFact[] {
  return [
    { text: l10n.t('Network: {0}', displayText(network.profile.name)) },
    { text: l10n.t('Ledger: {0}', ledger) },
    { text: l10n.t('The machine calls itself {0}.', displayText(node.machine)) },
    { text: l10n.t('Its node: {0}', node.nodeKey) },
    {
      text: l10n.t(
        'It may connect to this hub, read the chain and send blocks and transactions. It signs for nobody by that, and nobody trusts it.',
      ),
    },
  ];
}

export function listenText(listen: ListenAddress | undefined, l10n: Localizer): string {
  if (listen === undefined) return l10n.t('Listens to nobody');
  return l10n.t('Listens on {0}', formatAddress(listen));
}

/** What a change of who may connect has done. A node that was not told, because none runs or it does not answer, goes on as before. */
export function peerChangeText(done: string, isTold: boolean, l10n: Localizer): string {
  return isTold ? done : sentences([done, l10n.t('It takes effect when the node starts next.')], l10n);
}

/** A network in a list. */
export function networkText({ profile }: FollowedNetwork, isHome: boolean, l10n: Localizer): string {
  const name = displayText(profile.name);
  return isHome ? l10n.t('{0} (home)', name) : name;
}
