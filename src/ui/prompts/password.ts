import { l10n, window, type InputBox } from 'vscode';
import { shortestPassword } from '../../core/walletLimits';
import { DaoChainError, isDaoChainError } from '../../core/errors';

interface PasswordPrompt<T> {
  readonly title: string;
  readonly prompt: string;
  /** Uses the password; `wrongPassword` keeps the prompt open and says so. */
  readonly use: (password: string) => Promise<T>;
}

/** Asks for the password until it is right. Throws `cancelled`, and what `use` throws but `wrongPassword`. */
export function askPassword<T>({ title, prompt, use }: PasswordPrompt<T>): Promise<T> {
  return prompted(title, prompt, async (box) => {
    try {
      return { value: await use(box.value) };
    } catch (error) {
      if (!isDaoChainError(error, 'wrongPassword')) throw error;
      box.validationMessage = l10n.t('The password is wrong.');
      return undefined;
    }
  });
}

/** Asks for a new password twice. Throws `cancelled`. */
export async function askNewPassword(title: string): Promise<string> {
  const password = await prompted(title, l10n.t('Choose a password. Nobody can restore it for you.'), (box) => {
    if (box.value.length >= shortestPassword) return { value: box.value };
    box.validationMessage = l10n.t('Use {0} characters or more.', shortestPassword);
    return undefined;
  });
  return prompted(title, l10n.t('Type the password again.'), (box) => {
    if (box.value === password) return { value: password };
    box.validationMessage = l10n.t('The passwords do not match.');
    return undefined;
  });
}

/** Asks for a text that must not be seen; `accept` gives the result, or undefined to keep asking. Throws `cancelled`. */
export async function prompted<T>(
  title: string,
  prompt: string,
  accept: (box: InputBox) => { readonly value: T } | undefined | Promise<{ readonly value: T } | undefined>,
): Promise<T> {
  const box = window.createInputBox();
  box.title = title;
  box.prompt = prompt;
  box.password = true;
  box.ignoreFocusOut = true;
  try {
    return await new Promise<T>((resolve, reject) => {
      const tryAccept = async (): Promise<void> => {
        // A second Enter must not use the password twice.
        if (box.busy) return;
        box.busy = true;
        try {
          const accepted = await accept(box);
          if (accepted !== undefined) resolve(accepted.value);
        } finally {
          box.busy = false;
        }
      };
      box.onDidAccept(() => {
        tryAccept().catch(reject);
      });
      box.onDidChangeValue(() => {
        box.validationMessage = undefined;
      });
      box.onDidHide(() => {
        reject(new DaoChainError('cancelled', 'The prompt was closed'));
      });
      box.show();
    });
  } finally {
    box.dispose();
  }
}
