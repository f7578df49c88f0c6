-- Three roles for histories in a database. Run it once, in that database, as somebody who may make roles:
--   psql -d DATABASE -f postgres-roles.sql
-- Then grant them to people and jobs: GRANT subunit_writer TO ci;
-- Who is an admin makes projects in the name of that role: ALTER ROLE ann SET role = subunit_admin;
CREATE ROLE subunit_admin NOLOGIN;   -- makes projects, brings them up to date, makes them anew, drops them
CREATE ROLE subunit_writer NOLOGIN;  -- takes runs in, removes them
CREATE ROLE subunit_reader NOLOGIN;  -- asks

DO $$ BEGIN
  EXECUTE format('GRANT CREATE ON DATABASE %I TO subunit_admin', current_database());
END $$;

-- The list of projects.
CREATE SCHEMA IF NOT EXISTS subunit;
CREATE TABLE IF NOT EXISTS subunit.project(name text PRIMARY KEY, made timestamptz NOT NULL DEFAULT now());
GRANT ALL ON SCHEMA subunit TO subunit_admin;
GRANT ALL ON subunit.project TO subunit_admin;

-- What an admin makes from now on.
ALTER DEFAULT PRIVILEGES FOR ROLE subunit_admin GRANT USAGE ON SCHEMAS TO subunit_writer, subunit_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE subunit_admin GRANT SELECT ON TABLES TO subunit_writer, subunit_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE subunit_admin GRANT INSERT, UPDATE, DELETE ON TABLES TO subunit_writer;
ALTER DEFAULT PRIVILEGES FOR ROLE subunit_admin GRANT USAGE ON SEQUENCES TO subunit_writer;
ALTER DEFAULT PRIVILEGES FOR ROLE subunit_admin GRANT EXECUTE ON FUNCTIONS TO subunit_writer;
