// A reporter of `node --test`: --test-reporter=FILE, beside the others. It writes where $SUBUNIT_RESULTS says.
'use strict';
const fs = require('fs');
const results = require('./subunit_results.cjs');

const RUN = '(node)';

// The names of a test and of those that it is in, by file.
const open = new Map();

function names(data) {
  const stack = open.get(data.file) || [];
  return [...stack.slice(0, data.nesting), data.name];
}

function id(data) {
  return [...(data.file ? [results.local(data.file)] : []), ...names(data)].join(' > ');
}

// What stands for a file as a whole.
function isFile(data) {
  if (data.nesting !== 0) return false;
  try {
    return fs.statSync(data.name).isFile();
  } catch {
    return false;
  }
}

function hasTests(file) {
  return /node:test/.test(fs.readFileSync(file, 'utf8'));
}

function ended(data, failed) {
  const error = data.details?.error;
  const why = failed ? results.described(error?.cause || error) : '';
  const took = data.details?.duration_ms;
  if (isFile(data)) {
    const file = results.local(data.name);
    if (failed) return results.ended(file, 'fail', { why, name: 'traceback', took, begun: false, runnable: false });
    if (hasTests(data.name)) {
      const reason = 'the file ended, with exit status 0, and told of no test';
      return results.ended(file, 'fail', { why: reason, runnable: false });
    }
    return results.ended(file, 'success', { took, begun: false });
  }
  // Node counts what is to be done as no failure.
  const left = data.skip !== undefined || data.todo !== undefined;
  const mark = [data.skip, data.todo].find((one) => typeof one === 'string');
  if (data.details?.type === 'suite') {
    if (failed && error?.failureType !== 'subtestsFailed') {
      results.ended(id(data), 'fail', { why, name: 'traceback', runnable: false });
    }
    return;
  }
  const status = left ? 'skip' : failed ? 'fail' : 'success';
  results.ended(id(data), status, { why: why || mark, name: why ? 'traceback' : 'reason', took, begun: false });
}

module.exports = async function* (source) {
  results.say({ test_id: RUN, status: 'inprogress', runnable: false });
  for await (const { type, data } of source) {
    if (type === 'test:start') {
      const stack = (open.get(data.file) || []).slice(0, data.nesting);
      open.set(data.file, [...stack, data.name]);
    } else if (type === 'test:pass' || type === 'test:fail') {
      ended(data, type === 'test:fail');
    } else if (type === 'test:stdout' || type === 'test:stderr') {
      results.attach(results.local(data.file), type.slice(5), data.message, false);
    }
  }
  results.say({ test_id: RUN, status: 'exists', runnable: false });
  yield '';
};
