//! How long a process takes from its start to its first test, learnt within the run.

use std::{collections::HashMap, time::Duration};

/// A sum of seconds and how many there are.
#[derive(Clone, Copy, Debug, Default)]
struct Mean(f64, f64);

impl Mean {
    fn learn(&mut self, seconds: f64) {
        self.0 += seconds;
        self.1 += 1.0;
    }

    fn get(self) -> Option<f64> {
        (self.1 > 0.0).then(|| self.0 / self.1)
    }
}

/// The starts on all instances.
#[derive(Debug, Default)]
pub(super) struct Starts {
    by_instance: HashMap<String, Mean>,
    all: Mean,
}

impl Starts {
    pub(super) fn learn(&mut self, instance: &str, took: Duration) {
        let took = took.as_secs_f64();
        self.all.learn(took);
        self.by_instance.entry(instance.to_owned()).or_default().learn(took);
    }

    /// How long a start takes there, in seconds; 0 before any process has started.
    pub(super) fn of(&self, instance: &str) -> f64 {
        let here = self.by_instance.get(instance).and_then(|mean| mean.get());
        here.or_else(|| self.all.get()).unwrap_or(0.0)
    }
}
