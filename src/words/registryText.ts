import { type RegistryFailure, registryFailures } from '../core/judging/verdict';
import type { Localizer } from './localizer';

/** Why a registry could not be asked: a sentence. */
export function registryFailureText(failure: RegistryFailure, l10n: Localizer): string {
  switch (failure) {
    case 'registryUnavailable':
      return l10n.t('The registry does not answer.');
    case 'registryCertificate':
      return l10n.t('The registry’s certificate is not accepted.');
    case 'registryWebPage':
      return l10n.t(
        'The registry was not reached: a web page answers in its place, such as that of a proxy or of a network that requires a login.',
      );
    case 'registryPlainHttp':
      return l10n.t(
        'The registry is not asked: the connection would be without TLS, which you have not allowed for it.',
      );
    case 'registryLogin':
      return l10n.t('The registry requires a login, and the one in the configuration of Docker cannot be used.');
    case 'registryRefused':
      return l10n.t('The registry is not asked: it is at a private address that neither you nor Docker has named.');
    case 'registryDenied':
      return l10n.t('The registry has no such image, or does not show it without a login.');
    case 'registryBusy':
      return l10n.t('The registry asks to wait: too many requests.');
    case 'registryOff':
      return l10n.t('Registries are not asked here.');
    case 'imageNotFound':
      return l10n.t('The registry has no image of this name.');
  }
}

export function registryNextStep(failure: RegistryFailure, l10n: Localizer): string {
  switch (failure) {
    case 'registryUnavailable':
      return l10n.t('Check the connection to the registry.');
    case 'registryCertificate':
      return l10n.t('Put the certificate of its authority where Docker looks for it, in certs.d.');
    case 'registryWebPage':
      return l10n.t('Open the address of the registry in a browser, and check your proxy.');
    case 'registryPlainHttp':
      return l10n.t('If it has no TLS, name it in your settings.');
    case 'registryLogin':
      return l10n.t('Log in to the registry again with "docker login".');
    case 'registryRefused':
      return l10n.t('If you know this host, name it in your settings.');
    case 'registryDenied':
      return l10n.t('Check the name, or log in to the registry.');
    case 'registryBusy':
      return l10n.t('Try again later.');
    case 'registryOff':
      return l10n.t('Pull or build the image.');
    case 'imageNotFound':
      return l10n.t('Check the name, or build the image.');
  }
}

export function isRegistryFailure(detail: string | undefined): detail is RegistryFailure {
  return registryFailures.some((failure) => failure === detail);
}
