// Preloaded into a command: its clock is DAOCHAIN_CLOCK seconds ahead.
'use strict';

const ahead = Number(process.env.DAOCHAIN_CLOCK) * 1_000;
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + ahead);
    else super(...args);
  }

  static now() {
    return RealDate.now() + ahead;
  }
};
