import * as l10n from '@vscode/l10n';
import { isDaoChainError } from '../../core/errors';
import { parseAddress } from '../../core/ledger/hub';
import { walletAddress } from '../../core/ledger/organization';
import { networkLedger, usualConfirmations } from '../../core/ledger/network';
import { ledgerKey } from '../../core/ledger/types';
import type { DamagedNetwork, FollowedExternal, FollowedNetwork } from '../../core/ports/networks';
import { displayText } from '../../core/displayText';
import { errorText } from '../../words/errorText';
import {
  admissionFacts,
  externalFacts,
  joinFacts,
  listenText,
  networkText,
  peerChangeText,
  termFacts,
  type NetworkFact,
} from '../../words/networkText';
import { createNamedFile, readNamedFile } from '../namedFile';
import { defineCommand, type Invocation } from '../command';
import { exitCodes } from '../exitCodes';
import type { ReadEndpoint } from '../../services/networks/externalLedgers';
import { withNodeSession, type Session } from '../session';
import { UsageError } from '../usageError';
import { agree, factLines, numberOf, yesOption } from './networkAsking';

export const networkList = defineCommand({
  usage: '',
  words: [0, 0],
  options: {},
  run: (invocation) =>
    withNodeSession(invocation, ({ networks, externals, ledgerParts }) => {
      const { terminal, values } = invocation;
      const { networks: followed } = networks.stored;
      const others = externals.stored;
      const damaged = [...networks.stored.damaged, ...others.damaged];
      const exitCode = damaged.length > 0 ? exitCodes.failed : exitCodes.done;
      const [home] = ledgerParts;
      const isHome = ({ profile }: FollowedNetwork): boolean =>
        home?.network !== 'development' && home?.network.profile.chainId === profile.chainId;
      if (values.json === true) {
        terminal.printJson({
          home: home?.name,
          networks: followed.map((network) => ({ ...networkJson(network), isHome: isHome(network) })),
          externals: others.externals.map((each) => externalJson(each, externals.readEndpoint(each.external.endpoint))),
          damaged: damaged.map(({ chainId, error }) => ({ chainId: chainId.toString(), file: error.details['file'] })),
        });
        return Promise.resolve(exitCode);
      }
      if (home?.network === 'development') terminal.print(l10n.t('{0} (home)', 'development'));
      else terminal.print('development');
      for (const network of followed) {
        terminal.print(networkText(network, isHome(network), l10n));
        terminal.print(`  ${l10n.t('Ledger: {0}', networkJson(network).ledger)}`);
        terminal.print(`  ${listenText(network.place.listen, l10n)}`);
      }
      for (const { external } of others.externals) {
        terminal.print(displayText(external.name));
        const endpoint = externals.readEndpoint(external.endpoint);
        const facts = [
          { text: l10n.t('Ledger: {0}', ledgerKey(external.ledger)) },
          ...(endpoint === undefined ? [] : externalFacts(external, endpoint, l10n)),
        ];
        printFacts(invocation, facts);
      }
      for (const { chainId, error } of damaged)
        terminal.say(l10n.t('{0} cannot be used. {1}', chainId.toString(), errorText(error, l10n)));
      return Promise.resolve(exitCode);
    }),
});

