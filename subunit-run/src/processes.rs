//! Which processes belong to a run: all that have its id in their environment, also in sessions of their own
//! and after their parents are gone. On Linux; elsewhere none are found.

use std::{fs, path::Path};

use rustix::process::{Pid, Signal, kill_process};

/// This variable names the runs that a process belongs to: the outermost first, with `:` between.
pub const RUNS: &str = "SUBUNIT_RUNS";

/// This variable names the worker that a process belongs to, after the workers that it is within.
pub const ROUTE: &str = "SUBUNIT_ROUTE";

/// A process of a run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RunProcess {
    /// Its number.
    pub pid: i32,
    /// The route of the worker that has started it, from the outermost run on.
    pub route: String,
    /// Its command line.
    pub command: String,
}

impl RunProcess {
    /// Sends it a signal. It may have ended.
    pub fn send(&self, signal: Signal) {
        if let Some(pid) = Pid::from_raw(self.pid) {
            let _ = kill_process(pid, signal);
        }
    }

    /// Whether a signal that ends it is on its way: on a busy machine what was killed is still there for a moment.
    pub fn is_ending(&self) -> bool {
        fs::read_to_string(format!("/proc/{}/status", self.pid)).is_ok_and(|said| is_ending(&said))
    }

    /// Whether it runs this program, such as `python`, in any version.
    pub fn is_of(&self, program: &str) -> bool {
        let path = format!("/proc/{}/exe", self.pid);
        let exe = fs::read_link(path).unwrap_or_default();
        exe.file_name().is_some_and(|name| name.to_string_lossy().starts_with(program))
    }
}

/// Whether the file `status` of a process tells of a signal that is to end it. What is stopped takes none but SIGKILL.
fn is_ending(status: &str) -> bool {
    const KILL: u64 = 1 << (9 - 1);
    // SIGHUP, SIGINT, SIGQUIT, SIGTERM.
    const ENDING: u64 = 1 | 1 << (2 - 1) | 1 << (3 - 1) | 1 << (15 - 1);
    let of = |key: &str| status.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
    let signals = |key| u64::from_str_radix(of(key).unwrap_or_default(), 16).unwrap_or_default();
    let pending = signals("SigPnd:") | signals("ShdPnd:");
    let is_stopped = of("State:").is_some_and(|state| state.starts_with(['T', 't']));
    let kept_off = signals("SigBlk:") | signals("SigIgn:") | signals("SigCgt:");
    pending & KILL != 0 || !is_stopped && pending & !kept_off & ENDING != 0
}

/// The value of [`RUNS`] for processes of this run, which may be one within others.
pub fn runs_with(id: &str) -> String {
    match std::env::var(RUNS) {
        Ok(outer) if !outer.is_empty() => format!("{outer}:{id}"),
        _ => id.to_owned(),
    }
}

/// All processes of a run but this one. They may end or begin meanwhile.
pub fn of_run(id: &str) -> Vec<RunProcess> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let ours = std::process::id();
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| u32::try_from(*pid) != Ok(ours)).filter_map(|pid| found(pid, id)).collect()
}

fn found(pid: i32, id: &str) -> Option<RunProcess> {
    let folder = format!("/proc/{pid}");
    // Those of other users cannot be read, and are none of ours.
    let environment = fs::read(Path::new(&folder).join("environ")).ok()?;
    let runs = variable(&environment, RUNS)?;
    if !runs.split(':').any(|run| run == id) {
        return None;
    }
    let words = fs::read(Path::new(&folder).join("cmdline")).unwrap_or_default();
    if words.is_empty() {
        // It has ended, and nobody has asked how yet.
        return None;
    }
    let words = words.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    let command = words.collect::<Vec<_>>().join(" ").trim_end().to_owned();
    let route = variable(&environment, ROUTE).unwrap_or_default();
    Some(RunProcess { pid, route, command })
}

fn variable(environment: &[u8], name: &str) -> Option<String> {
    let variables = environment.split(|byte| *byte == 0);
    let prefix = format!("{name}=");
    variables
        .filter_map(|variable| variable.strip_prefix(prefix.as_bytes()))
        .map(|value| String::from_utf8_lossy(value).into_owned())
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_ends_by_a_signal_that_it_takes() {
        for (state, pending, kept_off, ending) in [
            ("S (sleeping)", "0000000000000000", "0000000000000000", false),
            ("S (sleeping)", "0000000000004000", "0000000000000000", true),
            ("R (running)", "0000000000000100", "ffffffffffffffff", true),
            ("S (sleeping)", "0000000000004000", "0000000000004000", false),
            ("S (sleeping)", "0000000000010000", "0000000000000000", false),
            ("T (stopped)", "0000000000004000", "0000000000000000", false),
            ("T (stopped)", "0000000000000100", "0000000000000000", true),
        ] {
            for (own, group) in [(pending, "0"), ("0", pending)] {
                let status = format!(
                    "Name:\tsleep\nState:\t{state}\nSigPnd:\t{own}\nShdPnd:\t{group}\nSigBlk:\t{kept_off}\n\
                     SigIgn:\t0\nSigCgt:\t0\n"
                );
                assert_eq!(is_ending(&status), ending, "{status}");
            }
        }
        let ours = fs::read_to_string("/proc/self/status").unwrap();
        assert!(ours.contains("\nShdPnd:\t") && !is_ending(&ours), "{ours}");
    }
}
