import { commands, l10n, Uri, window, workspace, type TextDocumentContentProvider } from 'vscode';
import { DaoChainError } from '../../core/errors';
import { errorText } from '../../words/errorText';
import { displayText } from '../../core/displayText';
import { policyFileName } from '../../core/trust/policyFile';
import type { Policy } from '../../services/trust/parsePolicy';
import type { Policies, PolicyStatus } from '../../services/trust/policies';
import type { OrganizationNames } from '../../services/organizations/organizationNames';
import { show, tell, tellNothing } from '../notify';
import { confirmPages } from '../prompts/confirmPages';
import { choose, type Choice } from '../prompts/steps';
import type { Settings } from '../settings';
import { policyPages } from './policyText';
import { sentences } from '../../words/listText';
import type { Disposable } from '../../core/emitter';

interface ReviewParts {
  readonly policies: Policies;
  readonly settings: Pick<Settings, 'trustRules'>;
  readonly names: OrganizationNames;
}

const scheme = 'daochain-policy';

/** So long the dialog waits for names, which are nothing but a help. */
const namesMs = 5_000;

type Decision = 'accept' | 'withdraw' | 'leave';

/** Shows what a policy file says and what was accepted of it, and lets a person accept that content or withdraw it. */
export class PolicyReview implements TextDocumentContentProvider, Disposable {
  readonly #registration: Disposable;
  /** What is or was shown, by digest. */
  readonly #shown = new Map<string, string>();

  constructor(private readonly parts: ReviewParts) {
    this.#registration = workspace.registerTextDocumentContentProvider(scheme, this);
  }

  dispose(): void {
    this.#registration.dispose();
  }

  provideTextDocumentContent({ query }: Uri): string {
    return this.#shown.get(query) ?? '';
  }

  /** Of a folder (its URI, or a row that has one), or of one that is asked for. `workspaceUntrusted`, `policyInvalid`. */
  async review(target: unknown): Promise<void> {
    if (!workspace.isTrusted)
      throw new DaoChainError('workspaceUntrusted', 'No policy is read here', { details: { part: 'policies' } });
    const folder = folderOf(target) ?? (await this.#chooseFolder());
    // What is shown now is what is accepted, whatever the file says by then.
    const status = await this.parts.policies.status(folder);
    const { state, file, problem } = status;
    if (state === 'none') tellNothing(stateSentence(status));
    await this.#show(status);
    if (state === 'refused' && problem !== undefined && status.accepted === undefined) throw problem;
    const choices = choicesFor(status);
    const decision =
      choices.length === 1
        ? 'leave'
        : await choose<Decision>({
            title: l10n.t('Policy of {0}', displayText(status.folder)),
            placeholder: stateSentence(status),
            choices,
          });
    if (decision === 'accept' && file !== undefined) await this.#accept(status, file);
    if (decision === 'withdraw') await this.#withdraw(status);
  }

  async #chooseFolder(): Promise<string> {
    const statuses = (await this.parts.policies.list()).filter(({ state }) => state !== 'none');
    const [first, ...more] = statuses;
    if (first === undefined) tellNothing(l10n.t('No open folder has a {0}.', policyFileName));
    if (more.length === 0) return first.folder;
    return choose({
      title: l10n.t('Policies'),
      placeholder: l10n.t('Whose policy?'),
      choices: statuses.map((status) => ({
        label: displayText(status.folder),
        detail: stateSentence(status),
        value: status.folder,
      })),
    });
  }

