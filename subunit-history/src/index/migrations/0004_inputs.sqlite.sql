-- What tests depended on as a run began, for each group of tests that its configuration says it of, in the order of the
-- stream. Equal ones are in `snapshot` once, as JSON. It stays when a run is pruned: results of tests may be of that run.
CREATE TABLE input(
  run INTEGER NOT NULL, place INTEGER NOT NULL, snapshot INTEGER NOT NULL, PRIMARY KEY(run, place)) WITHOUT ROWID;
