import * as l10n from '@vscode/l10n';
import { CodeActionKind, type CodeAction, type Diagnostic } from 'vscode-languageserver';
import type { Range, TextDocument } from 'vscode-languageserver-textdocument';
import type { Answer } from '../buildFiles/answer';
import { queryOf, type BaseImage } from '../buildFiles/baseImages';
import { malformedText, type Finding } from '../buildFiles/findings';
import { ignoreComment } from '../buildFiles/ignore';
import { pinnedReference, signedReferences } from '../buildFiles/pinnedReference';
import { publisherLabel } from '../core/trust/explain';
import { isAlarm } from '../core/trust/verdict';
import { explainVerdictArguments, explainVerdictCommand } from '../protocol/explainVerdict';
import type { VerifiedImage } from '../protocol/verifyImages';
import { folderOf } from './verdictCache';

/** Commands of the host, and what they take. */
const commands = {
  /** A reference, and a platform where one is asked for. */
  pull: 'daochain.pullImage',
  /** The canonical repository; asks which publisher to accept. */
  trust: 'daochain.trustPublisherForRepository',
  /** As `pull`; shows what would be said and asks. */
  vouch: 'daochain.vouchForImage',
  updateVouch: 'daochain.updateVouch',
  /** A reference. */
  sign: 'daochain.signImage',
  /** The code of a diagnostic. */
  ignore: 'daochain.ignoreInWorkspace',
} as const;

/** A base image, the answer to it and what was found about it. */
export interface JudgedBaseImage {
  readonly image: BaseImage;
  readonly answer: Answer | undefined;
  readonly findings: readonly Finding[];
}

/**
 * What can be done about the images that `range` touches; `diagnosticFor` names the squiggle that an action is for. Edits
 * are for the document as it is now: the editor refuses one for a version that is gone.
 */
export function codeActionsOf(
  document: TextDocument,
  judged: readonly JudgedBaseImage[],
  range: Range,
  diagnosticFor: (finding: Finding) => Diagnostic,
): readonly CodeAction[] {
  return judged
    .filter(({ image, findings }) => [image, ...findings].some((part) => touches(document, part.range, range)))
    .flatMap(({ image, answer, findings }) => {
      const ofVerdict = findings.filter(({ code }) => code !== 'DC012').map(diagnosticFor);
      const known = answer?.state === 'judged' && malformedText(image, answer) === undefined ? answer.image : undefined;
      const forVerdict = (action: CodeAction): CodeAction => ({
        ...action,
        ...(ofVerdict.length > 0 && { diagnostics: ofVerdict }),
      });
      return [
        ...(known === undefined ? [] : imageActions(document, image, known)).map(forVerdict),
        ...findings
          .filter((finding) => touches(document, finding.range, range))
          .flatMap((finding) =>
            findingActions(document, finding).map((action) => ({ ...action, diagnostics: [diagnosticFor(finding)] })),
          ),
        ...(known === undefined ? [] : whyActions(document, image)).map(forVerdict),
      ];
    })
    .map((action) => ({ ...action, kind: CodeActionKind.QuickFix }));
}

function imageActions(document: TextDocument, image: BaseImage, known: VerifiedImage): readonly CodeAction[] {
  const pinned = pinnedReference(image, known);
  const pin =
    pinned === undefined ? [] : [editAction(document, image.range, pinned, l10n.t('Pin to the verified digest'))];
  const signed = signedReferences(image, known).map(({ text, tag, citation: { publisher } }) =>
    editAction(document, image.range, text, l10n.t('Use tag {0}, signed by {1}', tag, publisherLabel(publisher, l10n))),
  );
  return [...signActions(image, known), ...pin, ...signed, ...pullActions(image, known), ...vouchActions(image, known)];
}

