import { l10n, window } from 'vscode';
import { DaoChainError } from '../../core/errors';
import { familiarName, formatReference, parseReference, withDefaultTag } from '../../core/image/reference';
import type { ImageReference } from '../../core/image/reference';
import { referencesOf } from '../../core/image/imageNames';
import { withCancellableProgress } from '../prompts/progress';
import type { Settings } from '../settings';
import type { ContainerEngine, ImageTransfer } from '../../core/ports/engine';

interface NamespaceParts {
  readonly engine: Pick<ContainerEngine, 'list' | 'inspect'> & Pick<ImageTransfer, 'tag'>;
  readonly settings: Pick<Settings, 'namespace'>;
}

/** What a name without a registry means to engines: a place that belongs to nobody who signs here. */
const ownerless = 'docker.io/library/';

/**
 * Offers names in the user's namespace for images that have none but such as belong to nobody, and gives the names to
 * sign. What was declined is not asked about again in this window.
 */
export class NamespaceOffer {
  readonly #declined = new Set<string>();

  constructor(private readonly parts: NamespaceParts) {}

  /** `cancelled` where the question is closed. */
  async namesFor(names: readonly string[]): Promise<readonly string[]> {
    const { namespace } = this.parts.settings;
    if (namespace === undefined) return names;
    const offered = await withCancellableProgress(l10n.t('Reading the image'), (signal) =>
      this.offered(names, namespace, signal),
    );
    if (offered.size === 0) return names;
    const [tag, keep] = [l10n.t('Tag and Sign'), l10n.t('Sign as They Are')];
    const picked = await window.showInformationMessage(
      l10n.t('Give what you sign a name in {0} first?', namespace),
      {
        modal: true,
        detail: [
          ...[...offered].map(([name, reference]) => `${name} → ${familiarName(reference)}`),
          l10n.t(
            'A name without a registry stands for one of Docker Hub’s official images, which belong to somebody else.',
          ),
        ].join('\n\n'),
      },
      tag,
      keep,
    );
    if (picked === undefined) throw new DaoChainError('cancelled', 'The question about names was closed');
    if (picked === keep) {
      for (const name of offered.keys()) this.#declined.add(name);
      return names;
    }
    await withCancellableProgress(l10n.t('Tagging images'), async (signal) => {
      for (const [name, reference] of offered) await this.parts.engine.tag(name, reference, signal);
    });
    return names.map((name) => offered.get(name)?.text ?? name);
  }

  /** The new name of each that should get one. */
  private async offered(
    names: readonly string[],
    namespace: string,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ImageReference>> {
    const candidates = names.filter((name) => isOwnerless(name) && !this.#declined.has(name));
    if (candidates.length === 0) return new Map();
    const { images } = await this.parts.engine.list(signal);
    const offered = new Map<string, ImageReference>();
    for (const name of candidates) {
      const { id } = await this.parts.engine.inspect(name, signal);
      const image = images.find((each) => each.id === id);
      const isNamed = image !== undefined && referencesOf(image).some(({ repository }) => !isBelow(repository));
      if (!isNamed) offered.set(name, inNamespace(name, namespace));
    }
    return offered;
  }
}

function isOwnerless(name: string): boolean {
  return !name.startsWith('sha256:') && isBelow(parseReference(name).repository);
}

function isBelow(repository: string): boolean {
  return repository.startsWith(ownerless);
}

function inNamespace(name: string, namespace: string): ImageReference {
  const { repository, tag = 'latest' } = withDefaultTag(parseReference(name));
  return parseReference(formatReference({ repository: `${namespace}/${repository.slice(ownerless.length)}`, tag }));
}
