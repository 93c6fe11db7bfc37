/** Whether Compose looks for a file of this name, or people name theirs so: `compose.yaml`, `docker-compose.prod.yml`. */
export function isComposeFile(name: string): boolean {
  return /^(?:docker-)?compose(?:[.-].*)?\.ya?ml$/i.test(name);
}
