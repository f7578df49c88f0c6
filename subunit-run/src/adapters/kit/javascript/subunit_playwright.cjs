// A reporter of Playwright Test: $PW_TEST_REPORTER, beside the others. With $SUBUNIT_LISTING, a file, and --list it writes the
// tests there.
'use strict';
const fs = require('fs');
const path = require('path');
const results = require('./subunit_results.cjs');

const listing = process.env.SUBUNIT_LISTING;
// Neither workers nor what tests start are to load it.
delete process.env.PW_TEST_REPORTER;
delete process.env.SUBUNIT_LISTING;

function project(test) {
  return test.parent.project()?.name || '';
}

// As on the console.
function id(test) {
  const { file, line, column } = test.location;
  const [, name, , ...titles] = test.titlePath();
  const place = `${results.local(file)}:${line}:${column}`;
  const again = test.repeatEachIndex > 0 ? [`#${test.repeatEachIndex + 1}`] : [];
  return [...(name ? [`[${name}]`] : []), place, ...titles, ...again].join(' › ');
}

function status(test, result) {
  if (result.status === 'skipped') return 'skip';
  const isExpected = result.status === test.expectedStatus;
  if (test.expectedStatus === 'failed') return isExpected ? 'xfail' : result.status === 'passed' ? 'uxsuccess' : 'fail';
  return isExpected ? 'success' : 'fail';
}

function said(error) {
  return [results.described(error) || error.value, error.snippet].filter(Boolean).join('\n\n');
}

function why(test, result) {
  if (result.status !== 'skipped') return result.errors.map(said).join('\n\n');
  const notes = [...test.annotations, ...(result.annotations || [])].map((note) => note.description);
  return [...new Set(notes.filter(Boolean))].join('\n');
}

// Several tests run at once: their output comes in pieces.
function output(name) {
  return (chunk, test) => {
    if (!test) return;
    const bytes = typeof chunk === 'string' ? { file_bytes: chunk } : { file_base64: chunk.toString('base64') };
    results.say({ test_id: id(test), file_name: name, ...bytes, mime_type: 'text/plain;charset=utf8' });
  };
}

function attached(test, { name, contentType, path: file, body }) {
  const bytes = body ? { file_base64: body.toString('base64') } : { file_bytes: String(file) };
  results.say({ test_id: id(test), file_name: name, ...bytes, eof: true, mime_type: body ? contentType : 'text/uri-list' });
}

class Beside {
  constructor() {
    this.onStdOut = output('stdout');
    this.onStdErr = output('stderr');
  }

  // The reporter of the user, or the usual one, prints.
  printsToStdio() {
    return false;
  }

  onBegin(config, suite) {
    if (!listing) return;
    for (const test of suite.allTests()) {
      const { file, line, column } = test.location;
      const one = { id: id(test), file: path.resolve(file), place: `${line}:${column}`, project: project(test) };
      fs.appendFileSync(listing, JSON.stringify(one) + '\n');
    }
  }

  onTestBegin(test, result) {
    results.say({ test_id: id(test), status: 'inprogress', timestamp: results.time(result.startTime.getTime()) });
  }

  onTestEnd(test, result) {
    for (const one of result.attachments) attached(test, one);
    const tags = test.retries > 0 ? [`attempt-${result.retry + 1}`] : undefined;
    const how = status(test, result);
    const name = how === 'skip' ? 'reason' : 'traceback';
    results.attach(id(test), name, why(test, result));
    const ended = result.startTime.getTime() + result.duration;
    results.say({ test_id: id(test), status: how, tags, timestamp: results.time(ended) });
  }

  // Of no test: a file that cannot be loaded, a set-up of the whole run.
  onError(error) {
    if (listing) return;
    results.ended('playwright [errors]', 'fail', { why: said(error), name: 'traceback', runnable: false });
  }
}

module.exports = Beside;
