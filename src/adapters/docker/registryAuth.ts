import type { RegistryLogin } from '../../core/ports/registry';

/**
 * The value of `X-Registry-Auth` (Docker Engine API, "Authentication"). Engine 20.10 takes it only padded. Newer ones use
 * a login only for the address that it names. Without a login it says so, because engine 20.10 wants a value all the same.
 */
export function registryAuth(registry: string, login: RegistryLogin | undefined): string {
  const address = registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry;
  const json = JSON.stringify(login === undefined ? {} : { ...spelled(login), serveraddress: address });
  return Buffer.from(json).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

function spelled({ username, password, identityToken, registryToken }: RegistryLogin): object {
  return { username, password, identitytoken: identityToken, registrytoken: registryToken };
}
