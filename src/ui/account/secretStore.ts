import type { SecretStorage } from 'vscode';
import { DaoChainError } from '../../core/errors';
import type { SecretStore } from '../../core/ports/wallet';

/**
 * Secrets in VS Code's SecretStorage. On a machine without a keyring it may drop what it is given without an error, so
 * each value is read back.
 */
export class EditorSecretStore implements SecretStore {
  constructor(private readonly secrets: SecretStorage) {}

  async get(key: string): Promise<string | undefined> {
    try {
      return await this.secrets.get(key);
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  async set(key: string, value: string): Promise<void> {
    try {
      await this.secrets.store(key, value);
    } catch (cause) {
      throw unavailable(cause);
    }
    if ((await this.get(key)) !== value) throw unavailable();
  }

  async delete(key: string): Promise<void> {
    try {
      await this.secrets.delete(key);
    } catch (cause) {
      throw unavailable(cause);
    }
  }
}

function unavailable(cause?: unknown): DaoChainError {
  return new DaoChainError('secretsUnavailable', 'Secret storage does not keep what it is given', { cause });
}
