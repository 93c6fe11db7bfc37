import * as l10n from '@vscode/l10n';
import { displayText } from '../core/displayText';
import type { UnreadFile } from './dockerfile/baseImages';
import type { FileRefusal } from './refusal';

/** Why a part of a build file is not judged. */
export function unreadText({ path, cause, refusal }: Pick<UnreadFile, 'path' | 'cause' | 'refusal'>): string {
  const name = displayText(path);
  if (refusal !== undefined) return l10n.t('Not judged: {0}', refusalText(refusal));
  switch (cause) {
    case 'remote':
      return l10n.t('Not judged: {0} is fetched from elsewhere, so the images that it names are not known here.', name);
    case 'outside':
      return l10n.t('Not judged: {0} is outside this folder, and is not read.', name);
    case 'absent':
      return l10n.t('Not judged: there is no {0}.', name);
    case 'unreadable':
      return l10n.t('Not judged: {0} cannot be read.', name);
    case 'tooLarge':
      return l10n.t('Not judged: {0} is larger than such a file may be.', name);
    case 'notUnderstood':
      return l10n.t('Not judged: {0} is not fully understood.', name);
    case 'cycle':
      return l10n.t('Not judged: {0} refers back to itself.', name);
    case 'noService':
      return l10n.t('Not judged: there is no service {0}.', name);
    case 'tooMuch':
      return l10n.t('Not judged: {0} refers to more than can be read.', name);
  }
}

/** What a file was taken for, and why it is not that. */
export function refusalText({ kind, detail = '', suggestion, line = 0 }: FileRefusal): string {
  const word = displayText(detail);
  switch (kind) {
    case 'empty':
      return l10n.t('The file is empty.');
    case 'noFrom':
      return l10n.t('Not a valid Dockerfile: it has no FROM, so Docker builds nothing from it.');
    case 'unknownInstruction':
      return l10n.t('Not a valid Dockerfile: {0} in line {1} is not an instruction.', word, line + 1);
    case 'otherFrontend':
      return l10n.t('The file is read by {0}, and how that interprets it is not known here.', word);
    case 'yaml':
      return l10n.t('Not a valid Compose file: line {0} is not YAML.', line + 1);
    case 'kubernetes':
      return l10n.t('The file is a Kubernetes manifest, not a Compose file.');
    case 'composeV1':
      return l10n.t(
        'The file is a Compose file of version 1, which Compose refuses: services now belong under "services".',
      );
    case 'otherYaml':
      return l10n.t('The file is YAML but not a Compose file: it has no services.');
    case 'unknownKey':
      return suggestion === undefined
        ? l10n.t('Not a valid Compose file: Compose does not allow {0} where it stands.', word)
        : l10n.t(
            'Not a valid Compose file: Compose does not allow {0} where it stands. It allows {1} there.',
            word,
            displayText(suggestion),
          );
    case 'duplicateKey':
      return l10n.t('Not a valid Compose file: it has the key {0} twice in one place.', word);
    case 'noText':
      return l10n.t('Not a valid Compose file: line {0} has a value that Compose does not accept there.', line + 1);
    case 'noImage':
      return l10n.t('Not a valid Compose file: its service {0} has neither an image nor a build.', word);
  }
}
