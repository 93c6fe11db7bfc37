import { strict as assert } from 'node:assert';
import { gasBars, measureGas, measureOrganizationGas, sampleScope } from '../../scripts/contracts/gas';

describe('Gas', () => {
  function assertBelowBars(figures: Readonly<Record<string, number>>): void {
    for (const [call, bar] of Object.entries(gasBars)) {
      const figure = figures[call] ?? Number.NaN;
      // No transaction costs less than 21,000: a figure below would be no figure.
      assert.ok(figure > 21_000 && figure <= bar, `${call}: ${figure}, allowed ${bar}`);
    }
  }

  it('stays below the bars for a wallet, and below what the 2016 contract and EAS ask for', async () => {
    const figures = await measureGas();
    assertBelowBars(figures);
    const { attestFirst, registerImage2016First, easAttest } = figures;
    assert.ok(attestFirst && registerImage2016First && easAttest);
    assert.ok(attestFirst < registerImage2016First && attestFirst < easAttest);
  });

  it("stays below the bars for an organization's signer", async () => {
    assertBelowBars(await measureOrganizationGas());
  });

  it('stays below the bars for a signer with a scope', async () => {
    assertBelowBars(await measureOrganizationGas(sampleScope));
  });
});
