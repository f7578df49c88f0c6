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

    /// What follows a column that has one of many numbers: the place of one value, which [`SqlDialect::numbers`] makes.
    pub(crate) fn is_one_of(self) -> &'static str {
        match self {
            Self::Sqlite => "IN (SELECT value FROM json_each(?))",
            Self::Postgres => "= ANY(CAST(CAST(? AS text) AS integer[]))",
        }
    }

    /// Many numbers as one value.
    pub(crate) fn numbers(self, numbers: &[u32]) -> String {
        let (open, close) = match self {
            Self::Sqlite => ('[', ']'),
            Self::Postgres => ('{', '}'),
        };
        let mut list = String::with_capacity(numbers.len() * 7 + 2);
        list.push(open);
        for (nth, number) in numbers.iter().enumerate() {
            if nth > 0 {
                list.push(',');
            }
            list.push_str(&number.to_string());
        }
        list.push(close);
        list
    }

    /// Which durations `d` belong to the statuses `s` of a block and a run.
    pub(crate) fn durations_of_statuses(self) -> &'static str {
        match self {
            Self::Sqlite => "d.k = (s.block << 24 | s.run)",
            Self::Postgres => "d.run = s.run AND d.block = s.block",
        }
    }
}
