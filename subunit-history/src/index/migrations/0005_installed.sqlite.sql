-- What was installed where a run took place: one kind each, such as dpkg or python, in the order of the stream. Equal ones
-- are in `snapshot` once, as JSON. It stays when a run is pruned, as its environment does.
CREATE TABLE installed(
  run INTEGER NOT NULL, place INTEGER NOT NULL, snapshot INTEGER NOT NULL, PRIMARY KEY(run, place)) WITHOUT ROWID;
