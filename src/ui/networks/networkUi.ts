import { ExternalCommands } from './externalCommands';
import { NetworkBackups } from './networkBackups';
import { NetworkCommands } from './networkCommands';

type Parts = ConstructorParameters<typeof ExternalCommands>[0] &
  ConstructorParameters<typeof NetworkBackups>[0] &
  Omit<ConstructorParameters<typeof NetworkCommands>[0], 'externalCommands'>;

/** What is done with networks and ledgers by hand. It is loaded on first use, for most windows never need it. */
export interface NetworkUi {
  readonly networks: NetworkCommands;
  readonly externals: ExternalCommands;
  readonly backups: NetworkBackups;
}

export function createNetworkUi(parts: Parts): NetworkUi {
  const externals = new ExternalCommands(parts);
  return {
    externals,
    networks: new NetworkCommands({ ...parts, externalCommands: externals }),
    backups: new NetworkBackups(parts),
  };
}
