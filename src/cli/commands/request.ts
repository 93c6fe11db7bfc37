import * as l10n from '@vscode/l10n';
import { checksumAddress } from '../../core/checksumAddress';
import { DaoChainError, isDaoChainError } from '../../core/errors';
import { errorText } from '../../words/errorText';
import type { Address, Hex } from '../../core/hex';
import { publisherWallet, walletPublisher, zeroAddress } from '../../core/hex';
import { formatReference, parseReference } from '../../core/image/reference';
import { oncePerContent } from '../../core/ledger/contentName';
import { walletAddress } from '../../core/ledger/organization';
import { givenReasons } from '../../core/ledger/revocation';
import { entryContent, type SigningRequest } from '../../core/ledger/signingRequest';
import { ledgerKey } from '../../core/ledger/types';
import { checkedLines, foreseenTexts, uncheckedLines } from '../../words/requestText';
import type { RevocationPlan, SigningPlan } from '../../core/plans/signingPlan';
import { defineCommand, type Invocation } from '../command';
import { errorReport } from '../errorReport';
import { exitCodes, type ExitCode } from '../exitCodes';
import { passwordOption, readPassword } from '../password';
import { foreseenJson, tellSkipped } from '../planLines';
import { publisherOption, readPublisher } from '../publisher';
import { outputOption, readLifetime, readRequest, requiredOutput, writeRequest } from '../requestFile';
import { prepareSending, sendPlan, sendingOptions, sentExitCode, sentJson } from '../sending';
import { withSession, type Session } from '../session';
import { UsageError } from '../usageError';
import { warnOfRed } from './vouch';
import type { CheckedRequest } from '../../core/plans/requestPlan';

const kinds = ['publish', 'vouch', 'revoke'] as const;

const createOptions = {
  ...outputOption,
  kind: { type: 'string', value: kinds.join('|'), help: () => l10n.t('what is asked for; "publish" unless given') },
  signer: {
    type: 'string',
    value: 'WALLET',
    help: () => l10n.t('who is asked; any signer of the publisher unless given'),
  },
  expires: {
    type: 'string',
    value: '2h',
    help: () => l10n.t('how long it is valid; 1h unless given, 30d at most'),
  },
  'from-registry': { type: 'boolean', help: () => l10n.t('what the registry has under REF, not the engine') },
  platform: { type: 'string', value: 'OS/ARCH', help: () => l10n.t('which image is vouched for') },
  again: { type: 'boolean', help: () => l10n.t('sign again what is already signed with the same content') },
  alone: { type: 'boolean', help: () => l10n.t('drop the other platforms of the release') },
  reason: { type: 'string', value: givenReasons.join('|'), help: () => l10n.t('why, for everybody to read') },
  note: {
    type: 'string',
    value: 'TEXT',
    help: () => l10n.t('optional details, which everybody can read, permanently'),
  },
  ...publisherOption,
} as const;

type Creating = Invocation<typeof createOptions>;

export const requestCreate = defineCommand({
  usage: 'REF…',
  words: [1, 50],
  options: createOptions,
  notes: () => l10n.t('Needs the node, but neither a wallet nor ether.'),
  run: (invocation) => {
    const { values, positionals, terminal, signal } = invocation;
    const output = requiredOutput(values.output);
    const lifetime = readLifetime(values.expires);
    const signer = values.signer === undefined ? undefined : walletAddress(values.signer);
    const isRemote = values['from-registry'] === true || values.kind === 'vouch';
    const hosts = isRemote ? positionals.map((name) => parseReference(name).registry) : [];
    return withSession(
      invocation,
      async (session) => {
        const plans = await planEach(session, invocation, signer);
        const [first] = plans;
        if (first === undefined) throw new UsageError(l10n.t('Something is missing: {0}', 'REF…'));
        for (const each of plans) {
          if (!('skipped' in each)) continue;
          tellSkipped(each.skipped, false, terminal);
          await warnOfRed(each, invocation);
        }
        const plan = { ...first, entries: oncePerContent(plans.flatMap(({ entries }) => entries)) };
        const request = await session.requests.create(plan, { lifetime, signer }, signal);
        const checked = await session.requests.check(request, signal);
        for (const line of checkedLines(checked, l10n)) terminal.say(line);
        await writeRequest(request, output);
        if (values.json === true) terminal.printJson({ file: output, ...checkedJson(checked) });
        else terminal.print(output);
        terminal.say(l10n.t('Next: {0}', `daochain request sign ${output} -o ${output}`));
        return exitCodes.done;
      },
      hosts,
    );
  },
});

