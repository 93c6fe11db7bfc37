/**
 * A window in a process of its own: starts or joins the node of the folder that it is given, and says how it went. With
 * `mine` it wants blocks as well.
 */
import { newLauncher } from './newLauncher';

async function run(): Promise<void> {
  const [, , folder = '', what] = process.argv;
  const launcher = await newLauncher(folder);
  const node = await launcher.launch({ threads: 1 }, new AbortController().signal);
  node.onExit(({ reason }) => {
    console.log(`exit ${reason}`);
  });
  process.once('SIGTERM', () => void node.release().then(() => process.exit(0)));
  if (what === 'mine') await node.mine({ threads: 1, etherbase: `0x${'a'.repeat(40)}` });
  console.log(node.owned ? 'owns' : 'joined');
}

// Keeps it alive where the node is another's.
setInterval(() => undefined, 60_000);
run().catch((error: unknown) => {
  console.log('failed', error);
  process.exit(1);
});
