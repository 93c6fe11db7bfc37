import * as l10n from '@vscode/l10n';
import { checksumAddress } from '../../core/checksumAddress';
import { DaoChainError } from '../../core/errors';
import type { Address, Hex32 } from '../../core/hex';
import { invitationLink, invitationTo, parseInvitation } from '../../core/ledger/invitation';
import { walletAddress } from '../../core/ledger/organization';
import {
  previewRevocation,
  proposedSinceBlock,
  sinceBlockAt,
  type SignerHistory,
} from '../../core/ledger/signerRevocation';
import { ledgerKey } from '../../core/ledger/types';
import { timeText } from '../../words/timeText';
import type { OrganizationPlan } from '../../core/plans/organizationPlan';
import {
  entryText,
  invitationTexts,
  revocationTexts,
  roleText,
  scopeText,
  signerText,
} from '../../words/organizationText';
import type { TransactionPlan } from '../../core/plans/transactionPlan';
import { defineCommand } from '../command';
import { exitCodes } from '../exitCodes';
import { changeOptions, changeOrganization, organizationId, organizationLine } from '../organizationChange';
import { withSession, type Session } from '../session';
import { UsageError } from '../usageError';
import { onlyHereText } from '../../words/ledgerText';

export const organizationCreate = defineCommand({
  usage: 'NAME',
  words: [1, 1],
  options: changeOptions,
  notes: () => l10n.t('The name is for people. Others can take the same one; the ID that is printed is what counts.'),
  run: (invocation) => {
    const [name = ''] = invocation.positionals;
    return changeOrganization(
      invocation,
      async (organizations, from) => ({
        plan: await organizations.planCreate(name, from, invocation.signal),
        about: [l10n.t('Create the organization "{0}"', name)],
      }),
      async ({ transaction, session: { organizations } }) => {
        const id = transaction && (await organizations.created(transaction as Hex32, invocation.signal));
        return { line: id ?? transaction ?? '', json: { organization: id ?? null, name } };
      },
    );
  },
});

export const organizationList = defineCommand({
  usage: '[WALLET]',
  words: [0, 1],
  options: {},
  notes: () =>
    l10n.t(
      'Anybody can make any wallet a signer of their organization, so a row here proves nothing about an organization.',
    ),
  run: (invocation) => {
    const { values, positionals, terminal, signal } = invocation;
    const [given] = positionals;
    return withSession(invocation, async (session) => {
      const wallet = given === undefined ? ownWallet(session) : walletAddress(given);
      const memberships = await session.organizations.mine(wallet, signal);
      if (values.json === true) terminal.printJson({ wallet: checksumAddress(wallet), organizations: memberships });
      else if (memberships.length === 0) terminal.say(l10n.t('{0} is in no organization.', checksumAddress(wallet)));
      else
        for (const membership of memberships)
          terminal.print(`${organizationLine(membership.organization)}: ${roleText(membership, l10n)}`);
      return exitCodes.done;
    });
  },
});

export const organizationShow = defineCommand({
  usage: 'ORG',
  words: [1, 1],
  options: {
    signer: { type: 'string', value: 'WALLET', help: () => l10n.t('all that this signer has said, newest first') },
  },
  run: (invocation) => {
    const { values, positionals, terminal, signal } = invocation;
    const id = organizationId(positionals[0] ?? '');
    return withSession(invocation, async ({ organizations }) => {
      const { organization, signers, ledger } = await organizations.read(id, signal);
      const history =
        values.signer === undefined ? undefined : await organizations.signerHistory(id, values.signer, signal);
      if (values.json === true) {
        const said = history && { isComplete: history.isComplete, entries: history.entries.map(entryJson(history)) };
        terminal.printJson({ ledger: ledgerKey(ledger), ...organization, signers, ...said });
        return exitCodes.done;
      }
      const { admin, pendingAdmin } = organization;
      terminal.print(organizationLine(organization));
      terminal.print(l10n.t('Admin: {0}', checksumAddress(admin)));
      if (pendingAdmin !== undefined)
        terminal.print(l10n.t('Offered the admin role: {0}', checksumAddress(pendingAdmin)));
      for (const each of signers) terminal.print(`${checksumAddress(each.signer)}: ${signerText(each, l10n)}`);
      for (const line of history === undefined ? [] : historyLines(history)) terminal.print(line);
      return exitCodes.done;
    });
  },
});

