-- The index of a history. All of it can be made anew from the run files.
CREATE TABLE store(uuid TEXT NOT NULL, secret INTEGER NOT NULL, made INTEGER NOT NULL);

-- Runs that may be compared. Up to the run at `cut`, all that is known is in `base`.
CREATE TABLE series(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, cut INTEGER NOT NULL DEFAULT -9223372036854775808);

-- kept: 2 the stream and all that is known of it, 0 only this row. started, seq, loaded: microseconds since 1970.
CREATE TABLE run(
  id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE,
  series INTEGER NOT NULL, seq INTEGER NOT NULL, started INTEGER NOT NULL, loaded INTEGER NOT NULL,
  elapsed_us INTEGER, kept INTEGER NOT NULL,
  interrupted INTEGER NOT NULL, partial INTEGER NOT NULL, infrastructure INTEGER NOT NULL,
  revision TEXT, dirty INTEGER, meta TEXT NOT NULL,
  success INTEGER NOT NULL, fail INTEGER NOT NULL, skip INTEGER NOT NULL, xfail INTEGER NOT NULL,
  uxsuccess INTEGER NOT NULL, unfinished INTEGER NOT NULL, flaky INTEGER NOT NULL,
  not_runnable INTEGER NOT NULL, listed INTEGER NOT NULL, damage INTEGER NOT NULL, text_bytes INTEGER NOT NULL,
  events INTEGER NOT NULL,
  broke INTEGER NOT NULL, fixed INTEGER NOT NULL, fresh INTEGER NOT NULL,
  raw_bytes INTEGER NOT NULL, stored_bytes INTEGER NOT NULL, crc32 INTEGER NOT NULL);
CREATE INDEX run_series ON run(series, seq);

-- scope: the named hops of the route. A number is never used again.
CREATE TABLE test(
  num INTEGER PRIMARY KEY, scope TEXT NOT NULL, id TEXT NOT NULL, runnable INTEGER NOT NULL);
CREATE TABLE test_hash(hash BLOB PRIMARY KEY, num INTEGER NOT NULL) WITHOUT ROWID;

-- block: the number of a test / 1024. src/tile.rs says what is in them.
CREATE TABLE status_tile(
  block INTEGER NOT NULL, run INTEGER NOT NULL, status BLOB NOT NULL, PRIMARY KEY(block, run)) WITHOUT ROWID;
CREATE TABLE duration_tile(k INTEGER PRIMARY KEY, dur BLOB NOT NULL);

CREATE TABLE failure(
  run INTEGER NOT NULL, test INTEGER NOT NULL, status INTEGER NOT NULL, fingerprint INTEGER NOT NULL,
  at INTEGER NOT NULL, PRIMARY KEY(run, test)) WITHOUT ROWID;

-- kind: 0 attempts at one result, 1 results that share one identity.
CREATE TABLE attempt(
  run INTEGER NOT NULL, test INTEGER NOT NULL, n INTEGER NOT NULL, kind INTEGER NOT NULL,
  status INTEGER NOT NULL, dur INTEGER NOT NULL, route TEXT, PRIMARY KEY(run, test, n)) WITHOUT ROWID;

-- A test was good and is bad, or the other way round; was 0: it was bad when it was first seen. prior: the run of the
-- result before.
CREATE TABLE change(
  series INTEGER NOT NULL, test INTEGER NOT NULL, run INTEGER NOT NULL, was INTEGER NOT NULL,
  now INTEGER NOT NULL, prior INTEGER, PRIMARY KEY(series, test, run)) WITHOUT ROWID;
CREATE INDEX change_run ON change(run);

-- src/index/state.rs says what is in them.
CREATE TABLE state(
  series INTEGER NOT NULL, block INTEGER NOT NULL, last BLOB NOT NULL, seen BLOB NOT NULL,
  fast BLOB NOT NULL, slow BLOB NOT NULL, PRIMARY KEY(series, block)) WITHOUT ROWID;
CREATE TABLE base(
  series INTEGER NOT NULL, block INTEGER NOT NULL, last BLOB NOT NULL, seen BLOB NOT NULL,
  fast BLOB NOT NULL, slow BLOB NOT NULL, PRIMARY KEY(series, block)) WITHOUT ROWID;

CREATE TABLE fingerprint(id INTEGER PRIMARY KEY, hash INTEGER NOT NULL UNIQUE, text TEXT NOT NULL);