export const networkCreate = defineCommand({
  usage: 'NAME',
  words: [1, 1],
  options: {
    dataset: { type: 'string', value: 'small|full', help: () => l10n.t('what miners work on; full unless given') },
    confirmations: {
      type: 'string',
      value: 'N',
      help: () => l10n.t('how deep a block must be to be final; {0} unless given', usualConfirmations),
    },
    witness: {
      type: 'string',
      value: 'WALLET',
      multiple: true,
      help: () => l10n.t('a wallet of the first set of witnesses; repeat it for each'),
    },
    threshold: { type: 'string', value: 'K', help: () => l10n.t('how many witnesses must agree; more than half') },
    listen: {
      type: 'string',
      value: 'ADDRESS:PORT',
      help: () => l10n.t('an address of this machine where others reach its node, which makes it the hub'),
    },
  },
  run: (invocation) =>
    withNodeSession(invocation, async ({ networks }) => {
      const { values, positionals, terminal } = invocation;
      const [name = ''] = positionals;
      const dataset = values.dataset ?? 'full';
      if (dataset !== 'full' && dataset !== 'small') throw new UsageError(l10n.t('The dataset is small or full.'));
      const witnesses = (values.witness ?? []).map(walletAddress).sort();
      const network = await networks.create({
        name,
        dataset,
        confirmations: numberOf(values.confirmations, usualConfirmations),
        witnesses,
        threshold: numberOf(values.threshold, witnesses.length === 0 ? 0 : Math.floor(witnesses.length / 2) + 1),
        listen: listenOf(values.listen),
      });
      if (values.json === true) terminal.printJson(networkJson(network));
      else {
        terminal.print(l10n.t('{0} was created.', displayText(network.profile.name)));
        printFacts(invocation, [
          { text: l10n.t('Ledger: {0}', networkJson(network).ledger) },
          ...termFacts(network.profile, l10n),
          { text: listenText(network.place.listen, l10n) },
        ]);
        terminal.say(l10n.t('Next: {0}', `daochain network home ${quoted(network.profile.name)}`));
      }
      return exitCodes.done;
    }),
});

export const networkJoin = defineCommand({
  usage: 'LINK|FILE',
  words: [1, 1],
  options: { yes: yesOption },
  notes: () => l10n.t('It starts with no trust, and changes nothing of your other networks.'),
  run: (invocation) =>
    withNodeSession(invocation, async ({ networks }) => {
      const { values, positionals, terminal, signal } = invocation;
      const [given = ''] = positionals;
      const isLink = /^[a-z][a-z0-9+.-]*:\/\//i.test(given);
      const plan = await networks.planJoin(isLink ? given : (await readNamedFile(given, largestProfile, signal)).bytes);
      await agree(invocation, joinFacts(plan, l10n), l10n.t('Join this network?'));
      const link = await networks.join(plan);
      if (values.json === true) terminal.printJson({ ledger: plan.ledger, admission: link });
      else {
        terminal.print(l10n.t('You follow {0} now.', displayText(plan.profile.name)));
        terminal.print(l10n.t('Send this link to the owner of a hub, who lets your machine in by it:'));
        terminal.print(link);
      }
      return exitCodes.done;
    }),
});

export const networkShare = defineCommand({
  usage: '[NAME]',
  words: [0, 1],
  options: {
    file: { type: 'string', value: 'FILE', help: () => l10n.t('write a file instead of a link') },
  },
  run: (invocation) =>
    withNodeSession(invocation, async (session) => {
      const { values, terminal, signal } = invocation;
      const { profile } = chosen(session, invocation);
      const { link, file } = await session.networks.share(profile.chainId, signal);
      if (values.file !== undefined) {
        await createNamedFile(values.file, file, 0o644);
        if (values.json === true) terminal.printJson({ file: values.file });
        else terminal.print(l10n.t('Written to {0}', displayText(values.file)));
      } else if (values.json === true) terminal.printJson({ link });
      else terminal.print(link);
      return exitCodes.done;
    }),
});

export const networkAdmit = defineCommand({
  usage: 'LINK',
  words: [1, 1],
  options: { yes: yesOption },
  run: (invocation) =>
    withNodeSession(invocation, async (session) => {
      const { values, positionals, terminal, signal } = invocation;
      const plan = await session.networks.planAdmission(positionals[0] ?? '');
      await agree(invocation, admissionFacts(plan, l10n), l10n.t('Let this machine in?'));
      await joinNodeOf(session, plan.network, signal);
      const isTold = await session.networks.admit(plan, signal);
      if (values.json === true) terminal.printJson({ ledger: plan.ledger, nodeKey: plan.node.nodeKey });
      else
        terminal.print(
          peerChangeText(l10n.t('{0} may connect to this hub.', displayText(plan.node.machine)), isTold, l10n),
        );
      return exitCodes.done;
    }),
});

