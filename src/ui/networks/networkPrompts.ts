import { Uri, l10n, window, workspace } from 'vscode';
import { DaoChainError } from '../../core/errors';
import { parseAddress } from '../../core/ledger/hub';
import { usualConfirmations } from '../../core/ledger/network';
import { mostConfirmations } from '../../core/ledger/networkTerms';
import type { ListenAddress } from '../../core/ports/node';
import type { NetworkService, NewNetwork } from '../../services/networks/networkService';
import { networkFaultText } from '../../words/networkFaultText';
import { termFacts } from '../../words/networkText';
import { askText, back, choose, type Back, type First, type Place } from '../prompts/steps';
import { listenRows, typedPort } from './networkRows';

type Names = Pick<NetworkService, 'nameProblem'>;
type Addresses = Pick<NetworkService, 'listenAddresses'>;

/** The port that nodes of Ethereum usually listen on. */
const usualPort = 30_303;

/** The code of one contract, and some more. A larger file is refused unread. */
const largestProfile = 2 ** 20;

/** What a new network is to be, step by step. `cancelled`. */
export async function askNewNetwork(networks: Names & Addresses): Promise<NewNetwork> {
  const place = (step: number): Place => ({
    ...{ title: l10n.t('Create Network'), step, totalSteps: 5 },
    canGoBack: step > 1,
  });
  const given: {
    name: string;
    dataset: NewNetwork['dataset'];
    confirmations: number;
    host: string | undefined;
    port: number;
  } = { name: '', dataset: 'full', confirmations: usualConfirmations, host: undefined, port: usualPort };
  const steps: readonly (() => Promise<Back | undefined>)[] = [
    async () => take(await askName(networks, place(1), given.name), (name) => (given.name = name)),
    async () => take(await askDataset(place(2)), (dataset) => (given.dataset = dataset)),
    async () => take(await askConfirmations(place(3), given.confirmations), (depth) => (given.confirmations = depth)),
    async () => take(await askHost(networks, place(4)), ({ host }) => (given.host = host)),
    async () =>
      given.host === undefined ? undefined : take(await askPort(place(5), given.port), (port) => (given.port = port)),
  ];
  for (let at = 0; at < steps.length;) at += (await steps[at]?.()) === back ? -1 : 1;
  const { host, port, ...chosen } = given;
  return { ...chosen, witnesses: [], threshold: 0, listen: host === undefined ? undefined : { host, port } };
}

/** Where a node listens from its next start on; undefined for nowhere. `cancelled`. */
export async function askListen(
  networks: Addresses,
  title: string,
  current: ListenAddress | undefined,
): Promise<ListenAddress | undefined> {
  for (;;) {
    const chosen = await askHost(networks, { title });
    if (chosen === back || chosen.host === undefined) return undefined;
    const port = await askPort({ title, canGoBack: true }, current?.port ?? usualPort);
    if (port !== back) return { host: chosen.host, port };
  }
}

/** `own`: the chain ID of the network that gets the name. `cancelled`. */
export function askName(networks: Names, place: First<Place>, value: string, own?: number): Promise<string>;
export function askName(networks: Names, place: Place, value: string, own?: number): Promise<string | Back>;
export function askName(networks: Names, place: Place, value: string, own?: number): Promise<string | Back> {
  return askText({
    ...place,
    prompt: l10n.t('What the network is called on this machine and in its link. It can be changed.'),
    placeHolder: l10n.t('Example Company'),
    value,
    problem: (name) => {
      const reason = networks.nameProblem(name, own);
      return reason && networkFaultText({ reason, name }, l10n);
    },
  });
}