/** What each REF asks to be signed. */
async function planEach(
  { signing, vouches, wallet, ledgers }: Session,
  { values, positionals, signal }: Creating,
  asked: Address | undefined,
): Promise<readonly (SigningPlan | RevocationPlan)[]> {
  await ledgers.open();
  const own = wallet.state.status === 'none' ? undefined : wallet.state.address;
  const who = asked ?? own;
  const publisher = readPublisher(values.publisher, process.env) ?? (who && walletPublisher(who));
  if (publisher === undefined)
    throw new UsageError(l10n.t('There is no publisher to speak for. Use --publisher or --signer.'));
  // Nobody's address stands for whoever will sign.
  const signer = publisherWallet(publisher) ?? asked ?? zeroAddress;
  const { again = false, alone = false, platform, note = '', kind = 'publish' } = values;
  const options = { signer, publisher, asRequest: true, again, alone } as const;
  const source = values['from-registry'] === true ? 'registry' : undefined;
  const each = <P>(plan: (name: string) => Promise<P>): Promise<readonly P[]> => inTurn(positionals, plan);
  switch (kinds.find((known) => known === kind)) {
    case 'publish':
      if (source === undefined) return [await signing.plan(positionals, options, signal)];
      return each((name) => signing.planFromRegistry(name, options, signal));
    case 'vouch':
      return each((name) => vouches.plan(name, { ...options, platform, source }, signal));
    case 'revoke': {
      const reason = givenReasons.find((known) => known === values.reason);
      if (reason === undefined) throw new UsageError(l10n.t('--reason takes one of: {0}', givenReasons.join(', ')));
      return each((name) => signing.planRevocation(name, { ...options, reason, note }, signal));
    }
    case undefined:
      throw new UsageError(l10n.t('{0} takes one of: {1}', '--kind', kinds.join(', ')));
  }
}

async function inTurn<T, R>(items: readonly T[], step: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await step(item));
  return results;
}

export const requestShow = defineCommand({
  usage: 'FILE',
  words: [1, 1],
  options: {},
  notes: () => l10n.t('Exit code: 0 if it can be signed or sent, 1 if it cannot, 13 if that could not be found out.'),
  run: async (invocation) => {
    const { values, positionals, terminal, signal } = invocation;
    const request = await readRequest(positionals[0] ?? '', signal);
    return withSession(invocation, async ({ requests, endpoint }) => {
      try {
        const checked = await requests.check(request, signal);
        if (values.json === true) terminal.printJson(checkedJson(checked));
        else for (const line of checkedLines(checked, l10n)) terminal.print(line);
        return checked.refusal === undefined ? exitCodes.done : exitCodes.failed;
      } catch (error) {
        if (!isDaoChainError(error) || error.code === 'cancelled') throw error;
        const refusal = isDaoChainError(error, 'requestInvalid') ? error : undefined;
        if (values.json === true) terminal.printJson({ ...requestJson(request), usable: false, ...refusalJson(error) });
        else for (const line of uncheckedLines(request, l10n)) terminal.print(line);
        terminal.say(errorReport(error, endpoint !== undefined));
        return refusal === undefined ? exitCodes.unknown : exitCodes.failed;
      }
    });
  },
});

export const requestSign = defineCommand({
  usage: 'FILE',
  words: [1, 1],
  options: {
    ...outputOption,
    yes: { type: 'boolean', short: 'y', help: () => l10n.t('do not ask; sign what the request says') },
    ...passwordOption,
  },
  notes: () => l10n.t('Needs the node, which tells whether the request can still be used, but no ether.'),
  run: async (invocation) => {
    const { values, positionals, terminal, signal } = invocation;
    const [file = ''] = positionals;
    const output = requiredOutput(values.output);
    const request = await readRequest(file, signal);
    return withSession(invocation, async ({ wallet, requests }) => {
      const { state } = wallet;
      if (state.status === 'none') throw new DaoChainError('walletMissing', 'There is no wallet');
      if (values.yes !== true && !terminal.isInteractive)
        throw new UsageError(l10n.t('There is no terminal to confirm the request. Use --yes.'));
      const checked = await requests.checkFor(request, state.address, signal);
      for (const line of checkedLines(checked, l10n)) terminal.say(line);
      if (values.yes !== true && !(await terminal.confirm(l10n.t('Sign this?'), signal)))
        throw new DaoChainError('cancelled', 'The request was not confirmed');
      const prompt = l10n.t('Password of the wallet {0}:', checksumAddress(state.address));
      const signer = await wallet.unlock(await readPassword(values['password-file'], prompt, terminal, signal));
      return finish(await requests.sign(request, signer, signal), output, file, invocation);
    });
  },
});

