//! Where the SQL of the engines differs.

/// Which SQL an engine speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SqlDialect {
    /// That of SQLite.
    Sqlite,
    /// That of PostgreSQL.
    Postgres,
}

impl SqlDialect {
    /// The number of a new run: one that is given, or else the next one.
    pub(crate) fn run_number(self) -> &'static str {
        match self {
            Self::Sqlite => "?",
            Self::Postgres => "coalesce(?, nextval('run_id_seq'))",
        }
    }

    /// Which durations `d` belong to the statuses `s` of a block and a run.
    pub(crate) fn durations_of_statuses(self) -> &'static str {
        match self {
            Self::Sqlite => "d.k = (s.block << 24 | s.run)",
            Self::Postgres => "d.run = s.run AND d.block = s.block",
        }
    }
}
