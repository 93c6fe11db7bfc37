// Mocha's own reporter, which also tells of every test and hook when it begins, so that one that hangs can be named.
'use strict';

const { Runner, reporters } = require('mocha');
const { begins, ends } = require('../../scripts/dev/progress.mjs');

const { EVENT_HOOK_BEGIN, EVENT_HOOK_END, EVENT_TEST_BEGIN, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } =
  Runner.constants;

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const name = (runnable) => runnable.titlePath().join(' › ');
    for (const event of [EVENT_TEST_BEGIN, EVENT_HOOK_BEGIN]) runner.on(event, (it) => begins(name(it)));
    runner.on(EVENT_HOOK_END, (hook) => ends(name(hook)));
    runner.on(EVENT_TEST_PASS, (test) => ends(name(test), 'passed'));
    runner.on(EVENT_TEST_FAIL, (failed) => ends(name(failed), 'failed'));
    runner.on(EVENT_TEST_PENDING, (test) => ends(name(test), 'skipped'));
  }
};