export const organizationInvite = defineCommand({
  usage: 'ORG WALLET',
  words: [2, 2],
  options: {
    begins: { type: 'string', value: 'TIME', help: () => l10n.t('when it may start to sign; at once unless given') },
    scope: {
      type: 'string',
      value: 'REPOSITORY',
      help: () =>
        l10n.t(
          'only for this repository and what is below it, or what begins with it where it ends in /; "*" for everything; as before unless given',
        ),
    },
    ends: { type: 'string', value: 'TIME', help: () => l10n.t('until when it may sign; no expiry unless given') },
    ...changeOptions,
  },
  notes: () =>
    l10n.t('TIME is a day or a time in UTC, such as 2027-01-31 or 2027-01-31T12:00Z. Invite again to change it.'),
  run: (invocation) => {
    const { values, positionals, terminal, signal } = invocation;
    const [text = '', signer = ''] = positionals;
    const organization = organizationId(text);
    const notBefore = readTime('--begins', values.begins, '00:00:00');
    const notAfter = readTime('--ends', values.ends, '23:59:59');
    return changeOrganization(
      invocation,
      async (organizations, from) => {
        const { scope } = values;
        const change = { organization, signer, notBefore: notBefore ?? 0, notAfter: notAfter ?? 0, scope };
        return about(await organizations.planSetSigner(change, from, signal), ({ call }) =>
          call?.type === 'setSigner'
            ? [
                l10n.t('Let {0} sign for it', checksumAddress(call.signer)),
                ...(call.notBefore === 0 ? [] : [l10n.t('from {0}', timeText(call.notBefore))]),
                // Who is invited again for another scope loses the end that they had.
                call.notAfter === 0 ? l10n.t('with no expiry') : l10n.t('until {0}', timeText(call.notAfter)),
                scopeText(call.scope, l10n),
              ].join(' ')
            : '',
        );
      },
      ({ plan: { ledger, ledgerKind, call } }) => {
        const scope = call?.type === 'setSigner' ? call.scope : null;
        const invitation = invitationLink(invitationTo(ledger, organization, scope));
        const onlyHere = onlyHereText(ledgerKind, l10n);
        if (onlyHere !== undefined) terminal.say(onlyHere);
        return Promise.resolve({ line: invitation, json: { organization, signer, scope, invitation } });
      },
    );
  },
});

export const organizationRetire = defineCommand({
  usage: 'ORG WALLET',
  words: [2, 2],
  options: changeOptions,
  notes: () => l10n.t('What it has signed stays valid. If a key was stolen, revoke the signer instead.'),
  run: (invocation) => {
    const [text = '', signer = ''] = invocation.positionals;
    const organization = organizationId(text);
    return changeOrganization(
      invocation,
      async (organizations, from) =>
        about(await organizations.planRetire(organization, signer, from, invocation.signal), () =>
          l10n.t('{0} can no longer sign anything new for it. What it has signed stays valid.', signer),
        ),
      () => Promise.resolve({ line: signer, json: { organization, signer } }),
    );
  },
});

export const organizationRevokeSigner = defineCommand({
  usage: 'ORG WALLET',
  words: [2, 2],
  options: {
    'since-block': { type: 'string', value: 'N', help: () => l10n.t('what it has signed since this block is void') },
    'since-time': { type: 'string', value: 'TIME', help: () => l10n.t('what it has signed since then is void') },
    ...changeOptions,
  },
  notes: () => l10n.t('This cannot be undone. "daochain org show ORG --signer WALLET" shows which block to name.'),
  run: (invocation) => {
    const { values, positionals, signal } = invocation;
    const { 'since-block': block, 'since-time': time } = values;
    const [text = '', signer = ''] = positionals;
    const organization = organizationId(text);
    if ((block === undefined) === (time === undefined))
      throw new UsageError(l10n.t('Specify either --since-block or --since-time.'));
    if (block !== undefined && !/^\d{1,15}$/.test(block)) throw new UsageError(l10n.t('--since-block takes a number.'));
    const since = readTime('--since-time', time, '00:00:00');
    return changeOrganization(
      invocation,
      async (organizations, from) => {
        const history = await organizations.signerHistory(organization, signer, signal);
        const sinceBlock = since === undefined ? Number(block) : (sinceBlockAt(history, since) ?? history.head);
        const plan = await organizations.planRevokeSigner(organization, signer, sinceBlock, from, signal);
        const preview = previewRevocation(history, sinceBlock);
        return about(plan, () => revocationTexts(history.signer, preview, history.isComplete, l10n).join('\n'));
      },
      ({ plan: { call } }) =>
        Promise.resolve({
          line: signer,
          json: { organization, signer, sinceBlock: call?.type === 'revokeSigner' ? call.sinceBlock : null },
        }),
    );
  },
});

