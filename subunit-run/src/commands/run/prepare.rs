//! From a configuration and options to a supervisor.

use std::{
    io::{self, IsTerminal},
    path::Path,
};

use subunit_filters::{asides, console::Console, exit::Error, interrupts::Signal};
use subunit_mux::process::{Limits, Signals, TestSlot, is_nested};

use super::{Run, kept, processors};
use crate::{
    callout::{self, CalloutError, Why},
    config::{
        Concurrency, Limit, Suite,
        command::concurrency,
        find,
        regex::{GroupKey, python_regex},
        stestr, toml,
    },
    instances::{InstanceError, Instances},
    memory::{Memory, Times},
    schedule::{Order, Queue},
    supervise::{Plan, Prompts, Supervisor, Tests, TimeLimits},
};

/// All that a run of a suite needs.
pub(super) struct Prepared {
    pub(super) supervisor: Supervisor,
    pub(super) memory: Box<dyn Memory>,
    /// How long tests took.
    pub(super) times: Times,
    /// Whether other tests than those of this run stay known as failing.
    pub(super) partial: bool,
}

pub(super) fn prepare(run: &Run, console: &mut Console<'_>) -> Result<Prepared, Error> {
    let system = |what: &str| {
        let name = what.to_owned();
        move |source| Error::System { name, source }
    };
    // Before anything else is open: commands can only inherit a descriptor of one digit.
    let slot = TestSlot::reserve().ok();
    let mut signals = Signals::catch().map_err(system("signals"))?;
    let folder = std::env::current_dir().map_err(system("the current folder"))?;
    let suite = configuration(run, &folder)?;
    let selection = run.select.selection()?;
    let groups = suite.group_regex.as_deref().map(GroupKey::new).transpose();
    let groups = groups.map_err(|error| Error::Usage(error.to_string()))?;
    let mut memory = kept::open(&suite.folder, true, console)?;
    let times = remembered(memory.times(), "the times of earlier runs", console)?;
    let failing = remembered(memory.failing(), "the failures of the last run", console)?;
    kept::warn(&mut *memory, console)?;
    let tests = tests(run, &failing)?;
    let jobs = jobs(run, &suite, &folder, &mut signals)?;
    let mut left_out = Vec::new();
    let instances = Instances::provide(&suite, jobs, &folder, &mut signals, &mut |line| {
        left_out.push(line.to_owned());
    })
    .map_err(|error| of_instances(&error, console))?;
    for line in left_out {
        console.say(line)?;
    }
    let prompt = suite.debug_prompt.as_deref().map(python_regex).transpose();
    let prompt = prompt.map_err(|error| Error::Usage(error.to_string()))?;
    let has_upstream = run.subunit && is_nested();
    let queue = queue(run, &suite, times.clone(), failing, groups.clone());
    let partial = !matches!(tests, Tests::Listed) || !selection.is_all();
    let plan = Plan {
        run: asides::Run::of_line(&suite.test_command),
        arguments: Vec::new(),
        places: instances.workers(jobs),
        limits: limits(run, &suite),
        retries: run.retries.unwrap_or(suite.retries),
        keeps_stdin: run.debug || io::stdin().is_terminal() || has_upstream,
        has_upstream,
        prompts: Prompts::new(prompt),
        fail_fast: run.fail_fast.map(u64::from),
        folder,
        groups,
        times: times.clone(),
        tests,
        selection,
        suite,
    };
    let supervisor =
        Supervisor::new(plan, queue, instances, signals, slot).map_err(system("signals"))?;
    Ok(Prepared { supervisor, memory, times, partial })
}

/// What cannot be remembered is told, and the run goes on without it.
fn remembered<T: Default>(
    known: io::Result<T>,
    what: &str,
    console: &mut Console<'_>,
) -> Result<T, Error> {
    match known {
        Ok(known) => Ok(known),
        Err(error) => {
            console.say(format_args!("{what} are not known: {error}"))?;
            Ok(T::default())
        }
    }
}

/// The suite of the folder, with all that goes over it.
fn configuration(run: &Run, folder: &Path) -> Result<Suite, Error> {
    let user = find::user_file();
    let request = find::Request {
        folder,
        profile: run.profile.as_deref(),
        user: user.as_deref(),
        run: &toml::shell(folder),
        stestr: &stestr::Options::default(),
        runner: &stestr::Runner::new("python3"),
    };
    find::load(&request).map_err(|error| Error::Usage(error.to_string()))
}

fn tests(run: &Run, failing: &[String]) -> Result<Tests, Error> {
    let list = run.select.list()?;
    Ok(match (list, run.select.failing) {
        (None, false) => Tests::Listed,
        (Some(list), false) => Tests::These(list),
        (None, true) => Tests::These(failing.to_vec()),
        (Some(list), true) => {
            let is_failing = |test_id: &String| failing.contains(test_id);
            Tests::These(list.into_iter().filter(is_failing).collect())
        }
    })
}

/// How many workers there are.
fn jobs(run: &Run, suite: &Suite, folder: &Path, signals: &mut Signals) -> Result<usize, Error> {
    if let Some(jobs) = run.jobs {
        return Ok(jobs);
    }
    match &suite.concurrency {
        Some(Concurrency::Workers(workers)) => Ok(*workers),
        Some(Concurrency::Command(line)) => {
            let printed = callout::run(line, folder, callout::LIMIT, signals)
                .map_err(|error| Error::Usage(format!("test_run_concurrency: {error}")))?;
            let number = concurrency(&printed)
                .map_err(|error| Error::Usage(format!("test_run_concurrency: {error}")))?;
            Ok(number.unwrap_or_else(processors))
        }
        None => Ok(processors()),
    }
}

fn of_instances(error: &InstanceError, console: &Console<'_>) -> Error {
    let callout = match error {
        InstanceError::Provision(error) => Some(error),
        InstanceError::TooFew(..) | InstanceError::NoneLeft(_) => None,
    };
    if let Some(Why::Interrupted { terminate }) = callout.map(CalloutError::why) {
        let signal = if *terminate { Signal::Terminate } else { Signal::Interrupt };
        console.interrupts.raise(signal);
    }
    Error::Usage(error.to_string())
}

fn queue(
    run: &Run,
    suite: &Suite,
    times: Times,
    failing: Vec<String>,
    groups: Option<GroupKey>,
) -> Queue {
    // Where nothing is asked for, as much is made of what is known as possible. While nothing is, tests
    // begin as they are listed.
    let is_chosen = suite.origins.contains_key("test_order");
    let usual = if is_chosen { suite.order } else { Order::FailingFirst };
    let order = run.order.unwrap_or(usual);
    let queue = Queue::new(order).times(times).failing(failing);
    match groups {
        Some(groups) => queue.groups(move |test_id| Some(groups.of(test_id).to_owned())),
        None => queue,
    }
}

fn limits(run: &Run, suite: &Suite) -> TimeLimits {
    let of = |option: Option<std::time::Duration>, limit: Limit| {
        option.or(match limit {
            Limit::After(limit) => Some(limit),
            Limit::Disabled | Limit::Auto => None,
        })
    };
    TimeLimits {
        test: of(run.test_timeout, suite.test_timeout),
        no_output: of(run.no_output_timeout, suite.no_output_timeout),
        run: of(run.max_duration, suite.max_duration),
        processes: Limits::default(),
    }
}
