import { networkInterfaces } from 'node:os';

/** Every literal address of this machine, without zones; others can reach some of them. */
export function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address));
}
