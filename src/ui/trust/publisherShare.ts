import { randomBytes } from 'node:crypto';
import { ViewColumn, env, l10n, window } from 'vscode';
import { DaoChainError, isDaoChainError } from '../../core/errors';
import type { Address } from '../../core/hex';
import { publisherWallet, walletPublisher } from '../../core/hex';
import type { PublisherId } from '../../core/ledger/types';
import { ledgerKey } from '../../core/ledger/types';
import { displayText } from '../../core/displayText';
import { parsePublisher } from '../../core/trust/rules';
import { publisherText, trustLink } from '../../core/trust/trustLink';
import type { LedgerSource } from '../../services/ledger/ledger';
import type { OrganizationNames } from '../../services/organizations/organizationNames';
import type { OrganizationService } from '../../services/organizations/organizationService';
import { tell } from '../notify';
import type { OwnWallet } from '../account/ownWallet';
import { choose } from '../prompts/steps';
import type { Settings } from '../settings';
import { tellCopied } from './copiedLink';
import { publisherFacts } from './publisherFacts';
import { qrPage } from './qrPage';
import { patternError } from './trustPattern';
import { publisherLabel } from '../../words/publisherText';
import { ledgerKindText, onlyHereText } from '../../words/ledgerText';

interface ShareParts {
  readonly ledgers: LedgerSource;
  readonly organizations: OrganizationService;
  readonly names: OrganizationNames;
  readonly settings: Settings;
  /** An SVG. */
  readonly drawQr: (text: string) => Promise<string>;
}

type Way = 'id' | 'link' | 'qr';

interface Sharer {
  readonly id: PublisherId;
  /** Of an organization. */
  readonly name?: string;
}

/** Tells others whom to trust: an ID, a trust link or its QR code. None of it is secret. */
export class PublisherShare {
  constructor(private readonly parts: ShareParts) {}

  /** `given`: an organization's id, where it is clear who is meant. `networkInvalid`, `cancelled`. */
  async share({ address }: Pick<OwnWallet, 'address'>, given: unknown): Promise<void> {
    const title = l10n.t('Share My Publisher ID');
    const publisher =
      (typeof given === 'string' ? parsePublisher(given) : undefined) ?? (await this.who(address, title));
    const way = await askWay(title, publisher);
    if (way === 'id') {
      await env.clipboard.writeText(publisherText(publisher));
      tell(l10n.t('Publisher ID copied'));
      return;
    }
    const { writer, kind } = await this.parts.ledgers.open();
    const repositories = await this.askPattern(title);
    const rule = { ledger: ledgerKey(writer.ledger), publishers: [publisher], repositories, ...single };
    const link = trustLink(rule);
    if (way === 'link') {
      await env.clipboard.writeText(link);
      tellCopied(l10n.t('Trust link copied'), kind);
      return;
    }
    const name = (await this.parts.names.read([publisher], AbortSignal.timeout(3_000))).get(publisher);
    const shared = {
      id: publisherText(publisher),
      repositories,
      link,
      ledger: `${ledgerKindText(kind, l10n)} · ${rule.ledger}`,
      ...(name !== undefined && { name: displayText(name) }),
      onlyHere: onlyHereText(kind, l10n),
    };
    const panel = window.createWebviewPanel('daochain.publisherId', l10n.t('My Publisher ID'), ViewColumn.Active, {
      localResourceRoots: [],
    });
    const nonce = randomBytes(16).toString('base64url');
    panel.webview.html = qrPage(publisherFacts(shared, l10n), {
      svg: await this.parts.drawQr(link),
      ...{ nonce, language: env.language },
    });
  }

  /** The wallet, or one of its organizations; the one in whose name it signs comes first. */
  private async who(address: Address, title: string): Promise<PublisherId> {
    const { settings } = this.parts;
    const organizations = await this.organizationsOf(address);
    if (organizations.length === 0) return walletPublisher(address);
    const isDefault = ({ id }: Sharer): number => Number(id === settings.defaultPublisher);
    const sharers: readonly Sharer[] = [
      ...organizations.toSorted((a, b) => isDefault(b) - isDefault(a)),
      { id: walletPublisher(address) },
    ];
    return choose({
      title,
      placeholder: l10n.t('In whose name'),
      choices: sharers.map(({ id, name }) => ({
        value: id,
        label: `$(${name === undefined ? 'account' : 'organization'}) ${publisherLabel(id, l10n, name)}`,
        detail: publisherText(id),
      })),
    });
  }

  /**
   * The organizations that the wallet signs for. Without a node they are not known, but the wallet can still be shared.
   */
  private async organizationsOf(address: Address): Promise<readonly Sharer[]> {
    try {
      const mine = await this.parts.organizations.mine(address, AbortSignal.timeout(5_000));
      return mine.flatMap(({ organization, isAdmin, window: span }) =>
        isAdmin || span === 'current' || span === 'notYet' ? [organization] : [],
      );
    } catch (error) {
      if (!isDaoChainError(error)) throw error;
      return [];
    }
  }

  private async askPattern(title: string): Promise<string> {
    const { namespace } = this.parts.settings;
    const pattern = await window.showInputBox({
      title,
      prompt: l10n.t('Repositories for which others are asked to trust you'),
      placeHolder: 'registry.example.com/team/*',
      value: namespace === undefined ? '' : `${namespace}/*`,
      ignoreFocusOut: true,
      validateInput: (text) => patternError(text, undefined, l10n),
    });
    if (pattern === undefined) throw new DaoChainError('cancelled', 'No pattern was given');
    return pattern;
  }
}

/** One publisher, and what it published. */
const single = { threshold: 1, accept: 'publish' } as const;

function askWay(title: string, publisher: PublisherId): Promise<Way> {
  return choose<Way>({
    title,
    placeholder: publisherWallet(publisher) === undefined ? l10n.t('An organization') : l10n.t('A wallet'),
    choices: [
      { value: 'id', label: `$(copy) ${l10n.t('Copy ID')}`, detail: publisherText(publisher) },
      {
        value: 'link',
        label: `$(link) ${l10n.t('Copy trust link')}`,
        detail: l10n.t('For a web page, an email or a chat: it opens in VS Code.'),
      },
      {
        value: 'qr',
        label: `$(device-camera) ${l10n.t('Show QR code')}`,
        detail: l10n.t('The same link, to scan from this screen.'),
      },
    ],
  });
}
