import type { DaoChainError, ErrorCode, ErrorDetails } from '../core/errors';
import type { Localizer } from './localizer';
import { etherFaultText } from './etherFaultText';
import { organizationFaultText } from './organizationFaultText';
import { backupFaultText } from './backupText';
import { networkFaultText } from './networkFaultText';
import { requestFaultText, signerFaultText } from './requestFaultText';
import { policyFaultText } from './policyFaultText';
import { displayText } from '../core/displayText';
import { lookAlikeOf } from '../core/trust/lookAlike';
import { lookAlikeText } from './lookAlikeText';
import { ruleProblems } from '../core/trust/rules';
import type { RegistryFailure } from '../core/judging/verdict';
import { shortText } from './shortText';
import { formatBytes, neededEther, shortEther } from './amountText';
import { sentences as inARow } from './listText';
import { ruleProblemText } from './ruleProblemText';
import { registryFailureText } from './registryText';

type Describe = (details: ErrorDetails, l10n: Localizer) => string;

/** The sentence that a person reads about an error. What they can do next is added by the surface that shows it. */
export function errorText({ code, details }: DaoChainError, l10n: Localizer): string {
  return sentences[code](details, l10n);
}

const sentences: Readonly<Record<ErrorCode, Describe>> = {
  cancelled: (_, l10n) => l10n.t('Cancelled.'),
  invalidInput: (details, l10n) =>
    organizationFaultText(details, l10n) ??
    etherFaultText(details, l10n) ??
    l10n.t('That cannot be done with these values. The log says why.'),
  workspaceUntrusted: ({ part }, l10n) => {
    if (part === 'registries') return l10n.t('Registries are not asked in Restricted Mode.');
    return part === 'policies'
      ? l10n.t('Policy files are not read in Restricted Mode. What you have accepted stays in force.')
      : l10n.t('Signing, the wallet and the node are off in Restricted Mode.');
  },

  referenceInvalid: ({ text = '' }, l10n) => {
    const similar = lookAlikeOf(text, []);
    const warning = similar && lookAlikeText(similar, l10n);
    return inARow([l10n.t('"{0}" is not an image name.', displayText(text)), warning], l10n);
  },
  imageMalformed: malformedText,
  imageNotFound: ({ image = '', registry, platform }, l10n) => {
    if (platform !== undefined) return l10n.t('The platform {0} is not understood.', displayText(platform));
    if (image === '') return l10n.t('The image is not here any more.');
    return registry === undefined
      ? l10n.t('There is no local image {0}.', displayText(image))
      : l10n.t('The registry {0} has no image {1}.', displayText(registry), displayText(image));
  },
  imageWithoutName: (_, l10n) =>
    l10n.t('An image is signed under a name and a tag. Give it one with "docker tag", then sign it.'),
  engineUnavailable: engineText,
  engineFailed: engineFailureText,
  buildFailed: ({ message = '' }, l10n) => l10n.t('The build failed: {0}', shortText(message)),

  registryUnavailable: ofRegistry('registryUnavailable'),
  registryCertificate: ofRegistry('registryCertificate'),
  registryWebPage: ofRegistry('registryWebPage'),
  registryPlainHttp: ofRegistry('registryPlainHttp'),
  registryLogin: ofRegistry('registryLogin'),
  registryRefused: ofRegistry('registryRefused'),
  registryDenied: (details, l10n) =>
    details['direction'] === 'push'
      ? l10n.t(
          '{0} does not accept this push from you. Log in there, or push under a name that is yours.',
          registryText(details),
        )
      : ofRegistry('registryDenied')(details, l10n),
  registryBusy: ofRegistry('registryBusy'),
  registryOff: ofRegistry('registryOff'),
  pullRefused: ({ image = '', stage }, l10n) =>
    stage === 'arrived'
      ? l10n.t(
          'An enforcing trust rule does not accept what was pulled as {0}. The image was not tagged.',
          displayText(image),
        )
      : l10n.t('Not pulled: an enforcing trust rule does not accept {0}.', displayText(image)),
  pullFailed: (details, l10n) =>
    withRegistry(l10n.t('The pull failed: {0}', transferFailureText(details, l10n)), details, l10n),
  pushFailed: (details, l10n) =>
    withRegistry(l10n.t('The push failed: {0}', transferFailureText(details, l10n)), details, l10n),
  registryDiffers: ({ image = '?', platform }, l10n) =>
    platform === undefined
      ? l10n.t('The registry has no image under {0}. Nothing was sent.', displayText(image))
      : l10n.t(
          'What the registry has under {0} for {1} is not what you signed. Nothing was sent.',
          displayText(image),
          displayText(platform),
        ),

  nodeNotInstalled: ({ path }, l10n) =>
    path === undefined
      ? l10n.t('There is no node on this machine yet: geth was not found.')
      : l10n.t('{0} is not geth.', displayText(path)),
  nodeCannotMine: ({ path = 'geth', version = '?' }, l10n) =>
    l10n.t('{0} is geth {1}, which cannot mine: 1.11.6 is the last that can.', displayText(path), version),
  nodeInstallFailed: ({ reason, command = '' }, l10n) =>
    reason === 'goMissing'
      ? l10n.t(
          'There is no Go on this machine to build the node with. Install Go, or build it elsewhere with: {0}',
          command,
        )
      : l10n.t('Go could not build the node. The log says why; by hand it is: {0}', command),
  nodeUnavailable: ({ reason }, l10n) =>
    reason === 'notRunning'
      ? l10n.t('No node is running.')
      : reason === 'timeout'
        ? l10n.t('The node did not answer in time.')
        : l10n.t('The node does not answer.'),
  nodeFailed: ({ reason, file, problem = '', folder = '', megabytes = '', address = '' }, l10n) => {
    if (reason === 'addressTaken')
      return l10n.t(
        'Another program already listens at {0}, where this machine is to be reached. End that program, or choose another port.',
        displayText(address),
      );
    if (reason === 'addressGone')
      return l10n.t(
        'This machine no longer has the address {0}, where it is to be reached. Choose another address, and share the network anew.',
        displayText(address),
      );
    return reason === 'diskFull'
      ? l10n.t(
          'The disk is full: the node needs {0} MB free in {1} and does not run with less. Free up space there, then start the node again.',
          megabytes,
          displayText(folder),
        )
      : file === undefined
        ? reason === 'tooManyCalls'
          ? l10n.t('The node answers for so few blocks at a time that the ledger cannot be read from it.')
          : l10n.t('The node has failed. Its log says why.')
        : l10n.t('The node cannot use {0}: {1}', shownFile(file), fileProblemText(problem, l10n));
  },
  nodeOwnedElsewhere: ({ pid = '?', folder, reason }, l10n) => {
    if (folder !== undefined)
      return l10n.t(
        'A process that DaoChain did not start is using the chain in {0}. End it and try again.',
        displayText(folder),
      );
    return reason === 'otherLedger'
      ? l10n.t('Process {0} runs the node for another version of DaoChain. Stop that node first.', pid)
      : l10n.t('Process {0} runs the node and does not answer. End it and try again.', pid);
  },
  miningRefused: ({ reason, needed = '0', free = '0', folder = '' }, l10n) =>
    reason === 'disk'
      ? l10n.t(
          'Mining was not begun: the DAG of this network needs {0} free in {1}, and {2} are free. Free up space there, or name a folder that has the DAG already.',
          formatBytes(Number(needed)),
          displayText(folder),
          formatBytes(Number(free)),
        )
      : l10n.t(
          'Mining was not begun: the DAG of this network needs {0} of free memory, and {1} are free. Close other programs, or leave mining to another machine; reading and checking go on without it.',
          formatBytes(Number(needed)),
          formatBytes(Number(free)),
        ),
  miningEnded: (_, l10n) => l10n.t('Somebody has stopped mining, so nothing waits for blocks any longer.'),
  networkInvalid: (details, l10n) => {
    const { reason, file = '', folder = '' } = details;
    const known = networkFaultText(details, l10n);
    if (known !== undefined) return known;
    if (reason === 'chainWithoutFile')
      return l10n.t(
        'Which network the chain in {0} belongs to is unknown, so no other chain is started beside it. Put its network file back as {1}, or move the chain away to start anew. Nothing was deleted.',
        displayText(folder),
        displayText(file),
      );
    if (/[\\/]networks\.json$/.test(file))
      return l10n.t(
        'The file {0}, which says on which network this machine signs, is damaged, or from another version. Put back a copy of it, or choose that network again. Nothing was deleted.',
        displayText(file),
      );
    if (details['isFollowed'] !== undefined)
      return l10n.t(
        'The file {0} of a network that you follow is damaged, or from another version. Put back a copy of it, or leave that network and join it again: everything of it is kept aside. Nothing was deleted.',
        displayText(file),
      );
    return file === ''
      ? l10n.t('The network is refused, because it is not what it claims to be. The log says why.')
      : l10n.t(
          'The network file {0} is damaged, or from another version. Move it away: it is then made again from the chain beside it, or anew if there is none. Nothing was deleted.',
          displayText(file),
        );
  },
  backupInvalid: backupFaultText,
  ledgerUnknown: ({ reason, ledger = '' }, l10n) => {
    if (reason === 'terms')
      return l10n.t(
        'The node has the ledger {0}, of a team network that you do not follow. What counts as final there only the network’s link or file tells: join it first.',
        displayText(ledger),
      );
    if (reason === 'otherChain')
      return l10n.t('What answers there has another chain than that of this ledger, so nothing that it says is used.');
    return reason === 'beginning'
      ? l10n.t('The ledger is refused: its chain began with it, so it can hold forged statements.')
      : l10n.t('There is no ledger of a known release at the address of this network.');
  },
  ledgerInconsistent: (_, l10n) =>
    l10n.t('The node contradicts itself about the ledger, so nothing that it says is used.'),
  statementInvalid: (_, l10n) => l10n.t('This cannot be stated in the ledger. The log says why.'),
  statementNotFound: ({ image }, l10n) =>
    image === undefined
      ? l10n.t('You have no valid statement in the ledger.')
      : l10n.t('You have no valid statement about {0} in the ledger.', displayText(image)),
  ruleInvalid: ({ reason, problem, value = '' }, l10n) => {
    if (reason === 'gone') return l10n.t('The trust rule was changed or removed in the meantime. Nothing was done.');
    const known = ruleProblems.find((each) => each === problem);
    return known === undefined ? l10n.t('That is not a valid trust rule.') : ruleProblemText(known, value, l10n);
  },

  walletMissing: ({ address }, l10n) =>
    address === undefined
      ? l10n.t('There is no wallet yet.')
      : l10n.t(
          'The wallet {0} is not in the secret storage of this editor: it was made or used in another editor or browser, or the keyring was lost. Import it from the file that you exported.',
          displayText(address),
        ),
  walletLocked: (_, l10n) => l10n.t('The wallet has locked itself. Nothing was sent.'),
  walletExists: (_, l10n) => l10n.t('There is a wallet already.'),
  walletInvalid: (_, l10n) => l10n.t('That file is not an encrypted wallet.'),
  wrongPassword: (_, l10n) => l10n.t('The password is wrong.'),
  secretsUnavailable: ({ file }, l10n) =>
    file === undefined
      ? l10n.t(
          'The secret storage of this machine does not keep what is stored in it, so a wallet would be lost when the window closes.',
        )
      : l10n.t('The wallet cannot be kept in {0}.', displayText(file)),
  insufficientFunds: ({ missing = '0', balance = '0' }, l10n) =>
    l10n.t(
      'The balance of {0} is too low: {1} more is needed. Nothing was sent. Mining earns ether.',
      shortEther(BigInt(balance)),
      neededEther(BigInt(missing)),
    ),
  staleLink: ({ image, by }, l10n) =>
    by === 'self'
      ? image === undefined
        ? l10n.t(
            'This wallet has signed this tag in the meantime, from another command or machine. Nothing more was written.',
          )
        : l10n.t(
            'This wallet has signed {0} in the meantime, from another command or machine. Nothing more was written.',
            displayText(image),
          )
      : image === undefined
        ? l10n.t('Somebody else signed this tag in your name first. Nothing of yours was written.')
        : l10n.t('Somebody else signed {0} in your name first. Nothing of yours was written.', displayText(image)),
  imageChanged: ({ image = '?' }, l10n) =>
    l10n.t('{0} was replaced after you looked at it. Nothing was sent.', displayText(image)),
  signatureOnItsWay: ({ image = '?' }, l10n) => l10n.t('A signature of {0} is already on its way.', displayText(image)),
  walletBusy: (_, l10n) => l10n.t('Other commands keep sending with this wallet. Nothing was sent; try again.'),
  signerNotAllowed: signerFaultText,
  transactionRejected: ({ reason = '' }, l10n) =>
    reason === 'tooLarge'
      ? l10n.t('These are too many images for one transaction. Sign some of them now and the others afterwards.')
      : reason === 'receiver'
        ? l10n.t('The receiver is a contract, and it does not take this ether. The ether stays in your wallet.')
        : l10n.t('The ledger refused the transaction: {0}', shortText(reason)),
  transactionDropped: (_, l10n) =>
    l10n.t('The transaction is gone and cannot be sent again. Nothing was written; sign again.'),

  organizationNotFound: ({ id = '?' }, l10n) =>
    l10n.t('There is no organization with the ID {0} on this ledger.', displayText(id)),
  notAdmin: ({ reason }, l10n) => {
    if (reason === 'nothingOffered')
      return l10n.t(
        'Nobody offers this wallet the admin role of an organization. Only the organization’s current admin can.',
      );
    return reason === 'notOffered'
      ? l10n.t('The admin role of that organization is not offered to this wallet.')
      : l10n.t('This wallet is not the admin of that organization.');
  },
  requestInvalid: requestFaultText,
  requestExpired: (_, l10n) => l10n.t('The signing request has expired. Ask for a new one.'),
  signatureInvalid: ({ image }, l10n) =>
    image === undefined
      ? l10n.t(
          'The signature does not match what the request says, or is not by the signer that it names. Nothing was sent.',
        )
      : l10n.t(
          'The signature for {0} does not match what the request says, or is not by the signer that it names.',
          displayText(image),
        ),
  policyInvalid: policyFaultText,
  linkInvalid: linkText,
};

