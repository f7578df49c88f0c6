//! What counts for one test, and for one run, when all that is different for them has been looked at.

use std::collections::BTreeMap;

use fancy_regex::Regex;

use crate::config::{
    Limit, Order, Origin, Override, Suite,
    regex::{BadRegex, python_regex},
};

/// The groups and overrides of a suite, as they count in a run.
#[derive(Clone, Debug)]
pub struct Overrides {
    suite: Suite,
    /// The regexes of the groups.
    groups: Vec<Regex>,
    /// The overrides that count in this run, by their place in the suite, and their regexes.
    overrides: Vec<(usize, Option<Regex>)>,
}

/// A limit that a test shares with others.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Share {
    /// That of a group, by its place in the suite.
    Group(usize),
    /// That of an override, by its place in the suite.
    Override(usize),
}

/// What counts for a test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestSettings {
    /// When it is stopped.
    pub test_timeout: Limit,
    /// When its worker is stopped that says nothing.
    pub no_output_timeout: Limit,
    /// How many times it runs again after a failure.
    pub retries: u32,
    /// Variables for its worker: those of the suite, and its own.
    pub environment: BTreeMap<String, String>,
    /// With whom it shares a limit, and how many of these run at the same time.
    pub shares: Vec<(Share, usize)>,
    /// How many workers' worth it counts.
    pub weight: usize,
    /// Whether nothing else runs meanwhile.
    pub exclusive: bool,
    /// Those with a higher number begin first.
    pub priority: i64,
    /// Where each is from, by key. What is not there has its usual value.
    pub origins: BTreeMap<String, Origin>,
}

/// What counts for a run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSettings {
    /// When it is stopped.
    pub max_duration: Limit,
    /// Which tests begin first.
    pub order: Order,
    /// Where each is from, by key. What is not there has its usual value.
    pub origins: BTreeMap<String, Origin>,
}

impl Overrides {
    /// Takes what counts in a run of this series and variant.
    ///
    /// # Errors
    ///
    /// If a regex is none. Those of a suite that was read have been looked at.
    pub fn new(
        suite: &Suite,
        series: Option<&str>,
        variant: Option<&str>,
    ) -> Result<Self, BadRegex> {
        let fits =
            |wanted: &Option<String>, is: Option<&str>| wanted.is_none() || wanted.as_deref() == is;
        let groups = suite.groups.iter().map(|group| python_regex(&group.tests));
        let overrides = suite
            .overrides
            .iter()
            .enumerate()
            .filter(|(_, one)| fits(&one.series, series) && fits(&one.variant, variant))
            .map(|(place, one)| {
                let regex = one.tests.as_deref().map(python_regex).transpose()?;
                Ok((place, regex))
            });
        Ok(Self {
            groups: groups.collect::<Result<_, _>>()?,
            overrides: overrides.collect::<Result<_, _>>()?,
            suite: suite.clone(),
        })
    }

    /// What counts for the run.
    #[must_use]
    pub fn run(&self) -> RunSettings {
        let mut run = RunSettings {
            max_duration: self.suite.max_duration,
            order: self.suite.order,
            origins: self.origins(&["max_duration", "test_order"]),
        };
        for (place, _) in &self.overrides {
            let one = &self.suite.overrides[*place];
            run.max_duration = one.max_duration.unwrap_or(run.max_duration);
            run.order = one.test_order.unwrap_or(run.order);
            take(&mut run.origins, one, &["max_duration", "test_order"]);
        }
        run
    }

    /// What counts for a test. Later overrides go over earlier ones, and these over groups.
    #[must_use]
    pub fn test(&self, test_id: &str, tags: &[impl AsRef<str>]) -> TestSettings {
        let suite = &self.suite;
        let mut test = TestSettings {
            test_timeout: suite.test_timeout,
            no_output_timeout: suite.no_output_timeout,
            retries: suite.retries,
            environment: suite.environment.clone(),
            shares: Vec::new(),
            weight: 1,
            exclusive: false,
            priority: 0,
            origins: self.origins(&["test_timeout", "no_output_timeout", "retries"]),
        };
        let variables = suite.origins.iter().filter(|(key, _)| key.starts_with("environment."));
        test.origins.extend(variables.map(|(key, origin)| (key.clone(), origin.clone())));
        for (place, (group, regex)) in suite.groups.iter().zip(&self.groups).enumerate() {
            if !found(regex, test_id) {
                continue;
            }
            let mut from = |key: &str| test.origins.insert(key.to_owned(), group.origin.clone());
            if let Some(weight) = group.weight.filter(|weight| *weight > test.weight) {
                test.weight = weight;
                from("weight");
            }
            if group.exclusive {
                test.exclusive = true;
                from("exclusive");
            }
            test.shares.extend(group.max.map(|max| (Share::Group(place), max)));
        }
        for (place, regex) in &self.overrides {
            let one = &suite.overrides[*place];
            let tagged = |tag: &String| tags.iter().any(|other| other.as_ref() == tag);
            let named = regex.as_ref().is_none_or(|regex| found(regex, test_id));
            if named && one.tag.as_ref().is_none_or(tagged) {
                test.apply(*place, one);
            }
        }
        test
    }

    /// The suite.
    #[must_use]
    pub fn suite(&self) -> &Suite {
        &self.suite
    }

    fn origins(&self, keys: &[&str]) -> BTreeMap<String, Origin> {
        let origin = |key: &&str| Some(((*key).to_owned(), self.suite.origins.get(*key)?.clone()));
        keys.iter().filter_map(origin).collect()
    }
}