/** A link, or the bytes of a file. `cancelled`. */
export async function askInvitation(title: string): Promise<string | Uint8Array> {
  const way = await choose<'link' | 'file'>({
    title,
    placeholder: l10n.t('Nothing is joined before you have seen all of it.'),
    choices: [
      { value: 'link', label: `$(link) ${l10n.t('Paste a link')}` },
      { value: 'file', label: `$(file) ${l10n.t('Choose a file')}` },
    ],
  });
  if (way === 'link')
    return askLink(
      title,
      l10n.t('The link that whoever shares the network gave you'),
      'vscode://daochain.daochain/network?…',
    );
  const [file] = (await window.showOpenDialog({ title, canSelectMany: false, filters: profileFiles() })) ?? [];
  if (file === undefined) throw new DaoChainError('cancelled', 'No file was picked');
  const { size } = await workspace.fs.stat(file);
  return size > largestProfile ? new Uint8Array() : workspace.fs.readFile(file);
}

export function askLink(title: string, prompt: string, placeHolder: string): Promise<string> {
  return askText({
    ...{ title, prompt, placeHolder },
    problem: (text) => (text === '' ? l10n.t('Paste the link.') : undefined),
  });
}

/** Where a network's file goes. `cancelled`. */
export async function askTarget(title: string, chainId: number): Promise<Uri> {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const target = await window.showSaveDialog({
    title,
    ...(folder?.scheme === 'file' && { defaultUri: Uri.joinPath(folder, `network-${chainId.toString()}.json`) }),
    filters: profileFiles(),
  });
  if (target === undefined) throw new DaoChainError('cancelled', 'No file was picked');
  return target;
}

/** As `enode://…`; whether it can be used is said when it is added. `cancelled`. */
export function askHub(title: string): Promise<string> {
  return askText({
    title,
    prompt: l10n.t('The hub, as its owner tells it: the key of its node and its address'),
    placeHolder: 'enode://…@192.168.1.5:30303',
    problem: (text) => (parseAddress(text.split('@')[1] ?? '') === undefined ? hubForm() : undefined),
  });
}

function hubForm(): string {
  return l10n.t('A hub is enode://, its key of 128 digits, @, and an address with a port.');
}

function askDataset(place: Place): Promise<NewNetwork['dataset'] | Back> {
  const needs = (dataset: NewNetwork['dataset']): string =>
    termFacts({ kind: 'team', dataset, confirmations: usualConfirmations, witnesses: [], threshold: 0 }, l10n)[0]
      ?.text ?? '';
  return choose<NewNetwork['dataset']>({
    ...place,
    placeholder: l10n.t('What miners work on; it cannot be changed later'),
    choices: [
      { value: 'full', label: l10n.t('Full dataset'), detail: needs('full') },
      { value: 'small', label: l10n.t('Small dataset'), detail: needs('small') },
    ],
  });
}

async function askConfirmations(place: Place, value: number): Promise<number | Back> {
  const typed = await askText({
    ...place,
    prompt: l10n.t('How many blocks deep a statement must be to be final; it cannot be changed later'),
    value: value.toString(),
    problem: (text) =>
      /^[1-9]\d{0,3}$/.test(text) && Number(text) <= mostConfirmations
        ? undefined
        : l10n.t('A number from 1 to {0}', mostConfirmations),
  });
  return typed === back ? back : Number(typed);
}

/** An object, since no host is an answer too. */
async function askHost(networks: Addresses, place: Place): Promise<{ readonly host: string | undefined } | Back> {
  const host = await choose<string | undefined>({
    ...place,
    placeholder: l10n.t('Where do others reach this machine?'),
    choices: listenRows(networks.listenAddresses, l10n),
  });
  return host === back ? back : { host };
}

async function askPort(place: Place, value: number): Promise<number | Back> {
  const typed = await askText({
    ...place,
    prompt: l10n.t('On which port the node listens'),
    value: value.toString(),
    problem: (text) => (typedPort(text) === undefined ? l10n.t('A number from 1 to {0}', 65_535) : undefined),
  });
  return typed === back ? back : (typedPort(typed) ?? usualPort);
}

function take<T>(answer: T | Back, use: (answer: T) => void): Back | undefined {
  if (answer === back) return back;
  use(answer);
  return undefined;
}

function profileFiles(): Record<string, string[]> {
  return { [l10n.t('Network')]: ['json'] };
}
