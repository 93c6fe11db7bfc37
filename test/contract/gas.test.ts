import { strict as assert } from 'node:assert';
import { gasBars, measureGas, measureOrganizationGas } from '../../scripts/contracts/gas';

describe('Gas', () => {
  for (const [who, measure] of [
    ['a wallet', measureGas],
    ["an organization's signer", measureOrganizationGas],
  ] as const) {
    it(`stays below the bars for ${who}`, async () => {
      const figures = await measure();
      for (const [call, bar] of Object.entries(gasBars)) {
        const figure = figures[call];
        assert.ok(
          figure !== undefined && figure > 21_000 && figure <= bar,
          `${call}: ${figure ?? 'not measured'}, allowed ${bar}`,
        );
      }
    });
  }

  it('is less than what the 2016 contract and EAS ask for', async () => {
    const figures = await measureGas();
    assert.ok((figures['attestFirst'] ?? Infinity) < (figures['registerImage2016First'] ?? 0));
    assert.ok((figures['attestFirst'] ?? Infinity) < (figures['easAttest'] ?? 0));
  });
});