/** Beside which host it happened, wherever that is known: a name need not say it. */
function ofRegistry(failure: RegistryFailure): Describe {
  return (details, l10n) => withRegistry(registryFailureText(failure, l10n), details, l10n);
}

function withRegistry(sentence: string, details: ErrorDetails, l10n: Localizer): string {
  const registry = registryText(details);
  return registry === '' ? sentence : l10n.t('{0}: {1}', registry, sentence);
}

function registryText({ registry, host = '' }: ErrorDetails): string {
  return displayText(registry ?? host);
}

function linkText(
  { reason, value = '', problem = '', ledger = '', chain = '', here = '' }: ErrorDetails,
  l10n: Localizer,
): string {
  const shown = displayText(value);
  switch (reason) {
    case 'notTrust':
      return l10n.t('That is not a trust link. One starts with {0}', 'vscode://daochain.daochain/trust?');
    case 'notInvitation':
      return l10n.t('That is not an invitation. One starts with {0}', 'vscode://daochain.daochain/join?');
    case 'notNetwork':
      return l10n.t('That is not the link of a network. One starts with {0}', 'vscode://daochain.daochain/network?');
    case 'notAdmission':
      return l10n.t('That is not the link of a machine. One starts with {0}', 'vscode://daochain.daochain/admit?');
    case 'newer':
      return l10n.t('The link is of a newer version of DaoChain. Update DaoChain to use it.');
    case 'damaged':
      return l10n.t('The link is refused: some of it is missing or mistyped. Copy it again, whole.');
    case 'node':
      return l10n.t('The link is refused: {0} is not the key of a node.', shown);
    case 'machine':
      return l10n.t('The link is refused: {0} is not the name of a machine.', shown);
    case 'ledger':
      return l10n.t('The link is refused: {0} is not a ledger.', shown);
    case 'organization':
      return l10n.t('The link is refused: {0} is not the ID of an organization.', shown);
    case 'scope':
      return l10n.t('The link is refused: {0} is neither a repository nor the beginning of one.', shown);
    case 'invitationLedger':
      return l10n.t(
        'The invitation is for a ledger other than this machine’s: {0}. Join that network first.',
        displayText(ledger),
      );
    case 'tooLong':
      return l10n.t('The link is refused: it is longer than any that DaoChain makes.');
    case 'character':
    case 'encoding':
      return l10n.t('The link is refused: it holds characters that no part of it can have.');
    case 'unknown':
      return l10n.t('The link is refused: it holds a part that this version does not know, {0}.', shown);
    case 'repeated':
      return l10n.t('The link is refused: it says {0} more than once.', shown);
    case 'missing':
      return l10n.t('The link is refused: it does not say {0}.', shown);
    case 'accept':
      return l10n.t('The link is refused: {0} is neither publish nor vouch.', shown);
    case 'threshold':
      return l10n.t('The link is refused: {0} is not a number of publishers.', shown);
    case 'checksum':
      return l10n.t('The link is refused: {0} has a wrong digit, or a letter in the wrong case.', shown);
    case 'rule': {
      const known = ruleProblems.find((each) => each === problem);
      const why = known === undefined ? shown : ruleProblemText(known, value, l10n);
      return l10n.t('The link is refused: {0}', why);
    }
    case 'notPayment':
      return l10n.t(
        'That is not a payment request. One starts with {0} or {1}',
        'ethereum:0x',
        'vscode://daochain.daochain/pay?',
      );
    case 'paymentFunction':
      return l10n.t('The request is refused: it calls a contract ({0}). Only ether is paid here.', shown);
    case 'paymentName':
      return l10n.t(
        'The request is refused: {0} is a name. Who answers for a name decides who is paid; ask for the address.',
        shown,
      );
    case 'paymentAddress':
      return l10n.t('The request is refused: {0} is not the address of anybody.', shown);
    case 'paymentChain':
      return l10n.t('The request is refused: {0} is not the number of a chain.', shown);
    case 'paymentAmount':
      return l10n.t('The request is refused: {0} is not a number of whole wei, above zero, that there can be.', shown);
    case 'otherChain':
      return l10n.t(
        'The request is for chain {0}, and this machine sends on chain {1}. Ether of one is worth nothing on the other. Join that network and make it home, then open the request again.',
        displayText(chain),
        displayText(here),
      );
    case 'otherLedger':
      return l10n.t(
        'The link is for a ledger that is not followed here: {0}. Nothing was stored, because such a rule could take effect unnoticed later. Join the network of that ledger, then open the link again.',
        displayText(ledger),
      );
    case undefined:
    default:
      return l10n.t('That is not a valid DaoChain link.');
  }
}

