import assert from 'node:assert/strict';
import { titleText } from '../../../../src/ui/trees/titleText';
import { chinese, english } from '../../words/localizers';

describe('the title of a list', () => {
  const usual = { origin: 'default', host: 'unix:///var/run/docker.sock' } as const;
  const context = { origin: 'context', context: 'remote', host: 'unix:///run/remote.sock' } as const;

  it('names a development network once, for all rows', () => {
    assert.equal(titleText(usual, 'development', english), 'development network');
    assert.equal(titleText(usual, 'development', chinese), '开发网络');
    for (const kind of ['team', 'external', undefined] as const) assert.equal(titleText(usual, kind, english), '');
  });

  it('names an engine that is not where everybody looks', () => {
    assert.equal(titleText(context, 'team', english), 'remote');
    assert.equal(titleText(context, 'development', english), 'development network · remote');
  });
});
