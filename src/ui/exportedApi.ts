import { Disposable, type CancellationToken, type Event } from 'vscode';
import type { Verdict } from '../core/judging/verdict';
import type { VerificationService } from '../services/judging/verificationService';
import { abortSignal } from './cancellation';

/**
 * What other extensions get. It reads and never signs.
 *
 * @example
 * const daochain = await vscode.extensions.getExtension<DaoChainApi>('daochain.daochain')?.activate();
 * const verdict = await daochain?.verify('registry.example.com/shop/web:1.0', token);
 */
export interface DaoChainApi {
  readonly version: 1;
  /** The verdict on what the engine and the registry have under this reference, the same as in Dockerfiles. */
  verify(reference: string, token: CancellationToken): Promise<Verdict>;
  /** A verdict may have changed. Listening keeps the engine's events and the chain followed. */
  readonly onDidChangeVerdicts: Event<void>;
}

export function createApi(verification: VerificationService): DaoChainApi {
  return {
    version: 1,
    async verify(reference, token) {
      const [judged] = await verification.judgeReferences([{ text: reference }], abortSignal(token));
      if (judged === undefined) throw new RangeError('one reference has one verdict');
      return judged.verdict;
    },
    onDidChangeVerdicts: (listener, thisArgs: unknown, disposables) => {
      const listening = Disposable.from(
        verification.onDidChange(() => {
          listener.call(thisArgs);
        }),
      );
      disposables?.push(listening);
      return listening;
    },
  };
}