function malformedText({ reason }: ErrorDetails, l10n: Localizer): string {
  switch (reason) {
    case 'duplicateKey':
    case 'ambiguousKey':
      return l10n.t('The image is malformed: engines could read its configuration in more than one way.');
    case 'digest':
      return l10n.t('The image is malformed: its bytes are not what their digest says.');
    case 'tooLarge':
      return l10n.t('The image is malformed: its configuration is larger than DaoChain reads.');
    case undefined:
    default:
      return l10n.t('The image is malformed, so nothing can be said about it.');
  }
}

function transferFailureText({ message = '', reason }: ErrorDetails, l10n: Localizer): string {
  switch (reason) {
    case 'stalled':
      return l10n.t('No data has been transferred for minutes.');
    case 'absent':
      return l10n.t('The engine does not have the image that it says it pulled.');
    case 'noDigest':
      return l10n.t('The engine does not say what the registry took.');
    case 'registryDiffers':
      return l10n.t('The registry has something other than what was pushed.');
    case undefined:
    default:
      return shortText(message);
  }
}

function engineText({ reason, host = '', context = '', file = '' }: ErrorDetails, l10n: Localizer): string {
  switch (reason) {
    case 'contextMissing':
      return l10n.t('The Docker context "{0}" does not exist.', displayText(context));
    case 'fileUnreadable':
      return l10n.t('{0} cannot be read.', displayText(file));
    case 'ssh':
      return l10n.t('{0} is an SSH address, which DaoChain does not use.', displayText(host));
    case 'hostInvalid':
      return l10n.t('{0} is not the address of an engine.', displayText(host));
    case undefined:
    default:
      return host === ''
        ? l10n.t('Docker Engine does not answer. Is it running?')
        : l10n.t('Docker Engine does not answer at {0}. Is it running?', displayText(host));
  }
}

