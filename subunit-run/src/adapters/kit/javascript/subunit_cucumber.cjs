// A formatter of cucumber-js: --format FILE:/dev/null, beside the others. With $SUBUNIT_LISTING, a file, and --dry-run it writes
// the scenarios there. With $SUBUNIT_LENIENT pending steps are no failures.
'use strict';
const fs = require('fs');
const results = require('./subunit_results.cjs');

const listing = process.env.SUBUNIT_LISTING;
const lenient = process.env.SUBUNIT_LENIENT === '1';
delete process.env.SUBUNIT_LISTING;
delete process.env.SUBUNIT_LENIENT;

// From good to bad: a scenario is as its worst step.
const WORDS = ['PASSED', 'UNKNOWN', 'SKIPPED', 'PENDING', 'UNDEFINED', 'AMBIGUOUS', 'FAILED'];
const STATUS = { PASSED: 'success', UNKNOWN: 'success', SKIPPED: 'skip', PENDING: lenient ? 'skip' : 'fail' };

// Takes the messages of a run.
class Messages {
  constructor() {
    this.lines = new Map();
    this.named = new Set();
    this.pickles = new Map();
    this.cases = new Map();
    this.open = new Map();
    this.retried = new Set();
  }

  take(envelope) {
    for (const [kind, body] of Object.entries(envelope)) {
      if (body && typeof this[kind] === 'function') this[kind](body);
    }
  }

  gherkinDocument({ feature }) {
    // What has a place and an id, as deep as it is.
    const walk = (node) => {
      if (node === null || typeof node !== 'object') return;
      if (node.id && node.location) this.lines.set(node.id, node.location.line);
      Object.values(node).forEach(walk);
    };
    walk(feature);
  }

  // Of those that share a name, the second has its line.
  pickle({ id, uri, name, steps, astNodeIds }) {
    const file = results.local(uri);
    const line = this.lines.get(astNodeIds[astNodeIds.length - 1]);
    const short = `${file} > ${name.trim()}`;
    const test = this.named.has(short) ? `${file}:${line} > ${name.trim()}` : short;
    this.named.add(short);
    this.pickles.set(id, { test, place: `${file}:${line}`, steps: new Map(steps.map((step) => [step.id, step.text])) });
  }

  testCase({ id, pickleId, testSteps }) {
    const pickle = this.pickles.get(pickleId);
    const words = new Map(testSteps.map((step) => [step.id, pickle.steps.get(step.pickleStepId) || 'hook']));
    this.cases.set(id, { ...pickle, words });
    if (!listing) return;
    fs.appendFileSync(listing, JSON.stringify({ id: pickle.test, name: pickle.place }) + '\n');
  }

  testCaseStarted({ id, testCaseId, attempt }) {
    const one = this.cases.get(testCaseId);
    this.open.set(id, { ...one, attempt, worst: 'PASSED', why: [] });
    results.say({ test_id: one.test, status: 'inprogress' });
  }

  testStepFinished({ testCaseStartedId, testStepId, testStepResult }) {
    const one = this.open.get(testCaseStartedId);
    const { status, message } = testStepResult;
    if (WORDS.indexOf(status) > WORDS.indexOf(one.worst)) one.worst = status;
    if (status === 'PASSED' || (status === 'SKIPPED' && !message)) return;
    one.why.push(`${one.words.get(testStepId)} (${status.toLowerCase()})\n${message || ''}`.trimEnd());
  }

  attachment({ testCaseStartedId, body, mediaType, contentEncoding, fileName }) {
    const one = this.open.get(testCaseStartedId);
    if (!one) return;
    const isLog = mediaType === 'text/x.cucumber.log+plain';
    const bytes = contentEncoding === 'BASE64' ? { file_base64: body } : { file_bytes: body };
    results.say({
      test_id: one.test, file_name: fileName || (isLog ? 'log' : 'attachment'), ...bytes, eof: !isLog,
      mime_type: isLog ? 'text/plain;charset=utf8' : mediaType,
    });
  }

  testCaseFinished({ testCaseStartedId, willBeRetried }) {
    const one = this.open.get(testCaseStartedId);
    this.open.delete(testCaseStartedId);
    const tags = willBeRetried || one.attempt > 0 ? [`attempt-${one.attempt + 1}`] : undefined;
    const status = STATUS[one.worst] || 'fail';
    const name = status === 'fail' ? 'traceback' : 'reason';
    results.ended(one.test, status, { why: status === 'success' ? '' : one.why.join('\n'), name, tags });
  }

  parseError({ source, message }) {
    results.ended(results.local(source.uri), 'fail', { why: message, name: 'traceback', runnable: false });
  }

  testRunHookFinished({ result }) {
    if (result.status === 'PASSED' || result.status === 'SKIPPED') return;
    results.ended('cucumber [run]', 'fail', { why: result.message, name: 'traceback', runnable: false });
  }
}

class Beside {
  constructor({ eventBroadcaster }) {
    const messages = new Messages();
    eventBroadcaster.on('envelope', (envelope) => messages.take(envelope));
  }

  async finished() {}
}

module.exports = Beside;
