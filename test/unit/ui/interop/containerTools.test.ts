import assert from 'node:assert/strict';
import { imageOfNode } from '../../../../src/ui/interop/containerTools';

const id = `sha256:${'12'.repeat(32)}`;

/** The fields are getters on the prototype, as in Container Tools. */
class ImageTreeItem {
  constructor(
    private readonly tag: unknown,
    private readonly image: unknown = id,
  ) {}

  get fullTag(): unknown {
    return this.tag;
  }

  get imageId(): unknown {
    return this.image;
  }
}

describe('rows of Container Tools', () => {
  it('are read by their name', () => {
    assert.equal(imageOfNode(new ImageTreeItem('localhost:5000/app:1')), 'localhost:5000/app:1');
  });

  it('are read by their ID where the name is missing in part', () => {
    for (const tag of ['<none>:<none>', 'app:<none>', '', undefined, 7]) {
      assert.equal(imageOfNode(new ImageTreeItem(tag)), id);
    }
  });

  it('are no images when anything else has their place', () => {
    for (const node of [undefined, null, 'text', 7, {}, [], new ImageTreeItem(undefined, 'sha256:1'), { imageId: 7 }]) {
      assert.equal(imageOfNode(node), undefined);
    }
  });
});
