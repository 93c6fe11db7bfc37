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

/** What a person is asked and told, who closes everything. */
export interface Asked {
  /** Titles, prompts, entries and messages, one after the other. */
  readonly texts: string[];
  /** The titles of lists without an entry since `texts` was emptied. */
  emptyLists(): readonly string[];
  restore(): void;
}

/** Notes every prompt, list and message, and closes each, until `restore` is called. */
export function closeEverything(): Asked {
  const texts: string[] = [];
  const isEmpty = 'a list without an entry: ';
  const noteList = (title: string | undefined, placeholder: string | undefined, items: readonly unknown[]): void => {
    texts.push(title ?? '', placeholder ?? '');
    for (const item of items) {
      const { label = String(item), description = '', detail = '' } = item as Partial<QuickPickItem>;
      texts.push([label, description, detail].join(' '));
    }
    if (items.length === 0) texts.push(`${isEmpty}${title ?? ''}`);
  };
  const noteMessage = (message: string, ...more: readonly unknown[]): Promise<undefined> => {
    const [first, ...others] = more;
    const options = typeof first === 'object' ? (first as { readonly detail?: string }) : undefined;
    const buttons = (options === undefined ? more : others).map(String);
    const detail = options?.detail ?? '';
    texts.push([message, detail, ...(buttons.length > 0 ? [`[${buttons.join(', ')}]`] : [])].filter(Boolean).join(' '));
    return Promise.resolve(undefined);
  };
  /** A box or a list that is closed as soon as it is shown. */
  const closing = (note: (prompt: Prompted) => void): object => {
    const hidden = new EventEmitter<void>();
    const none = new EventEmitter<never>().event;
    const prompt: Prompted = {
      ...{ onDidAccept: none, onDidChangeValue: none, onDidTriggerButton: none, onDidHide: hidden.event },
      show: () => {
        note(prompt);
        hidden.fire();
      },
      dispose: () => undefined,
    };
    return prompt;
  };
  const noteTitle = (options?: { readonly title?: string }): Promise<undefined> => {
    texts.push(options?.title ?? '');
    return Promise.resolve(undefined);
  };
  const instead = {
    ...{ showInformationMessage: noteMessage, showWarningMessage: noteMessage, showErrorMessage: noteMessage },
    ...{ showOpenDialog: noteTitle, showSaveDialog: noteTitle },
    showInputBox: (options: { readonly title?: string; readonly prompt?: string } = {}) => {
      texts.push(options.title ?? '', options.prompt ?? '');
      return Promise.resolve(undefined);
    },
    showQuickPick: async (
      items: readonly unknown[] | Thenable<readonly unknown[]>,
      options: { readonly title?: string; readonly placeHolder?: string } = {},
    ) => {
      noteList(options.title, options.placeHolder, await items);
    },
    createInputBox: () =>
      closing(({ title = '', prompt = '' }) => {
        texts.push(title, prompt);
      }),
    createQuickPick: () =>
      closing(({ title, placeholder, items = [] }) => {
        noteList(title, placeholder, items);
      }),
  };
  const own = Object.fromEntries(Object.keys(instead).map((name) => [name, Reflect.get(window, name) as unknown]));
  Object.assign(window, instead);
  return {
    texts,
    emptyLists: () => texts.filter((text) => text.startsWith(isEmpty)),
    restore: () => {
      Object.assign(window, own);
    },
  };
}

/** What `closeEverything` looks at of a prompt. */
interface Prompted {
  title?: string;
  prompt?: string;
  placeholder?: string;
  items?: readonly unknown[];
  readonly [other: string]: unknown;
}

/** Types what is given into each box that is shown, until the returned function is called. */
export function typeInstead(answers: string[]): () => void {
  const own: unknown = window.createInputBox;
  const createInputBox = (): object => {
    const [accepted, changed, hidden, button] = Array.from({ length: 4 }, () => new EventEmitter<never>());
    const box = {
      value: '',
      ...{ onDidAccept: accepted?.event, onDidChangeValue: changed?.event },
      ...{ onDidHide: hidden?.event, onDidTriggerButton: button?.event },
      show: () => {
        box.value = answers.shift() ?? assert.fail('nothing is left to type');
        accepted?.fire(undefined as never);
      },
      dispose: () => undefined,
    };
    return box;
  };
  Object.assign(window, { createInputBox });
  return () => Object.assign(window, { createInputBox: own });
}
