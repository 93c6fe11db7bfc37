import * as l10n from '@vscode/l10n';
import { CodeActionKind, type CodeAction, type Diagnostic } from 'vscode-languageserver';
import type { Range, TextDocument } from 'vscode-languageserver-textdocument';
import type { Answer } from '../buildFiles/answer';
import { queryOf, type BaseImage } from '../buildFiles/dockerfile/baseImages';
import type { Finding } from '../buildFiles/findings';
import { ignoreComment } from '../buildFiles/ignore';
import { fetchOf, pinOf, signedReferences, type JudgedFetch } from '../buildFiles/pinnedReference';
import { diagnosticTable } from '../core/diagnostics';
import { displayText } from '../core/displayText';
import { nameOf } from '../core/image/imageNames';
import { isAlarm } from '../core/judging/verdict';
import { explainVerdictArguments, explainVerdictCommand } from '../protocol/explainVerdict';
import type { ImageAnswer } from '../core/judging/imageAnswer';
import { folderOf } from './verdictCache';
import { publisherLabel } from '../words/publisherText';

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
  return placesOf(judged)
    .filter((place) =>
      place.some(({ image, findings }) => [image, ...findings].some((part) => touches(document, part.range, range))),
    )
    .flatMap((place) => withoutRepetitions(placeActions(document, place, range, diagnosticFor)))
    .map((action) => ({ ...action, kind: CodeActionKind.QuickFix }));
}

/** What is fetched at one place of the file: the same name for several platforms, for instance. */
type Place = readonly JudgedBaseImage[];

function placesOf(judged: readonly JudgedBaseImage[]): readonly Place[] {
  const places = new Map<string, JudgedBaseImage[]>();
  for (const each of judged) {
    const key = JSON.stringify([each.image.range, each.image.file ?? null]);
    places.set(key, [...(places.get(key) ?? []), each]);
  }
  return [...places.values()];
}

function placeActions(
  document: TextDocument,
  place: Place,
  range: Range,
  diagnosticFor: (finding: Finding) => Diagnostic,
): readonly CodeAction[] {
  const fetches = place.map(({ image, answer }) => fetchOf(image, answer));
  const isOne =
    new Set(place.map(({ image }) => (image.type === 'image' ? JSON.stringify(queryOf(image)) : ''))).size < 2;
  const forVerdicts = (action: CodeAction, of: Place): CodeAction => {
    const diagnostics = of.flatMap(({ findings }) =>
      findings.filter(({ topic }) => diagnosticTable[topic].tellsVerdict).map((finding) => diagnosticFor(finding)),
    );
    return { ...action, ...(diagnostics.length > 0 && { diagnostics }) };
  };
  const each = (actionsOf: (image: BaseImage, known: ImageAnswer) => readonly CodeAction[]): readonly CodeAction[] =>
    place.flatMap((one) => {
      const { image, known } = fetchOf(one.image, one.answer);
      if (known === undefined) return [];
      return actionsOf(image, known).map((action) => forVerdicts(action, [one]));
    });
  const ofPlatform =
    (actionsOf: typeof vouchActions): typeof vouchActions =>
    (image, known) =>
      actionsOf(image, known).map((action) => (isOne ? action : forPlatform(action, image, known)));
  return [
    // By name: what the engine has under it.
    ...each(signActions),
    ...editActions(document, fetches).map((action) => forVerdicts(action, place)),
    ...each(ofPlatform(pullActions)),
    ...each(ofPlatform(vouchActions)),
    ...place
      .flatMap(({ findings }) => findings)
      .filter((finding) => touches(document, finding.range, range))
      .flatMap((finding) =>
        findingActions(document, finding).map((action) => ({ ...action, diagnostics: [diagnosticFor(finding)] })),
      ),
    ...each(ofPlatform((image) => whyActions(document, image))),
  ];
}

/** Where several are fetched, an action that is about one of them says which; and none is the one to take. */
function forPlatform({ title, command, ...action }: CodeAction, image: BaseImage, known: ImageAnswer): CodeAction {
  const platform = image.type === 'image' ? (known.judgedFor ?? image.platform) : undefined;
  const named = platform === undefined ? title : l10n.t('{0} ({1})', title, displayText(platform));
  return { ...action, title: named, isPreferred: false, ...(command && { command: { ...command, title: named } }) };
}

/** What is the same for each of them is offered once, for the problems of all. */
function withoutRepetitions(actions: readonly CodeAction[]): readonly CodeAction[] {
  const byTitle = new Map<string, CodeAction>();
  for (const action of actions) {
    const { diagnostics = [], ...known } = byTitle.get(action.title) ?? action;
    const all = [...new Set([...diagnostics, ...(action.diagnostics ?? [])])];
    byTitle.set(action.title, { ...known, ...(all.length > 0 && { diagnostics: all }) });
  }
  return [...byTitle.values()];
}

/** What is written for one is written for all that are fetched there. */
function editActions(document: TextDocument, fetches: readonly JudgedFetch[]): readonly CodeAction[] {
  const [first] = fetches;
  if (first === undefined) return [];
  const { range } = first.image;
  const pin = pinOf(fetches);
  return [
    ...(pin !== undefined && 'text' in pin
      ? [editAction(document, range, pin.text, l10n.t('Pin to the verified digest'))]
      : []),
    ...signedReferences(fetches).map(({ text, tag, citation: { publisher } }) =>
      editAction(document, range, text, l10n.t('Use tag {0}, signed by {1}', tag, publisherLabel(publisher, l10n))),
    ),
  ];
}

/** For an image of the reader's own that was built again. */
function signActions(image: BaseImage, { verdict, local }: ImageAnswer): readonly CodeAction[] {
  const isRebuilt = verdict.kind === 'mismatch' && verdict.cause === 'rebuilt';
  if (image.type !== 'image' || !isRebuilt || local === undefined) return [];
  return [{ ...commandAction(l10n.t('Sign Again…'), commands.sign, [image.reference]), isPreferred: true }];
}

/** Where the image is not here, or what is here is old. What is known to be bad is not pulled. */
function pullActions(image: BaseImage, { verdict, local, reference }: ImageAnswer): readonly CodeAction[] {
  if (image.type !== 'image' || reference === undefined || isAlarm(verdict)) return [];
  const isAwaited = verdict.kind === 'unknown' && (verdict.missing === 'layers' || verdict.missing === 'image');
  const isAbsent = local === undefined && verdict.kind !== 'unknown';
  const isOld = local?.verdict.kind === 'superseded' && !image.reference.includes('@');
  if (!isAwaited && !isAbsent && !isOld) return [];
  const pull = commandAction(l10n.t('Pull the image and judge it'), commands.pull, askedOf(image));
  return [isAbsent ? pull : { ...pull, isPreferred: true }];
}

/** For what nobody says whom a rule accepts. Under a digest alone there is no tag that a statement could name. */
function vouchActions(image: BaseImage, { verdict, reference, isVouchOld }: ImageAnswer): readonly CodeAction[] {
  if (image.type !== 'image' || reference === undefined || nameOf(reference).tag === '') return [];
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