export const organizationTransfer = defineCommand({
  usage: 'ORG [WALLET]',
  words: [1, 2],
  options: {
    'take-back': { type: 'boolean', help: () => l10n.t('withdraw the offer, as long as nobody has accepted it') },
    ...changeOptions,
  },
  notes: () =>
    l10n.t(
      'WALLET becomes the admin when it accepts: a wallet with "daochain org accept", a contract wallet with --export.',
    ),
  run: (invocation) => {
    const { values, positionals, signal } = invocation;
    const [text = '', to] = positionals;
    const organization = organizationId(text);
    if ((to === undefined) !== (values['take-back'] === true))
      throw new UsageError(l10n.t('Specify either the new admin or --take-back.'));
    return changeOrganization(
      invocation,
      async (organizations, from) =>
        to === undefined
          ? about(
              await organizations.planWithdrawOffer(organization, from, signal),
              ({ organization: { pendingAdmin } }) =>
                l10n.t('Withdraw the offer of the admin role to {0}', checksumAddress(pendingAdmin ?? '0x')),
            )
          : about(await organizations.planTransferAdmin(organization, to, from, signal), () =>
              l10n.t('Offer the admin role to {0}, which has to accept', to),
            ),
      () => Promise.resolve({ line: organization, json: { organization, offeredTo: to ?? null } }),
    );
  },
});

export const organizationAccept = defineCommand({
  usage: 'ORG|LINK',
  words: [1, 1],
  options: changeOptions,
  notes: () =>
    l10n.t('ORG: accept the admin role that is offered. LINK: check whether an invitation is valid for the wallet.'),
  run: (invocation) => {
    const { values, positionals, terminal, signal } = invocation;
    const [text = ''] = positionals;
    if (!text.startsWith('0x')) {
      const invitation = parseInvitation(text);
      return withSession(invocation, async (session) => {
        const wallet = ownWallet(session);
        const details = await session.organizations.acceptInvitation(invitation, wallet, signal);
        const { organization } = details;
        if (values.json === true) terminal.printJson({ organization: organization.id, name: organization.name });
        else {
          terminal.say(l10n.t('Your wallet may sign for: {0}', organizationLine(organization)));
          for (const line of invitationTexts(details, invitation, wallet, l10n)) terminal.say(line);
          terminal.say(l10n.t('Next: {0}', `daochain sign REF… --publisher ${organization.id}`));
          terminal.print(organization.id);
        }
        return exitCodes.done;
      });
    }
    const organization = organizationId(text);
    return changeOrganization(
      invocation,
      async (organizations, from) =>
        about(await organizations.planAcceptAdmin(organization, from, signal), ({ organization: { admin } }) =>
          l10n.t('Take over the admin role from {0}', checksumAddress(admin)),
        ),
      () => Promise.resolve({ line: organization, json: { organization } }),
    );
  },
});

function about<P extends OrganizationPlan>(
  plan: P,
  change: (plan: P) => string,
): { readonly plan: TransactionPlan; readonly about: readonly string[] } {
  return {
    plan,
    about: [
      organizationLine(plan.organization),
      ...change(plan)
        .split('\n')
        .map((line) => `  ${line}`),
    ],
  };
}

function ownWallet({ wallet: { state } }: Session): Address {
  if (state.status === 'none') throw new DaoChainError('walletMissing', 'There is no wallet');
  return state.address;
}

/** A day, of which `usual` is the time that is meant, or a time in UTC; Unix seconds. */
function readTime(option: string, text: string | undefined, usual: string): number | undefined {
  if (text === undefined) return undefined;
  const [, day = '', time = usual] = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?)Z)?$/.exec(text) ?? [];
  const milliseconds = Date.parse(`${day}T${time}Z`);
  // 2027-02-30 is read as a day of March by some.
  if (Number.isNaN(milliseconds) || !new Date(milliseconds).toISOString().startsWith(day))
    throw new UsageError(l10n.t('{0} takes a day or a time, such as 2027-01-31 or 2027-01-31T12:00Z.', option));
  return milliseconds / 1000;
}

function historyLines(history: SignerHistory): readonly string[] {
  return [
    ...(history.isComplete
      ? []
      : [l10n.t('Not everything that it has signed could be read. More than is shown here can become void.')]),
    ...history.entries.map(
      (entry) =>
        `${entryText(entry, l10n)}  ${l10n.t('block {0}, {1}', entry.block, timeText(entry.time))}  --since-block ${proposedSinceBlock(entry, history.confirmations)}`,
    ),
  ];
}

function entryJson({ confirmations }: SignerHistory) {
  return (entry: SignerHistory['entries'][number]): object => ({
    ...entry,
    proposedSinceBlock: proposedSinceBlock(entry, confirmations),
  });
}