function engineFailureText({ reason, message = '' }: ErrorDetails, l10n: Localizer): string {
  if (reason === 'damaged')
    return l10n.t('Docker Engine cannot read its own copy of the image. Pull or build it again.');
  if (reason === 'unsaveable') return l10n.t('Docker Engine cannot export this image, so its content cannot be read.');
  return message === ''
    ? l10n.t('Docker Engine answered with an error. The log says what it was.')
    : l10n.t('Docker Engine answered: {0}', shortText(message));
}

/** What the system refused of a file of ours, with what to do; undefined for an error that is about no file. */
export function fileErrorText(error: unknown, l10n: Localizer): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('path' in error)) return undefined;
  const { code, path } = error;
  if (typeof code !== 'string' || typeof path !== 'string') return undefined;
  return l10n.t(
    '{0} cannot be used: {1}. Put that right, and try again.',
    shownFile(path),
    fileProblemText(code, l10n),
  );
}

/** A file is written as a draft first, of which nobody has heard. */
function shownFile(path: string): string {
  return displayText(path.replace(/\.[0-9a-f]{16}\.draft$/, ''));
}

/** What the system says about a file, by its code. */
function fileProblemText(problem: string, l10n: Localizer): string {
  switch (problem) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return l10n.t('it may not be written');
    case 'ENOENT':
      return l10n.t('it is not there, and cannot be made');
    case 'ENOSPC':
    case 'EDQUOT':
      return l10n.t('the disk is full');
    case 'EISDIR':
    case 'ENOTDIR':
    case 'EEXIST':
    case 'ELOOP':
      return l10n.t('something else is in its place');
    default:
      return problem;
  }
}