export const networkDismiss = defineCommand({
  usage: 'NODE [NAME]',
  words: [1, 2],
  options: {},
  run: (invocation) =>
    withNodeSession(invocation, async (session) => {
      const { positionals, terminal, signal } = invocation;
      const network = chosen(session, invocation, 1);
      await joinNodeOf(session, network, signal);
      const isTold = await session.networks.dismiss(network.profile.chainId, positionals[0] ?? '', signal);
      terminal.print(peerChangeText(l10n.t('It may no longer connect to this hub.'), isTold, l10n));
      return exitCodes.done;
    }),
});

export const networkListen = defineCommand({
  usage: 'ADDRESS:PORT|off [NAME]',
  words: [1, 2],
  options: {},
  run: (invocation) =>
    withNodeSession(invocation, async (session) => {
      const { positionals, terminal } = invocation;
      const [where = ''] = positionals;
      const { profile } = chosen(session, invocation, 1);
      const { place } = await session.networks.listenAt(profile.chainId, where === 'off' ? undefined : listenOf(where));
      terminal.print(listenText(place.listen, l10n));
      terminal.say(l10n.t('The node listens there from its next start on.'));
      return exitCodes.done;
    }),
});

export const networkAddHub = defineCommand({
  usage: 'ENODE [NAME]',
  words: [1, 2],
  options: {},
  run: (invocation) =>
    withNodeSession(invocation, async (session) => {
      const { positionals, terminal, signal } = invocation;
      const network = chosen(session, invocation, 1);
      await joinNodeOf(session, network, signal);
      const isTold = await session.networks.addHub(network.profile.chainId, positionals[0] ?? '', signal);
      terminal.print(peerChangeText(l10n.t('The node connects to it.'), isTold, l10n));
      return exitCodes.done;
    }),
});

export const networkRemoveHub = defineCommand({
  usage: 'NODE [NAME]',
  words: [1, 2],
  options: {},
  run: (invocation) =>
    withNodeSession(invocation, async (session) => {
      const { positionals, terminal } = invocation;
      const [nodeKey = ''] = positionals;
      await session.networks.removeHub(chosen(session, invocation, 1).profile.chainId, nodeKey);
      terminal.print(l10n.t('The node does not connect to it from its next start on.'));
      return exitCodes.done;
    }),
});

export const networkHome = defineCommand({
  usage: 'NAME|development',
  words: [1, 1],
  options: {},
  run: (invocation) =>
    withNodeSession(invocation, async (session) => {
      const { positionals, terminal } = invocation;
      const [name = ''] = positionals;
      await session.networks.switchHome(name === 'development' ? name : session.networks.find(name).profile.chainId);
      terminal.print(l10n.t('This machine signs on {0} from now on.', displayText(name)));
      return exitCodes.done;
    }),
});

export const networkRename = defineCommand({
  usage: 'NAME NEW',
  words: [2, 2],
  options: {},
  run: (invocation) =>
    withNodeSession(invocation, async (session) => {
      const [name = '', renamed = ''] = invocation.positionals;
      const external = session.externals.find(name);
      if (external !== undefined) await session.externals.rename(external, renamed);
      else await session.networks.rename(session.networks.find(name).profile.chainId, renamed);
      invocation.terminal.print(l10n.t('It is called {0} now.', displayText(renamed)));
      return exitCodes.done;
    }),
});

export const networkLeave = defineCommand({
  usage: 'NAME|CHAIN-ID',
  words: [1, 1],
  options: { yes: yesOption },
  run: (invocation) =>
    withNodeSession(invocation, async (session) => {
      const { positionals, terminal, values, signal } = invocation;
      const external = session.externals.findLeavable(positionals[0] ?? '');
      if (external !== undefined) return leaveExternal(session, external, invocation);
      const network = session.networks.findLeavable(positionals[0] ?? '');
      const chainId = 'error' in network ? network.chainId : network.profile.chainId;
      const facts = [
        {
          text: l10n.t('Network: {0}', 'error' in network ? chainId.toString() : displayText(network.profile.name)),
        },
        {
          text: l10n.t(
            'Its node ends, and rules for its ledger make everything that they cover unknown. Its chain, what is on its way and its settings are moved aside; nothing is deleted.',
          ),
        },
      ];
      await agree(invocation, facts, l10n.t('Leave this network?'));
      const folder = await session.networks.leave(chainId, signal);
      if (values.json === true) terminal.printJson({ folder });
      else terminal.print(l10n.t('You no longer follow it. Everything of it is in {0}', displayText(folder)));
      return exitCodes.done;
    }),
});