/** For an image of the reader's own that was built again. */
function signActions(image: BaseImage, { verdict, local }: VerifiedImage): readonly CodeAction[] {
  const isRebuilt = verdict.kind === 'mismatch' && verdict.cause === 'rebuilt';
  if (image.type !== 'image' || !isRebuilt || local === undefined) return [];
  return [{ ...commandAction(l10n.t('Sign Again…'), commands.sign, [image.reference]), isPreferred: true }];
}

/** Where the image is not here, or what is here is old. What is known to be bad is not pulled. */
function pullActions(image: BaseImage, { verdict, local, name }: VerifiedImage): readonly CodeAction[] {
  if (image.type !== 'image' || name === undefined || isAlarm(verdict)) return [];
  const isAwaited = verdict.kind === 'unknown' && (verdict.missing === 'layers' || verdict.missing === 'image');
  const isAbsent = local === undefined && verdict.kind !== 'unknown';
  const isOld = local?.verdict.kind === 'superseded' && !image.reference.includes('@');
  if (!isAwaited && !isAbsent && !isOld) return [];
  const pull = commandAction(l10n.t('Pull the image and judge it'), commands.pull, askedOf(image));
  return [isAbsent ? pull : { ...pull, isPreferred: true }];
}

/** For what nobody says whom a rule accepts. Under a digest alone there is no tag that a statement could name. */
function vouchActions(image: BaseImage, { verdict, name, isVouchOld }: VerifiedImage): readonly CodeAction[] {
  if (image.type !== 'image' || name?.tag === undefined || name.tag === '') return [];
  if (isVouchOld === true)
    return [commandAction(l10n.t('Update your vouch for this base image…'), commands.updateVouch, askedOf(image))];
  if (verdict.kind !== 'unsigned' && verdict.kind !== 'untrusted') return [];
  return [commandAction(l10n.t('Vouch for this base image…'), commands.vouch, askedOf(image))];
}

function whyActions({ uri }: TextDocument, image: BaseImage): readonly CodeAction[] {
  if (image.type !== 'image') return [];
  const given = explainVerdictArguments(queryOf(image), folderOf(uri));
  return [commandAction(l10n.t('Why?'), explainVerdictCommand, given)];
}

function askedOf(image: BaseImage & { readonly type: 'image' }): readonly string[] {
  const { text, platform } = queryOf(image);
  return platform === undefined ? [text] : [text, platform];
}

function findingActions(document: TextDocument, finding: Finding): readonly CodeAction[] {
  const { code, trustable, ignorable } = finding;
  const trust =
    trustable === undefined
      ? []
      : [commandAction(l10n.t('Trust a publisher for {0}…', trustable), commands.trust, [trustable])];
  const ignore = ignorable
    ? [
        ...ignoreHereActions(document, finding),
        commandAction(l10n.t('Ignore {0} in this workspace', code), commands.ignore, [code]),
      ]
    : [];
  return [...trust, ...ignore];
}

function ignoreHereActions(document: TextDocument, { code, image }: Finding): readonly CodeAction[] {
  if (image.instruction === undefined) return [];
  const at = document.positionAt(image.instruction);
  const lineStart = { line: at.line, character: 0 };
  const indent = document.getText({ start: lineStart, end: at });
  const lineEnd = document.getText().includes('\r\n') ? '\r\n' : '\n';
  const newText = `${indent}${ignoreComment(code)}${lineEnd}`;
  return [editAction(document, { start: lineStart, end: lineStart }, newText, l10n.t('Ignore {0} here', code))];
}

function editAction({ uri, version }: TextDocument, range: Range, newText: string, title: string): CodeAction {
  return { title, edit: { documentChanges: [{ textDocument: { uri, version }, edits: [{ range, newText }] }] } };
}

function commandAction(title: string, name: string, args: readonly string[]): CodeAction {
  return { title, command: { title, command: name, arguments: [...args] } };
}

function touches(document: TextDocument, a: Range, b: Range): boolean {
  return (
    document.offsetAt(a.start) <= document.offsetAt(b.end) && document.offsetAt(b.start) <= document.offsetAt(a.end)
  );
}
