//! How fast instances are, learnt within the run: durations there, compared with recorded ones and with
//! those of other instances.

use std::collections::HashMap;

/// What has ended on an instance, in seconds.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    ended: f64,
    took: f64,
    /// The part of `took` whose tests have recorded times, and these.
    recorded_took: f64,
    recorded: f64,
}

impl Pace {
    fn learn(&mut self, recorded: Option<f64>, took: f64) {
        self.ended += 1.0;
        self.took += took;
        if let Some(recorded) = recorded {
            self.recorded_took += took;
            self.recorded += recorded;
        }
    }

    fn mean(&self) -> Option<f64> {
        (self.ended > 0.0).then(|| self.took / self.ended)
    }

    fn ratio(&self) -> Option<f64> {
        (self.recorded > 0.0).then(|| self.recorded_took / self.recorded)
    }
}

/// The paces of all instances.
#[derive(Debug, Default)]
pub(super) struct Speeds {
    by_instance: HashMap<String, Pace>,
    all: Pace,
}

impl Speeds {
    /// A test ended on the instance after `took` seconds.
    pub(super) fn learn(&mut self, instance: &str, recorded: Option<f64>, took: f64) {
        self.all.learn(recorded, took);
        if let Some(pace) = self.by_instance.get_mut(instance) {
            pace.learn(recorded, took);
            return;
        }
        let mut pace = Pace::default();
        pace.learn(recorded, took);
        self.by_instance.insert(instance.into(), pace);
    }

    /// Whether enough tests have ended on the instance to believe its pace.
    pub(super) fn knows(&self, instance: &str) -> bool {
        const ENOUGH: f64 = 3.0;
        self.by_instance.get(instance).is_some_and(|pace| pace.ended >= ENOUGH)
    }

    /// How many times longer than recorded a test takes there. Recorded times tell best. Without them the
    /// mean of what ended tells, because every instance gets the same mix of tests.
    pub(super) fn factor(&self, instance: &str) -> f64 {
        let usual = self.all.ratio().unwrap_or(1.0);
        let Some(pace) = self.by_instance.get(instance) else { return usual };
        pace.ratio().unwrap_or_else(|| match (pace.mean(), self.all.mean()) {
            (Some(here), Some(all)) if all > 0.0 => usual * here / all,
            _ => usual,
        })
    }

    /// What a test without a recorded time would have as one; none before any test has ended.
    pub(super) fn typical(&self) -> Option<f64> {
        let usual = self.all.ratio().filter(|&ratio| ratio > 0.0).unwrap_or(1.0);
        self.all.mean().map(|mean| mean / usual)
    }
}
