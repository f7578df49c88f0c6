-- What a run knows of itself and of its tests besides their results.

-- Equal ones are here once: the environment of a run as JSON, or its configuration as TOML.
CREATE TABLE snapshot(id INTEGER PRIMARY KEY, hash INTEGER NOT NULL UNIQUE, text TEXT NOT NULL);
ALTER TABLE run ADD COLUMN environment INTEGER;
ALTER TABLE run ADD COLUMN configuration INTEGER;

-- Numbers that tests report: files `metric/NAME`.
CREATE TABLE metric_name(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE metric(
  test INTEGER NOT NULL, run INTEGER NOT NULL, name INTEGER NOT NULL, value REAL NOT NULL,
  PRIMARY KEY(test, run, name)) WITHOUT ROWID;
CREATE INDEX metric_run ON metric(run);
