// How a runner in JavaScript says how its tests end: JSON Lines, to the file or pipe $SUBUNIT_RESULTS. Nothing is said
// without it: workers of the runner load this as well.
'use strict';
const fs = require('fs');
const path = require('path');

const target = process.env.SUBUNIT_RESULTS;
delete process.env.SUBUNIT_RESULTS;
const out = target ? fs.openSync(target, 'a') : null;

function write(line) {
  let bytes = Buffer.from(line + '\n');
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(fs.writeSync(out, bytes));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

function say(fields) {
  if (out === null) return;
  write(JSON.stringify({ type: 'event', runnable: true, eof: false, ...fields }));
}

// A time as the format has it.
function time(milliseconds) {
  const date = new Date(milliseconds);
  const rest = Math.max(0, Math.round((milliseconds - Math.floor(milliseconds)) * 1e6)) % 1e6;
  return date.toISOString().replace('Z', String(rest).padStart(6, '0') + 'Z');
}

function attach(id, name, text, runnable = true) {
  if (!text) return;
  say({
    test_id: id, file_name: name, file_bytes: plain(String(text)), eof: true,
    mime_type: 'text/plain;charset=utf8', runnable,
  });
}

// A test that began and ended; `took` is in milliseconds.
function ended(id, status, { why, name = 'reason', took, begun = true, runnable = true, tags } = {}) {
  const now = Date.now();
  if (!begun) {
    say({ test_id: id, status: 'inprogress', runnable, timestamp: time(now - (took || 0)) });
  }
  attach(id, name, why, runnable);
  say({ test_id: id, status, runnable, tags, timestamp: time(now) });
}

// Without the colours of a terminal.
function plain(text) {
  return text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '');
}

// A file as people name it.
function local(file) {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative;
}

function described(error) {
  if (!error) return '';
  if (typeof error === 'string') return error;
  const text = error.stack || error.message || String(error);
  const message = error.message ? String(error.message) : '';
  return text.includes(message) ? text : message + '\n' + text;
}

module.exports = { say, attach, ended, local, described, time };
