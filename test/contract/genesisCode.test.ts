import { strict as assert } from 'node:assert';
import { compileLedger, readSources } from '../../scripts/contracts/compile';

const path = 'contracts/DaoChainLedger.sol';
const sources = readSources(path, 'contracts/IDaoChainLedger.sol');

function compileChanged(from: string, to: string): void {
  const text = sources[path] ?? '';
  assert.ok(text.includes(from));
  compileLedger({ ...sources, [path]: text.replace(from, to) });
}

function compileWith(member: string): void {
  compileChanged('    // --- entries', `    ${member}\n    // --- entries`);
}

describe('A ledger that could not be part of a genesis block', () => {
  it('does not build with a constructor, even an empty one', () => {
    assert.throws(() => {
      compileWith('constructor() {}');
    }, /a constructor/);
  });

  it('does not build with a constructor of a base', () => {
    const base = 'abstract contract Base {\n    constructor() {}\n}\n\n';
    assert.throws(() => {
      compileChanged('contract DaoChainLedger is', `${base}contract DaoChainLedger is Base,`);
    }, /a constructor/);
  });

  it('does not build with an immutable', () => {
    assert.throws(() => {
      compileWith('uint256 private immutable _born = block.number;');
    }, /the immutable _born/);
  });

  it('does not build with initial storage', () => {
    assert.throws(() => {
      compileWith('uint256 private _answer = 42;');
    }, /the initial value of _answer/);
  });

  it('does not build with a warning', () => {
    assert.throws(() => {
      compileWith('function spare() external pure { uint256 unused; }');
    }, /Warning: Unused local variable/);
  });
});
