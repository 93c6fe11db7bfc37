import { formatReference, withDefaultTag, type ImageReference } from '../core/image/reference';
import type { Localizer } from './localizer';
import { displayText } from '../core/displayText';

/** Where a push goes whose name does not say it, and how it goes elsewhere. */
export function pushTargetText(reference: ImageReference, l10n: Localizer): string {
  const { text, registry } = reference;
  return l10n.t(
    'The name {0} has no registry in it, so the image goes to {1}, as {2}. To push it elsewhere, first give it a name with "docker tag" that begins with the registry.',
    displayText(text),
    registry,
    formatReference(withDefaultTag(reference)),
  );
}