impl TestSettings {
    fn apply(&mut self, place: usize, one: &Override) {
        self.test_timeout = one.test_timeout.unwrap_or(self.test_timeout);
        self.no_output_timeout = one.no_output_timeout.unwrap_or(self.no_output_timeout);
        self.retries = one.retries.unwrap_or(self.retries);
        self.weight = one.weight.unwrap_or(self.weight);
        self.exclusive = one.exclusive.unwrap_or(self.exclusive);
        self.priority = one.priority.unwrap_or(self.priority);
        self.shares.extend(one.max.map(|max| (Share::Override(place), max)));
        let keys =
            ["test_timeout", "no_output_timeout", "retries", "weight", "exclusive", "priority"];
        take(&mut self.origins, one, &keys);
        for (name, value) in &one.environment {
            self.environment.insert(name.clone(), value.clone());
            take(&mut self.origins, one, &[&format!("environment.{name}")]);
        }
    }
}

/// Takes over where values are from.
fn take(origins: &mut BTreeMap<String, Origin>, one: &Override, keys: &[&str]) {
    for key in keys {
        if let Some(origin) = one.origins.get(*key) {
            origins.insert((*key).to_owned(), origin.clone());
        }
    }
}

/// A regex that gives up its search has found nothing.
fn found(regex: &Regex, test_id: &str) -> bool {
    regex.is_match(test_id).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config::toml::tests::read;

    const NONE: [&str; 0] = [];

    fn overrides(text: &str, series: Option<&str>, variant: Option<&str>) -> Overrides {
        Overrides::new(&read(text).unwrap(), series, variant).unwrap()
    }

    fn seconds(seconds: u64) -> Limit {
        Limit::After(Duration::from_secs(seconds))
    }

    #[test]
    fn later_overrides_go_over_earlier_ones() {
        let text = "retries = 1\ntest_timeout = 10\n[environment]\nA = 'a'\nB = 'b'\n\
            [[override]]\ntests = '^db\\.'\nretries = 2\ntest_timeout = 20\n[override.environment]\nB = 'x'\n\
            [[override]]\ntests = 'slow'\ntest_timeout = 30\npriority = 5\n";
        let overrides = overrides(text, None, None);
        let plain = overrides.test("a.one", &NONE);
        assert_eq!((plain.retries, plain.test_timeout, plain.priority), (1, seconds(10), 0));
        let db = overrides.test("db.one", &NONE);
        assert_eq!((db.retries, db.test_timeout), (2, seconds(20)));
        assert_eq!((&*db.environment["A"], &*db.environment["B"]), ("a", "x"));
        assert_eq!(db.origins["environment.A"].line, Some(4));
        assert_eq!(db.origins["environment.B"].line, Some(11));
        let slow = overrides.test("db.slow", &NONE);
        assert_eq!((slow.retries, slow.test_timeout, slow.priority), (2, seconds(30), 5));
        assert_eq!(slow.origins["test_timeout"].line, Some(14));
        assert_eq!(slow.origins["retries"].line, Some(8));
    }

    #[test]
    fn all_that_is_given_must_apply() {
        let text =
            "[[override]]\ntests = 'x'\ntag = 't'\nseries = 's'\nvariant = 'v'\nretries = 1\n";
        for (id, tags, series, variant, expected) in [
            ("x", &["t", "u"][..], Some("s"), Some("v"), 1),
            ("y", &["t"], Some("s"), Some("v"), 0),
            ("x", &["u"], Some("s"), Some("v"), 0),
            ("x", &["t"], None, Some("v"), 0),
            ("x", &["t"], Some("s"), Some("w"), 0),
        ] {
            let retries = overrides(text, series, variant).test(id, tags).retries;
            assert_eq!(retries, expected, "{id} {tags:?} {series:?} {variant:?}");
        }
    }

    #[test]
    fn a_run_has_limits_and_an_order_of_its_own() {
        let text = "test_order = 'spread'\n[[override]]\nseries = 'nightly'\nmax_duration = 60\n\
            test_order = 'alphabetical'\n";
        let run = overrides(text, None, None).run();
        assert_eq!((run.max_duration, run.order), (Limit::Disabled, Order::Spread));
        assert_eq!(run.origins["test_order"].line, Some(1));
        let run = overrides(text, Some("nightly"), None).run();
        assert_eq!((run.max_duration, run.order), (seconds(60), Order::Alphabetical));
        assert_eq!(run.origins["test_order"].line, Some(5));
    }

    #[test]
    fn limits_are_shared_by_group_and_by_override() {
        let text = "[[group]]\nmatch = 'db'\nmax = 2\nweight = 2\n[[group]]\nmatch = 'gpu'\nmax = 1\n\
            exclusive = true\n[[override]]\ntests = 'db.*gpu'\nmax = 3\nexclusive = false\n";
        let overrides = overrides(text, None, None);
        let shares = |id| overrides.test(id, &NONE).shares;
        assert_eq!(shares("a"), []);
        assert_eq!(shares("db"), [(Share::Group(0), 2)]);
        let both = [(Share::Group(0), 2), (Share::Group(1), 1), (Share::Override(0), 3)];
        assert_eq!(shares("db.gpu"), both);
        let gpu = overrides.test("gpu", &NONE);
        assert_eq!((gpu.weight, gpu.exclusive), (1, true));
        let both = overrides.test("db.gpu", &NONE);
        assert_eq!((both.weight, both.exclusive), (2, false));
        assert_eq!(both.origins["weight"].line, Some(1));
        assert_eq!(both.origins["exclusive"].line, Some(12));
    }
}
