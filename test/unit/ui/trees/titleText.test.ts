import assert from 'node:assert/strict';
import { titleText } from '../../../../src/ui/trees/titleText';
import { chinese, english } from '../../words/localizers';

describe('the title of a list', () => {
  const usual = { origin: 'default', host: 'unix:///var/run/docker.sock' } as const;
  const context = { origin: 'context', context: 'remote', host: 'unix:///run/remote.sock' } as const;

  it('names a development network once, for all rows', () => {
    assert.equal(titleText(usual, 'development', undefined, english), 'development network');
    assert.equal(titleText(usual, 'development', undefined, chinese), '开发网络');
    for (const kind of ['team', 'external', undefined] as const)
      assert.equal(titleText(usual, kind, undefined, english), '');
  });

  it('names another network that is home, escaped', () => {
    assert.equal(titleText(usual, 'team', 'Acme', english), 'Acme');
    assert.equal(titleText(context, undefined, 'Acme', english), 'Acme · remote');
    assert.ok(!titleText(usual, 'team', 'Ac\u202eme', english).includes('\u202e'));
  });

  it('names an engine that is not where everybody looks', () => {
    assert.equal(titleText(context, 'team', undefined, english), 'remote');
    assert.equal(titleText(context, 'development', undefined, english), 'development network · remote');
  });
});
