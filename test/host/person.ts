import assert from 'node:assert/strict';
import { EventEmitter, window, workspace, type QuickPickItem } from 'vscode';

type Prompt = 'showInputBox' | 'showWarningMessage' | 'showInformationMessage' | 'showErrorMessage';

/**
 * Lets `answer` answer a prompt in the place of a person, until the returned function is called: the test driver shows no
 * notifications, and nobody can type into its input boxes. The extension gets the same `window` as its tests.
 */
export function answerInstead(
  prompt: Prompt,
  answer: (...given: readonly unknown[]) => string | undefined | Promise<string | undefined>,
): () => void {
  const own: unknown = window[prompt];
  Object.assign(window, { [prompt]: (...given: readonly unknown[]) => Promise.resolve(answer(...given)) });
  return () => {
    Object.assign(window, { [prompt]: own });
  };
}

/** Picks the entry that `label` matches from each list that is shown, until the returned function is called. */
export function pickInstead(label: RegExp): () => void {
  const own: unknown = window.createQuickPick;
  const createQuickPick = (): object => {
    const [accepted, hidden, button] = [new EventEmitter<void>(), new EventEmitter<void>(), new EventEmitter<never>()];
    const pick = {
      items: [] as readonly QuickPickItem[],
      selectedItems: [] as readonly QuickPickItem[],
      ...{ onDidAccept: accepted.event, onDidHide: hidden.event, onDidTriggerButton: button.event },
      show: () => {
        pick.selectedItems = pick.items.filter((item) => label.test(item.label));
        assert.equal(pick.selectedItems.length, 1, pick.items.map((item) => item.label).join('\n'));
        accepted.fire();
      },
      dispose: () => undefined,
    };
    return pick;
  };
  Object.assign(window, { createQuickPick });
  return () => {
    Object.assign(window, { createQuickPick: own });
  };
}

/** Takes the trust in the workspace away until the returned function is called. */
export function inRestrictedMode(): () => void {
  const own = Object.getOwnPropertyDescriptor(workspace, 'isTrusted') ?? assert.fail('trust cannot be asked for');
  Object.defineProperty(workspace, 'isTrusted', { configurable: true, get: () => false });
  return () => {
    Object.defineProperty(workspace, 'isTrusted', own);
  };
}
