// A reporter of jest: --reporters=FILE, beside the others.
'use strict';
const results = require('./subunit_results.cjs');

const RUN = '(jest)';
const STATUS = {
  passed: 'success', failed: 'fail', pending: 'skip', skipped: 'skip', disabled: 'skip', todo: 'skip',
};

// Something that is no test, and must come to its end.
function open(id) {
  results.say({ test_id: id, status: 'inprogress', runnable: false });
}

function close(id) {
  results.say({ test_id: id, status: 'exists', runnable: false });
}

class Reporter {
  onRunStart() {
    open(RUN);
  }

  onTestFileStart(test) {
    open(results.local(test.path));
  }

  onTestFileResult(test, result) {
    const file = results.local(test.path);
    for (const one of result.testResults) {
      const id = [file, ...one.ancestorTitles, one.title].join(' > ');
      const failed = one.status === 'failed';
      const why = failed ? one.failureMessages.join('\n') : one.status === 'todo' ? 'todo' : '';
      const took = one.duration || 0;
      results.ended(id, STATUS[one.status] || 'fail', {
        why, name: failed ? 'traceback' : 'reason', took, begun: false,
      });
    }
    if (result.testExecError || (result.failureMessage && result.testResults.length === 0)) {
      results.ended(file, 'fail', {
        why: result.failureMessage || results.described(result.testExecError), name: 'traceback', runnable: false,
      });
    }
    for (const line of result.console || []) {
      results.attach(file, 'stdout', line.message + '\n', false);
    }
    close(file);
  }

  onRunComplete() {
    close(RUN);
  }
}

module.exports = Reporter;