async function leaveExternal(
  { externals }: Session,
  followed: FollowedExternal | DamagedNetwork,
  invocation: Parameters<typeof agree>[0],
): Promise<typeof exitCodes.done> {
  const { values, terminal } = invocation;
  const facts = [
    {
      text: l10n.t(
        'Network: {0}',
        'error' in followed ? followed.chainId.toString() : displayText(followed.external.name),
      ),
    },
    {
      text: l10n.t(
        'Rules for its ledger make everything that they cover unknown. What is remembered of it and its endpoint are moved aside; nothing is deleted.',
      ),
    },
  ];
  await agree(invocation, facts, l10n.t('Leave this network?'));
  const folder = await externals.leave(followed);
  if (values.json === true) terminal.printJson({ folder });
  else terminal.print(l10n.t('You no longer follow it. Everything of it is in {0}', displayText(folder)));
  return exitCodes.done;
}

/** An endpoint can hold a secret, and is not repeated. */
function externalJson({ external, folder }: FollowedExternal, endpoint: ReadEndpoint | undefined): object {
  const { name, ledger, finality, confirmations } = external;
  return {
    ...{ name, chainId: ledger.chainId.toString(), ledger: ledgerKey(ledger), finality, confirmations, folder },
    ...(endpoint && { endpoint: endpoint.shown, assurance: endpoint.assurance }),
  };
}

function networkJson({
  profile,
  place,
  folder,
}: FollowedNetwork): Record<string, unknown> & { readonly ledger: string } {
  const { name, chainId, dataset, confirmations, witnesses, threshold, hubs } = profile;
  const ledger = ledgerKey(networkLedger(profile));
  return {
    name,
    chainId: chainId.toString(),
    ledger,
    dataset,
    confirmations,
    witnesses,
    threshold,
    hubs,
    ...place,
    folder,
  };
}

/** The network that is named, or else home. */
function chosen(session: Session, { positionals }: Invocation, at = 0): FollowedNetwork {
  const name = positionals[at];
  if (name !== undefined) return session.networks.find(name);
  const { network } = session.homeParts;
  if (network === 'development')
    throw new UsageError(l10n.t('The development network is of this machine alone. Name another network.'));
  return network;
}

function partsOf({ ledgerParts }: Session, { profile }: FollowedNetwork): Session['ledgerParts'][number] | undefined {
  return ledgerParts.find(({ network }) => network !== 'development' && network.profile.chainId === profile.chainId);
}

/** So that a running node is told as well; where none runs, its next start reads what is stored. */
async function joinNodeOf(session: Session, network: FollowedNetwork, signal: AbortSignal): Promise<void> {
  try {
    await partsOf(session, network)?.launcher.join(signal);
  } catch (error) {
    if (!isDaoChainError(error) || error.code === 'cancelled') throw error;
  }
}

function printFacts({ terminal }: Pick<Invocation, 'terminal'>, facts: readonly NetworkFact[]): void {
  for (const line of factLines(facts)) terminal.print(`  ${line}`);
}

function listenOf(text: string | undefined): ReturnType<typeof parseAddress> {
  if (text === undefined) return undefined;
  const listen = parseAddress(text);
  if (listen === undefined)
    throw new UsageError(l10n.t('{0} is not an address with a port, such as 192.168.1.5:30303.', displayText(text)));
  return listen;
}

/** A profile holds the code of one contract. */
const largestProfile = 2 ** 20;

/** For a shell. */
function quoted(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}
