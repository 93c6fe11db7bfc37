import assert from 'node:assert/strict';
import { datasetFileBytes, datasetFileName, epochOf } from '../../../../src/core/ledger/ethash';

describe('the dataset of ethash', () => {
  it('has the name and the size that geth 1.11.6 gave it', () => {
    assert.deepEqual(
      [0, 1].map((epoch) => [datasetFileName(epoch), datasetFileBytes(epoch)]),
      [
        ['full-R23-0000000000000000', 1_073_739_912],
        ['full-R23-290decd9548b62a8', 1_082_130_312],
      ],
    );
  });

  it('has a prime number of rows, in every epoch that there can be for years', () => {
    // Appendix of the specification of ethash: the sizes of these epochs.
    const sizes = new Map([
      [2, 1_090_514_816],
      [3, 1_098_906_752],
      [2047, 18_245_220_736],
    ]);
    for (const [epoch, bytes] of sizes) assert.equal(datasetFileBytes(epoch), bytes + 8, `epoch ${epoch}`);
  });

  it('is another one every 30,000 blocks', () => {
    assert.deepEqual([0, 29_999, 30_000, 60_000].map(epochOf), [0, 0, 1, 2]);
  });
});
