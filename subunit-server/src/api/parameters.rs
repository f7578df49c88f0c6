//! Which parameters do routes have?

/// Something that may be said in an address.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) place: ParameterPlace,
    pub(super) value: ParameterValue,
}

/// Where a parameter is said.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ParameterPlace {
    /// In the path: it is never missing.
    Path,
    /// After the `?`, where it must be.
    Needed,
    /// After the `?`, where it may be.
    Optional,
}

/// Which values a parameter has.
#[derive(Clone, Copy, Debug)]
pub(super) enum ParameterValue {
    Text,
    /// A number from 1.
    Count {
        usual: usize,
        most: usize,
    },
}

pub(super) const RUN: Parameter = Parameter {
    name: "run",
    about: "A run: its number, @last, @last-green, or the beginning of its UUID",
    place: ParameterPlace::Path,
    value: ParameterValue::Text,
};

pub(super) const OLD: Parameter = Parameter {
    name: "old",
    about: "The run to compare with: its number, @last, @last-green, or the beginning of its UUID",
    place: ParameterPlace::Needed,
    value: ParameterValue::Text,
};

pub(super) const NEW: Parameter = Parameter {
    name: "new",
    about: "The run to judge [default: @last]",
    place: ParameterPlace::Optional,
    value: ParameterValue::Text,
};

pub(super) const SERIES: Parameter = Parameter {
    name: "series",
    about: "The name of a series [default: that of the run that came last; of lists of runs: all]",
    place: ParameterPlace::Optional,
    value: ParameterValue::Text,
};

pub(super) const NAMED_SERIES: Parameter =
    Parameter { about: "The name of a series", place: ParameterPlace::Path, ..SERIES };

pub(super) const ID: Parameter = Parameter {
    name: "id",
    about: "The id of a test",
    place: ParameterPlace::Needed,
    value: ParameterValue::Text,
};

pub(super) const TEXT: Parameter = Parameter {
    name: "text",
    about: "Only tests with this text in their ids; those that always passed as well",
    place: ParameterPlace::Optional,
    value: ParameterValue::Text,
};

pub(super) const RUNS: Parameter = Parameter {
    name: "runs",
    about: "Of how many runs, the latest ones",
    place: ParameterPlace::Optional,
    value: ParameterValue::Count { usual: 50, most: 1000 },
};

pub(super) const LIMIT: Parameter = Parameter {
    name: "limit",
    about: "How many entries a page has at most",
    place: ParameterPlace::Optional,
    value: ParameterValue::Count { usual: 100, most: 1000 },
};

pub(super) const CURSOR: Parameter = Parameter {
    name: "cursor",
    about: "Where the page begins: the header Link of the page before says it",
    place: ParameterPlace::Optional,
    value: ParameterValue::Text,
};

const OF_WEEKS: Parameter = Parameter {
    name: "weeks",
    about: "Of how many weeks, up to the last run",
    place: ParameterPlace::Optional,
    value: ParameterValue::Count { usual: 26, most: 1040 },
};

pub(super) const WEEKS_OF_TRENDS: Parameter = OF_WEEKS;

pub(super) const WEEKS_OF_CLUSTERS: Parameter =
    Parameter { value: ParameterValue::Count { usual: 4, most: 1040 }, ..OF_WEEKS };

pub(super) const COUNT: Parameter = Parameter {
    name: "count",
    about: "How many packages, tests and numbers of tests are named at most",
    place: ParameterPlace::Optional,
    value: ParameterValue::Count { usual: 10, most: 1000 },
};
