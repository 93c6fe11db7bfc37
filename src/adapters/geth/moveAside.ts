import { join } from 'node:path';
import { renameFile } from '../renameFile';
import { syncFolder } from '../syncFolder';

/** Gives the folder of a chain among those of others the name of one that is followed no longer. Nothing is deleted. */
export async function moveAside(networks: string, chainId: number): Promise<string> {
  const time = new Date().toISOString().replaceAll(':', '-').replace('.', '-');
  const left = join(networks, `left-${time}-${chainId.toString()}`);
  await renameFile(join(networks, chainId.toString()), left);
  await syncFolder(networks);
  return left;
}