  async #show({ folder, state, accepted, file, problem }: PolicyStatus): Promise<void> {
    const uriOf = ({ digest, text }: Policy): Uri => {
      this.#shown.set(digest, text);
      return Uri.from({ scheme, path: `${Uri.file(folder).path}/${policyFileName}`, query: digest });
    };
    if (accepted !== undefined && file !== undefined && state === 'changed') {
      const title = l10n.t('Policy of {0}: accepted and new', displayText(folder));
      await commands.executeCommand('vscode.diff', uriOf(accepted), uriOf(file), title);
      return;
    }
    const shown = file ?? accepted;
    if (shown !== undefined)
      await window.showTextDocument(await workspace.openTextDocument(uriOf(shown)), { preview: true });
    // Where the file can be read at all, the editor marks what is wrong in it.
    else if (state === 'refused' && problem?.details['reason'] !== 'unreadable')
      await window.showTextDocument(Uri.joinPath(Uri.file(folder), policyFileName));
  }

  /** Every rule in full has been on the screen before the last button is there. */
  async #accept({ folder, accepted }: PolicyStatus, policy: Policy): Promise<void> {
    const context = {
      own: this.parts.settings.trustRules().rules,
      known: await this.parts.names.ledgersOf(policy.rules, AbortSignal.timeout(namesMs)),
    };
    const pages = policyPages(policy, accepted, context, l10n);
    const place = displayText(folder);
    const question = l10n.t('Trust these publishers in {0}?', place);
    await confirmPages(question, pages, l10n.t('Accept for This Folder'), l10n.t('Do Not Accept'));
    await this.parts.policies.accept(folder, policy);
    void show({
      severity: 'information',
      message: l10n.t('You have accepted the policy of {0}. It is in force from now on, until you withdraw it.', place),
      actions: [{ title: l10n.t('Review…'), command: 'daochain.reviewPolicy', arguments: [Uri.file(folder)] }],
    });
  }

  async #withdraw({ folder }: PolicyStatus): Promise<void> {
    const withdraw = l10n.t('Withdraw');
    const picked = await window.showWarningMessage(
      l10n.t('Withdraw the policy of {0}?', displayText(folder)),
      {
        modal: true,
        detail: l10n.t(
          'Publishers that only this policy names are no longer trusted, and what only it enforces is no longer enforced.',
        ),
      },
      withdraw,
    );
    if (picked !== withdraw) throw new DaoChainError('cancelled', 'The policy was not withdrawn');
    await this.parts.policies.withdraw(folder);
    tell(l10n.t('No policy is in force in {0}.', displayText(folder)));
  }
}

function folderOf(target: unknown): string | undefined {
  if (target instanceof Uri) return target.fsPath;
  const row = typeof target === 'object' && target !== null && 'row' in target ? target.row : undefined;
  const folder = typeof row === 'object' && row !== null && 'folder' in row ? row.folder : undefined;
  return typeof folder === 'string' ? folder : undefined;
}

function choicesFor({ state, accepted, file }: PolicyStatus): readonly Choice<Decision>[] {
  const isNew = file !== undefined && state !== 'accepted';
  const isThere = accepted !== undefined || state === 'damaged';
  return [
    { label: `$(close) ${l10n.t('Leave It as It Is')}`, value: 'leave' },
    ...(isNew ? [{ label: `$(check) ${l10n.t('Review All Rules and Accept…')}`, value: 'accept' as const }] : []),
    ...(isThere ? [{ label: `$(trash) ${l10n.t('Withdraw…')}`, value: 'withdraw' as const }] : []),
  ];
}

/** What is in force in a folder, and what its file says. */
export function stateSentence({ state, accepted, problem }: PolicyStatus): string {
  const reason = problem === undefined ? '' : errorText(problem, l10n);
  switch (state) {
    case 'none':
      return l10n.t('There is no policy file.');
    case 'offered':
      return l10n.t('None of it is in force until you accept it.');
    case 'accepted':
      return l10n.t('You have accepted it, and it is in force.');
    case 'changed':
      return l10n.t('It has changed. What you accepted before stays in force.');
    case 'missing':
      return l10n.t('The file is gone. What you accepted stays in force.');
    case 'refused':
      return accepted === undefined
        ? reason
        : sentences([reason, l10n.t('What you accepted before stays in force.')], l10n);
    case 'damaged':
      return reason;
  }
}
