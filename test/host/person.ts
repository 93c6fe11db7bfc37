import assert from 'node:assert/strict';
import { window, workspace } from 'vscode';

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

/** Takes the trust in the workspace away until the returned function is called. */
export function inRestrictedMode(): () => void {
  const own = Object.getOwnPropertyDescriptor(workspace, 'isTrusted') ?? assert.fail('trust cannot be asked for');
  Object.defineProperty(workspace, 'isTrusted', { configurable: true, get: () => false });
  return () => {
    Object.defineProperty(workspace, 'isTrusted', own);
  };
}