export const requestAttach = defineCommand({
  usage: 'FILE',
  words: [1, 1],
  options: {
    ...outputOption,
    signer: {
      type: 'string',
      value: 'CONTRACT',
      help: () => l10n.t('the contract wallet; the one that is asked unless given'),
    },
    signature: {
      type: 'string',
      value: '0x…',
      multiple: true,
      help: () => l10n.t('what its owners have signed; one for each entry, in their order'),
    },
  },
  notes: () => l10n.t('The owners sign the EIP-712 hashes that "daochain request show" prints (EIP-1271).'),
  run: async (invocation) => {
    const { values, positionals, signal } = invocation;
    const [file = ''] = positionals;
    const output = requiredOutput(values.output);
    const request = await readRequest(file, signal);
    const signer = values.signer === undefined ? request.signer : walletAddress(values.signer);
    if (signer === undefined) throw new UsageError(l10n.t('Something is missing: {0}', '--signer CONTRACT'));
    const signatures = (values.signature ?? []).map(readSignature);
    if (signatures.length !== request.entries.length)
      throw new UsageError(l10n.t('The request needs {0} signatures.', request.entries.length));
    return withSession(invocation, async ({ requests }) =>
      finish(await requests.attach(request, signer, signatures, signal), output, file, invocation),
    );
  },
});

export const requestSend = defineCommand({
  usage: 'FILE',
  words: [1, 1],
  options: sendingOptions,
  notes: () => l10n.t('Whoever sends it pays, and is not recorded. What is in the ledger already is left out.'),
  run: async (invocation) => {
    const { values, positionals, terminal, signal } = invocation;
    const request = await readRequest(positionals[0] ?? '', signal);
    return withSession(invocation, async (session) => {
      const sender = await prepareSending(session, invocation);
      const made = await session.requests.plan(request, sender, signal);
      const plan = await session.foresight.foretellRequest(made, signal);
      const about = [...checkedLines(plan.checked, l10n), ...foreseenTexts(plan, l10n)];
      const sent = await sendPlan(plan, about, session.requests, session, invocation);
      const images = plan.parts.flatMap(({ call }) => {
        if (call?.type !== 'attestBySignature') return [];
        const name = formatReference(call.signed.entry);
        const foreseen = plan.foreseen?.find(({ reference }) => formatReference(reference) === name);
        return [{ name, ...foreseenJson(foreseen) }];
      });
      if (values.json === true) terminal.printJson(sentJson(sent, images));
      else for (const { name } of images) terminal.print(name);
      return sentExitCode(sent, invocation);
    });
  },
});

async function finish(
  signed: SigningRequest,
  output: string,
  file: string,
  { values, terminal }: Invocation,
): Promise<ExitCode> {
  await writeRequest(signed, output, file);
  if (values.json === true) terminal.printJson({ file: output, ...requestJson(signed) });
  else terminal.print(output);
  terminal.say(l10n.t('Next: {0}', `daochain request send ${output}`));
  return exitCodes.done;
}

function readSignature(text: string): Hex {
  if (!/^0x(?:[0-9a-fA-F]{2})+$/.test(text))
    throw new UsageError(l10n.t('--signature takes 0x and hexadecimal digits.'));
  return `0x${text.slice(2).toLowerCase()}`;
}

function requestJson({ ledger, publisher, signer, deadline, entries, signatures }: SigningRequest): object {
  return {
    ...{ ledger: ledgerKey(ledger), publisher, signer: signer ?? null, deadline, signed: signatures !== undefined },
    entries: entries.map((entry) => ({
      ...{ name: formatReference(entry), kind: entry.kind, validUntil: entry.validUntil },
      ...entryContent(entry),
    })),
  };
}

function checkedJson({ request, publisherName, entries, refusal }: CheckedRequest): object {
  return {
    ...requestJson(request),
    publisherName: publisherName ?? null,
    entries: entries.map(({ entry, content, state, change, hash, signature, revoked, instead }) => ({
      ...{ name: formatReference(entry), kind: entry.kind, validUntil: entry.validUntil, ...content },
      ...{ state, change: change ?? null, hash: hash ?? null, signature },
      ...(revoked && { revokes: revoked.position }),
      ...(instead && { instead: { signer: instead.signer, position: instead.position } }),
    })),
    usable: refusal === undefined,
    ...(refusal && refusalJson(refusal)),
  };
}

function refusalJson(error: DaoChainError): object {
  const { code, details } = error;
  return { refusal: { code, reason: details['reason'] ?? null, message: errorText(error, l10n) } };
}
