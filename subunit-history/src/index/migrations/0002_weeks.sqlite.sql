-- What fails in a week: src/index/weeks.rs says how it follows from the failures and the changes of runs.

-- Where a test is: src/package.rs says which part of its id that is.
CREATE TABLE package(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
ALTER TABLE test ADD COLUMN package INTEGER NOT NULL DEFAULT 0;

-- week: weeks since Monday, 29 December 1969. Runs about the infrastructure are not in it.
CREATE TABLE package_week(
  series INTEGER NOT NULL, week INTEGER NOT NULL, package INTEGER NOT NULL, failed INTEGER NOT NULL,
  broke INTEGER NOT NULL, PRIMARY KEY(series, week, package)) WITHOUT ROWID;

-- tests: the greatest number of tests that had it in one run.
CREATE TABLE fingerprint_week(
  series INTEGER NOT NULL, week INTEGER NOT NULL, fingerprint INTEGER NOT NULL, failures INTEGER NOT NULL,
  tests INTEGER NOT NULL, first_run INTEGER NOT NULL, last_run INTEGER NOT NULL,
  PRIMARY KEY(series, week, fingerprint)) WITHOUT ROWID;

-- Weeks of which runs were pruned: what is known of them stays as it is.
CREATE TABLE settled_week(
  series INTEGER NOT NULL, week INTEGER NOT NULL, PRIMARY KEY(series, week)) WITHOUT ROWID;

-- run.kept: 2 the stream and all that is known of it, 1 all but the stream, 0 pruned, -1 removed.
