// What mocha loads first: --require FILE. It listens beside the reporter of the user.
// With $SUBUNIT_LIST and --dry-run it writes the ids of the tests to that file. With $SUBUNIT_IDS, a file of ids, others
// are left out.
'use strict';
const fs = require('fs');
const path = require('path');
const results = require('./subunit_results.cjs');

const list = process.env.SUBUNIT_LIST;
const chosen = process.env.SUBUNIT_IDS;
delete process.env.SUBUNIT_LIST;
delete process.env.SUBUNIT_IDS;
const asked = chosen ? new Set(fs.readFileSync(chosen, 'utf8').split('\n')) : null;

function mocha() {
  const paths = [path.dirname(fs.realpathSync(process.argv[1])), process.cwd()];
  return require(require.resolve('mocha', { paths }));
}

function id(test) {
  const file = test.file || test.parent?.file;
  return [...(file ? [results.local(file)] : []), ...test.titlePath()].join(' > ');
}

function keep(suite) {
  suite.tests = suite.tests.filter((test) => asked.has(id(test)));
  suite.suites.forEach(keep);
  suite.suites = suite.suites.filter((one) => one.total() > 0);
}

function each(suite, call) {
  suite.tests.forEach(call);
  suite.suites.forEach((one) => each(one, call));
}

function listen(runner) {
  const ended = new Set();
  const end = (test, status, more) => {
    ended.add(test);
    results.ended(id(test), status, more);
  };
  runner.on('test', (test) => results.say({ test_id: id(test), status: 'inprogress' }));
  runner.on('pass', (test) => end(test, 'success'));
  runner.on('pending', (test) => end(test, 'skip'));
  runner.on('fail', (test, error) => {
    const why = results.described(error);
    if (test.type !== 'hook') return end(test, 'fail', { why, name: 'traceback' });
    // The tests that it keeps from running have no other result.
    const left = [];
    each(test.parent, (one) => ended.has(one) || left.push(one));
    if (left.length === 0 || test.title.startsWith('"after all"')) {
      results.ended(id(test), 'fail', { why, name: 'traceback', runnable: false });
    }
    for (const one of left) {
      end(one, 'fail', { why: `${test.title}\n${why}`, name: 'traceback' });
    }
  });
}

const { Runner } = mocha();
const run = Runner.prototype.run;
Runner.prototype.run = function (...given) {
  if (list) {
    const say = (test) => fs.appendFileSync(list, JSON.stringify(id(test)) + '\n');
    this.on('pass', say);
    this.on('pending', say);
    return run.apply(this, given);
  }
  if (asked) {
    keep(this.suite);
    this.total = this.grepTotal(this.suite);
  }
  listen(this);
  return run.apply(this, given);
};
