//! How many requests came, and how long did they take? In the text format of Prometheus.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::receive::counts::Received;

/// The ends of the classes of times, in seconds.
const BUCKETS: [f64; 10] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];
/// The first digits of a status.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// What was asked, by address and method. There are only as many as the table of addresses has.
#[derive(Debug, Default)]
pub(crate) struct RequestMetrics {
    routes: Mutex<BTreeMap<RouteName, RouteCounts>>,
}

/// An address as the table writes it, and a method.
type RouteName = (String, &'static str);

/// What came to an address.
#[derive(Debug, Default)]
struct RouteCounts {
    classes: [u64; CLASSES.len()],
    buckets: [u64; BUCKETS.len()],
    all: u64,
    seconds: f64,
}

/// What is so now, and is counted nowhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServerGauges {
    pub(crate) connections: usize,
    pub(crate) event_streams: usize,
    /// The bytes of the history, if they can be counted.
    pub(crate) store_bytes: Option<u64>,
    pub(crate) received: Received,
}

impl RequestMetrics {
    /// Counts a request.
    pub(super) fn add(&self, route: &str, method: &'static str, status: u16, time: Duration) {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = routes.entry((route.to_owned(), method)).or_default();
        let class = usize::from(status / 100).clamp(1, CLASSES.len()) - 1;
        counts.classes[class] += 1;
        let seconds = time.as_secs_f64();
        if let Some(bucket) = BUCKETS.iter().position(|end| seconds <= *end) {
            counts.buckets[bucket] += 1;
        }
        counts.all += 1;
        counts.seconds += seconds;
    }

    /// All that is known, as Prometheus reads it.
    pub(crate) fn text(&self, gauges: ServerGauges) -> String {
        let mut text = String::new();
        // A string takes all that is written to it.
        let _ = self.write(&mut text, gauges);
        text
    }

    fn write(&self, to: &mut String, gauges: ServerGauges) -> fmt::Result {
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let name = "subunit_http_requests_total";
        head(to, name, "counter", "Requests by address, method and class of status.")?;
        for ((route, method), counts) in &*routes {
            for (class, count) in CLASSES.iter().zip(counts.classes).filter(|(_, count)| *count > 0)
            {
                writeln!(
                    to,
                    "{name}{{route=\"{route}\",method=\"{method}\",status=\"{class}\"}} {count}"
                )?;
            }
        }
        let name = "subunit_http_request_duration_seconds";
        head(to, name, "histogram", "Seconds until the headers of the answer.")?;
        for ((route, method), counts) in &*routes {
            let labels = format!("route=\"{route}\",method=\"{method}\"");
            let mut sum = 0;
            for (end, count) in BUCKETS.iter().zip(counts.buckets) {
                sum += count;
                writeln!(to, "{name}_bucket{{{labels},le=\"{end}\"}} {sum}")?;
            }
            writeln!(to, "{name}_bucket{{{labels},le=\"+Inf\"}} {}", counts.all)?;
            writeln!(to, "{name}_sum{{{labels}}} {}", counts.seconds)?;
            writeln!(to, "{name}_count{{{labels}}} {}", counts.all)?;
        }
        gauge(to, "subunit_connections", "Open connections.", gauges.connections)?;
        let about = "Pages that follow a run that goes on.";
        gauge(to, "subunit_event_streams", about, gauges.event_streams)?;
        let Received { runs, bytes, open } = gauges.received;
        let about = "Runs that were received, and were not known.";
        counter(to, "subunit_received_runs_total", about, runs)?;
        let about = "Bytes of streams and files that were received.";
        counter(to, "subunit_received_bytes_total", about, bytes)?;
        let about = "Runs of which more is awaited.";
        gauge(to, "subunit_receiving_runs", about, open)?;
        if let Some(bytes) = gauges.store_bytes {
            gauge(to, "subunit_store_bytes", "Bytes of the history: index and runs.", bytes)?;
        }
        Ok(())
    }
}

fn head(to: &mut String, name: &str, kind: &str, about: &str) -> fmt::Result {
    writeln!(to, "# HELP {name} {about}\n# TYPE {name} {kind}")
}

fn counter(to: &mut String, name: &str, about: &str, value: u64) -> fmt::Result {
    head(to, name, "counter", about)?;
    writeln!(to, "{name} {value}")
}

fn gauge(to: &mut String, name: &str, about: &str, value: impl fmt::Display) -> fmt::Result {
    head(to, name, "gauge", about)?;
    writeln!(to, "{name} {value}")
}
