import {
  InputBoxValidationSeverity,
  QuickInputButtons,
  window,
  type InputBox,
  type InputBoxValidationMessage,
  type QuickPick,
  type QuickPickItem,
} from 'vscode';
import { DaoChainError } from '../../core/errors';

/** Where a prompt stands among those of one command. */
export interface Place {
  readonly title: string;
  /** From 1; shown as "1/2". Absent where a prompt stands alone. */
  readonly step?: number;
  readonly totalSteps?: number;
  /** Offers to go back to the prompt before. */
  readonly canGoBack?: boolean;
}

/** What a person wants instead of answering: the prompt before. */
export const back = Symbol('back');
export type Back = typeof back;

/** A prompt before which there is none. */
export type First<P> = P & { readonly canGoBack?: false };

export interface Choice<T> extends QuickPickItem {
  readonly value: T;
}

interface ChoicePrompt<T> extends Place {
  readonly placeholder: string;
  readonly choices: readonly Choice<T>[];
}

/** Asks for one of several. `cancelled`. */
export function choose<T>(prompt: First<ChoicePrompt<T>>): Promise<T>;
export function choose<T>(prompt: ChoicePrompt<T>): Promise<T | Back>;
export function choose<T>({ placeholder, choices, ...place }: ChoicePrompt<T>): Promise<T | Back> {
  const pick = window.createQuickPick<Choice<T>>();
  pick.placeholder = placeholder;
  pick.items = choices;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  return answerOf<T>(pick, place, (resolve) => {
    pick.onDidAccept(() => {
      const [chosen] = pick.selectedItems;
      if (chosen !== undefined) resolve(chosen.value);
    });
  });
}

interface TextPrompt extends Place {
  readonly prompt: string;
  readonly placeHolder?: string;
  readonly value?: string;
  /** What keeps a text from being accepted, while it is typed; undefined for nothing. */
  readonly problem: (text: string) => string | undefined;
  /** What a text that has no problem means, told while it is typed. */
  readonly preview?: (text: string) => string;
}

/** Asks for a text, and gives it without white space around it. `cancelled`. */
export function askText(prompt: First<TextPrompt>): Promise<string>;
export function askText(prompt: TextPrompt): Promise<string | Back>;
export function askText({
  prompt,
  placeHolder,
  value = '',
  problem,
  preview,
  ...place
}: TextPrompt): Promise<string | Back> {
  const box = window.createInputBox();
  box.prompt = prompt;
  box.placeholder = placeHolder;
  box.value = value;
  return answerOf<string>(box, place, (resolve) => {
    box.onDidChangeValue((typed) => {
      const text = typed.trim();
      box.validationMessage = text === '' ? undefined : (problem(text) ?? previewOf(text));
    });
    box.onDidAccept(() => {
      const text = box.value.trim();
      box.validationMessage = problem(text);
      if (box.validationMessage === undefined) resolve(text);
    });
  });

  function previewOf(text: string): InputBoxValidationMessage | undefined {
    const message = preview?.(text);
    return message === undefined ? undefined : { message, severity: InputBoxValidationSeverity.Info };
  }
}

/** Shows a prompt until it is answered, left or closed. */
async function answerOf<T>(
  input: InputBox | QuickPick<Choice<T>>,
  { title, step, totalSteps, canGoBack = false }: Place,
  listen: (resolve: (answer: T) => void) => void,
): Promise<T | Back> {
  input.title = title;
  input.step = step;
  input.totalSteps = totalSteps;
  input.ignoreFocusOut = true;
  input.buttons = canGoBack ? [QuickInputButtons.Back] : [];
  try {
    return await new Promise<T | Back>((resolve, reject) => {
      listen(resolve);
      input.onDidTriggerButton(() => {
        resolve(back);
      });
      input.onDidHide(() => {
        reject(new DaoChainError('cancelled', 'The prompt was closed'));
      });
      input.show();
    });
  } finally {
    input.dispose();
  }
}
