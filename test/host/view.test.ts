import assert from 'node:assert/strict';
import { FileDecoration, l10n, ThemeColor, ThemeIcon, Uri, type TreeItem } from 'vscode';
import { parseReference } from '../../src/core/image/reference';
import { verdictWord } from '../../src/words/verdictText';
import { verdictKinds, type VerdictKind } from '../../src/core/judging/verdict';
import { Settings } from '../../src/ui/settings';
import { ImageDecorations } from '../../src/ui/trees/imageDecorations';
import { ImageNode, LocalImages } from '../../src/ui/trees/localImages';
import { buildImage } from '../testbed/engine';
import { createProduct, silentLog, type Product } from '../testbed/product';
import { verdictOf } from '../unit/core/judging/verdicts';
import { docker, enginePath } from './extension';

const image = 'registry.example.com/host/view:1.0';

const badges: Readonly<Record<VerdictKind, string | undefined>> = {
  ...{ tampered: 'X', revoked: 'R', superseded: '~', mismatch: '!', pending: '…' },
  ...{ stale: '~', verified: '✓', untrusted: '?', unsigned: '–', unknown: undefined },
};
const colors: Readonly<Record<VerdictKind, string | undefined>> = {
  ...{ tampered: 'mismatch', revoked: 'mismatch', mismatch: 'mismatch', verified: 'verified' },
  ...{ superseded: 'unverified', stale: 'unverified', untrusted: 'unverified' },
  ...{ pending: undefined, unsigned: undefined, unknown: undefined },
};

// The last file of the suite: the view is taken from the extension, since nothing tells what another's view shows.
describe('the rows of the view', () => {
  let product: Product;
  let images: LocalImages;

  const open = (engineHost: string): LocalImages => {
    product = createProduct({ engineHost });
    return new LocalImages({ ...product, homeNetwork: undefined, settings: new Settings(), log: silentLog });
  };
  const close = async (): Promise<void> => {
    images.dispose();
    await product.dispose();
  };
  const rows = async (): Promise<readonly TreeItem[]> =>
    (await images.getChildren()).map((node) => images.getTreeItem(node));

  before(async () => {
    await buildImage(docker(), image);
    images = open(`unix://${enginePath()}`);
  });
  after(close);

  for (const kind of verdictKinds) {
    it(`tell ${kind} by icon, badge, words and to a screen reader`, () => {
      const judged = {
        image: { id: `sha256:${'12'.repeat(32)}`, tags: [image], repoDigests: [], created: 0, size: 1 } as const,
        reference: parseReference(image),
        verdict: verdictOf(kind),
      };
      const item = images.getTreeItem(new ImageNode(judged));
      assert.ok(typeof item.label === 'string');
      assert.match(item.label, /^registry\.example\.com\/.*host\/view:1\.0$/);
      assert.ok(String(item.description).startsWith(verdictWord(judged.verdict, l10n)));
      assert.equal(item.contextValue, `image;signable;${kind}${kind === 'unsigned' ? ';vouched' : ''}`);
      assert.ok(item.iconPath instanceof ThemeIcon);
      assert.ok(item.accessibilityInformation?.label.startsWith(`${image}: `));
      const decoration = new ImageDecorations().provideFileDecoration(item.resourceUri ?? Uri.file('/'));
      assert.ok(decoration instanceof FileDecoration);
      assert.equal(decoration.badge, badges[kind]);
      const color = colors[kind];
      assert.deepEqual(decoration.color, color && new ThemeColor(`daochain.${color}Foreground`));
      assert.deepEqual(item.iconPath.color, decoration.color);
    });
  }

  it('are the images, below what keeps the list from saying more', async () => {
    const [state, ...others] = await rows();
    assert.equal(state?.label, 'The node is stopped');
    assert.equal(state.command?.command, 'daochain.startNode');
    const row = others.find(({ id }) => id === image);
    assert.equal(row?.contextValue, 'image;signable;unknown');
    assert.equal(new Set(others.map(({ id }) => id)).size, others.length);
  });

  it('say more once the node runs', async () => {
    await product.node.start();
    images.refresh();
    const all = await rows();
    assert.equal(all.find(({ id }) => id === image)?.contextValue, 'image;signable;unsigned');
    assert.ok(!all.some(({ label }) => label === 'The node is stopped'));
  });

  it('leave other rows of the workbench undecorated', () => {
    assert.equal(
      new ImageDecorations().provideFileDecoration(Uri.file('/registry.example.com/host/view:1.0')),
      undefined,
    );
  });

  it('are none, and no error, when there is no engine', async () => {
    await close();
    images = open('unix:///nowhere/docker.sock');
    assert.deepEqual(await rows(), []);
  });
});
