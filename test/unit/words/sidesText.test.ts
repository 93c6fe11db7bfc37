import assert from 'node:assert/strict';
import type { Localizer } from '../../../src/words/localizer';
import { sidesText } from '../../../src/words/sidesText';
import { registryFailures } from '../../../src/core/judging/verdict';
import { verdictOf } from '../core/judging/verdicts';

const english: Localizer = {
  t: (message, ...args) => message.replace(/\{(\d+)\}/g, (_, place: string) => String(args[Number(place)])),
};
const [verified, mismatch] = [{ verdict: verdictOf('verified') }, { verdict: verdictOf('mismatch') }];

describe('sidesText', () => {
  it('names both sides where they differ', () => {
    assert.equal(
      sidesText({ local: verified, registry: mismatch }, english),
      'Local image: Verified. In the registry: Mismatch.',
    );
  });

  it('says why the registry tells nothing', () => {
    const layers = { verdict: { ...verdictOf('unknown'), missing: 'layers' as const } };
    const none = { verdict: { ...verdictOf('unknown'), missing: 'image' as const, detail: 'linux/arm64' } };
    assert.match(sidesText({ local: verified, registry: layers }, english) ?? '', /^Local image: Verified\. .*layers/);
    assert.equal(
      sidesText({ local: verified, registry: none }, english),
      'Local image: Verified. There is no image for linux/arm64.',
    );
    for (const registryFailure of registryFailures) {
      assert.match(
        sidesText({ local: verified, registryFailure }, english) ?? '',
        /^Only the local image was judged\. (The registry(?:’s)?|Registries|In the place of the registry) .*\.$/,
      );
    }
  });

  it('is silent where there is one side, or where both are alike', () => {
    for (const sides of [
      { local: verified },
      { registry: mismatch },
      { registryFailure: 'registryOff' as const },
      { local: mismatch, registry: mismatch },
    ])
      assert.equal(sidesText(sides, english), undefined);
  });
});
