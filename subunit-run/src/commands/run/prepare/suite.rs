//! From a configuration and options to all that a supervisor is made of.

use std::{
    collections::HashSet,
    fs::File,
    hash::{BuildHasher, RandomState},
    io::{self, IsTerminal},
    path::Path,
};

use subunit_core::run::Baseline;
use subunit_filters::{
    asides::{self, Environment},
    console::Console,
    exit::Error,
    interrupts::Signal,
};
use subunit_history::query::TestInputs;
use subunit_mux::process::{Limits, Signals, is_nested};

use super::request::SuiteRequest;
use crate::commands::history::{Policies, Upkeep};
use crate::commands::run::{
    args::{Run, processors},
    changed,
    configured::{configured, say},
    kept,
    known::{self, FailedBefore},
    quarantine::Quarantine,
    resume::Stopped,
    series, unlisted,
};
use crate::{
    callout::{self, CalloutError, Why},
    config::{
        Concurrency, Override, Suite,
        command::{concurrency, has_ids_in_line},
        overrides::Overrides,
        regex::{GroupKey, python_regex},
    },
    inputs, installed,
    instances::{InstanceError, Instances},
    memory::{Memory, Times},
    schedule::{Batch, BatchSize, Order, Queue, Sample},
    selection::{Choice, KnownTags},
    supervise::{Candidates, Descriptors, Plan, PlannedSuite, PromptPatterns, TimeLimits, limit},
};

/// What else is known of a suite before it runs.
pub(in crate::commands::run) struct PreparedSuite {
    pub(in crate::commands::run) memory: Box<dyn Memory>,
    /// How long tests took.
    pub(in crate::commands::run) times: Times,
    /// Which tests there were, before anything was asked of each.
    pub(super) tests: Candidates,
    /// What was said of tests of the last run, with which this one goes on.
    pub(in crate::commands::run) said: Option<File>,
    /// Whether other tests than those of this run stay known as failing.
    pub(super) partial: bool,
    /// What is done with the history after the run.
    pub(in crate::commands::run) upkeep: Upkeep,
    /// What failures are judged by, if a policy says that.
    pub(in crate::commands::run) policy: Option<Baseline>,
    /// Failures that are said after the run: entries of the quarantine whose last day is over, as packets.
    pub(in crate::commands::run) expired: Vec<u8>,
}

/// Gets a suite ready or its listing.
pub(super) fn prepare_suite(
    request: &SuiteRequest,
    descriptors: &Descriptors,
    console: &mut Console<'_>,
) -> Result<(PreparedSuite, PlannedSuite), Error> {
    let SuiteRequest { run, only_lists, .. } = request;
    let only_lists = *only_lists;
    let failed = |source| Error::System { name: "signals".into(), source };
    let mut signals = Signals::catch().map_err(failed)?;
    let folder = Run::folder()?;
    let suite = configured(run, &folder)?;
    if suite.console && descriptors.results.is_none() {
        let message =
            "`console = true`: descriptors 3 to 9 are taken, and results need one of them";
        return Err(Error::Usage(message.into()));
    }
    say(run, &suite, console)?;
    if let Some(missing) = suite.adapted.as_ref().and_then(|adapted| adapted.missing.as_ref()) {
        return Err(Error::Usage(missing.clone()));
    }
    if let Some(shard) = &run.select.shard
        && let Some(variables) = &shard.said_by
    {
        console.say(format_args!("shard {}, as {variables} say", shard.shard))?;
    }
    let of_run = request.of_run.clone().unwrap_or_else(|| series::run_of(&suite, run));
    let overrides = series::overrides(&suite, run, &of_run)?;
    let groups = suite.group_regex.as_deref().map(GroupKey::new).transpose();
    let groups = groups.map_err(|error| Error::Usage(error.to_string()))?;
    let mut memory = kept::open(&suite.folder, !only_lists, &run.history, console)?;
    if let Some(route) = &request.route {
        memory.look_below(route);
    }
    let times = remembered(memory.times(), "the times of earlier runs", console)?;
    let failures = known::failures(&*memory);
    let failures = remembered(failures, "the failures of the last run", console)?;
    kept::warn(&mut *memory, console)?;
    let mut choice = choice(run, &suite, &*memory, &mut signals, console)?;
    let quarantine = Quarantine::read(run.quarantined, &suite, console)?;
    if let Some(quarantine) = &quarantine {
        quarantine.narrow(&mut choice.selection);
    }
    let expired =
        quarantine.map(|quarantine| quarantine.expired()).transpose()?.unwrap_or_default();
    let stopped = run.resume.then(|| Stopped::read(&*memory)).transpose()?;
    let tests = match (run.chosen(request.route.as_deref()), &stopped) {
        (Some(tests), _) => tests,
        (None, Some(stopped)) => Candidates::These(stopped.left.clone()),
        (None, None) => tests(run, &*memory, &failures, console)?,
    };
    let mut jobs = if only_lists { 1 } else { jobs(&suite, &folder, &mut signals)? };
    let mut tests = tests;
    let are_known = matches!(tests, Candidates::These(_));
    if !only_lists && !are_known && unlisted::is_unlisted(run, &choice, &suite)? {
        if suite.concurrency.is_some() && jobs > 1 {
            let why = match &suite.adapted {
                Some(adapted) => format!("{} has its own way to run tests at once", adapted.runner),
                None => "the tests cannot be listed without $LISTOPT".to_owned(),
            };
            console.say(format_args!("one worker runs all: {why}"))?;
        }
        (tests, jobs) = (Candidates::Unlisted, 1);
    }
    if suite.incremental && suite.batch != Batch::List {
        console
            .say("`batch` does not count: with `incremental` tests are handed out one by one")?;
    }
    let inputs = if only_lists { Vec::new() } else { depended_on(&suite, console)? };
    let is_kept = !only_lists && !run.no_history;
    let installed = if is_kept { installed::here(&folder) } else { Vec::new() };
    let mut left_out = Vec::new();
    let say = &mut |line: &str| left_out.push(line.to_owned());
    let instances = Instances::provide(&suite, jobs, &folder, &mut signals, say)
        .map_err(|error| of_instances(&error, console))?;
    for line in left_out {
        console.say(line)?;
    }
    let prompt = suite.debug_prompt.as_deref().map(python_regex).transpose();
    let prompt = prompt.map_err(|error| Error::Usage(error.to_string()))?;
    let has_upstream = run.subunit && is_nested();
    let places = if only_lists { Vec::new() } else { instances.workers(jobs) };
    let settings = overrides.run();
    let sorts_lists = settings.origins.contains_key("test_order");
    let order = match only_lists {
        true => Order::Discovery,
        false => order(settings.order, sorts_lists, console)?,
    };
    let sample = sample(run, &*memory, &failures.tests, console)?;
    let queue = Queue::new(order).times(times.clone()).failing(failures.tests);
    let queue = grouped(queue, groups.clone());
    let queue = limited(queue, &overrides, &choice.known_tags, places.len());
    let queue = queue.workers(places.len());
    let partial = request.is_part || are_known || !choice.is_all() || run.select.is_part();
    let upkeep = Upkeep::of(&suite);
    let policy = run.policy.then(|| policy(run, &suite, &of_run)).transpose()?;
    let asked = suite.adapted.as_ref().and_then(|adapted| adapted.fail_fast);
    let plan = Plan {
        run: of_run,
        environment: Some(Environment::here(&suite.record_environment)),
        installed,
        inputs,
        arguments: Vec::new(),
        places,
        limits: TimeLimits {
            run: limit(settings.max_duration, Some(times.values().sum())),
            processes: Limits::default(),
        },
        alone: run.isolated,
        batch: batch(&suite, &tests),
        sorts_lists,
        overrides,
        tags: choice.known_tags.clone(),
        pty: run.pty,
        keeps_stdin: run.debug || io::stdin().is_terminal() || has_upstream,
        has_upstream,
        prompts: PromptPatterns::new(prompt),
        fail_fast: run.fail_fast.map(u64::from).or(asked),
        folder,
        groups,
        times: times.clone(),
        tests: tests.clone(),
        earlier: stopped.as_ref().map_or(0, |stopped| stopped.ended),
        choice,
        shard: run.select.shard.as_ref().map(|shard| shard.shard),
        sample,
        shards_by_time: run.select.by_time,
        only_lists,
        suite,
    };
    let said = stopped.map(|stopped| stopped.said);
    let known = PreparedSuite { memory, times, tests, said, partial, upkeep, policy, expired };
    Ok((known, PlannedSuite { plan, queue, instances, signals }))
}

/// What tests depend on as the run begins.
fn depended_on(suite: &Suite, console: &mut Console<'_>) -> Result<Vec<TestInputs>, Error> {
    let mut notes = Vec::new();
    let inputs = inputs::of(suite, &mut notes).map_err(Error::Usage)?;
    notes.iter().try_for_each(|note| console.say(note))?;
    Ok(inputs)
}

/// The tests that there is time for, if that is asked for.
fn sample(
    run: &Run,
    memory: &dyn Memory,
    failing: &[String],
    console: &mut Console<'_>,
) -> Result<Option<Sample>, Error> {
    let Some(size) = run.select.sample.clone() else { return Ok(None) };
    let mut first = remembered(memory.flaky(), "the flaky tests of earlier runs", console)?;
    first.extend_from_slice(failing);
    let size = size.seeded(random() % 1_000_000);
    Ok(Some(Sample { size, first: first.into_iter().collect() }))
}

/// A number that is not the same in two runs.
fn random() -> u64 {
    RandomState::new().hash_one(())
}

/// What failures are judged by: what the policies of the suite say of the runs of its series.
fn policy(run: &Run, suite: &Suite, of_run: &asides::Run) -> Result<Baseline, Error> {
    let history = run.history.in_project(&suite.folder);
    Policies::new(&suite.policies)?.baseline(&history, of_run.series())
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

/// Which tests there are, before anything is asked of each.
fn tests(
    run: &Run,
    memory: &dyn Memory,
    failures: &FailedBefore,
    console: &mut Console<'_>,
) -> Result<Candidates, Error> {
    let mut lists: Vec<Vec<String>> = run.select.list()?.into_iter().collect();
    let is_narrowed = run.select.is_narrowed();
    if run.select.failing {
        let again = failures.clone().again("--failing", is_narrowed, console)?;
        if again.as_ref().is_some_and(Vec::is_empty) {
            console.say("--failing: no test is known to fail, so none runs")?;
        }
        lists.extend(again);
    }
    if !run.select.rerun.is_empty() {
        let ended = known::ended(memory, &run.select.rerun);
        let ended = remembered(ended, "the results of the last run", console)?;
        lists.extend(ended.again("--rerun", is_narrowed, console)?);
    }
    let mut lists = lists.into_iter();
    let Some(mut first) = lists.next() else { return Ok(Candidates::Listed) };
    for list in lists {
        let list: HashSet<String> = list.into_iter().collect();
        first.retain(|test_id| list.contains(test_id));
    }
    Ok(Candidates::These(first))
}

/// What is asked of each test.
fn choice(
    run: &Run,
    suite: &Suite,
    memory: &dyn Memory,
    signals: &mut Signals,
    console: &mut Console<'_>,
) -> Result<Choice, Error> {
    let select = &run.select;
    let known_tags = match known::tags_count(suite) || !select.tags.is_empty() {
        true => remembered(known::tags(memory), "the tags of tests", console)?,
        false => KnownTags::default(),
    };
    if !select.tags.is_empty() && known_tags.is_empty() {
        console.say("no run is kept that knows tags: only those count that the listing says")?;
    }
    let changed = select.changed_since.as_deref();
    let changed =
        changed.map(|rev| changed::since(rev, suite, &suite.folder, signals)).transpose()?;
    let tags = select.tags.clone();
    Ok(Choice { selection: select.selection()?, tags, known_tags, changed })
}

/// How many workers there are.
fn jobs(suite: &Suite, folder: &Path, signals: &mut Signals) -> Result<usize, Error> {
    match &suite.concurrency {
        Some(Concurrency::Workers(workers)) => Ok(*workers),
        Some(Concurrency::Command(line)) => {
            let printed = callout::run(line, folder, callout::LIMIT, signals)
                .map_err(|error| Error::Usage(format!("test_run_concurrency: {error}")))?;
            let number = concurrency(&printed)
                .map_err(|error| Error::Usage(format!("test_run_concurrency: {error}")))?;
            Ok(number.unwrap_or_else(processors))
        }
        None if !suite.instances.is_empty() => {
            Ok(suite.instances.iter().map(|one| one.slots.unwrap_or(1)).sum())
        }
        None => Ok(processors()),
    }
}

fn of_instances(error: &InstanceError, console: &Console<'_>) -> Error {
    if let Some(Why::Interrupted { terminate }) = error.callout().map(CalloutError::why) {
        let signal = if *terminate { Signal::Terminate } else { Signal::Interrupt };
        console.interrupts.raise(signal);
    }
    Error::Usage(error.to_string())
}

/// The order in which tests begin. A seed that nobody chose is told, to be given back.
fn order(order: Order, is_chosen: bool, console: &mut Console<'_>) -> Result<Order, Error> {
    // Where nothing is asked for, as much is made of what is known as possible. While nothing is, tests
    // begin as they are listed.
    let order = if is_chosen { order } else { Order::FailingFirst };
    let seeded = order.seeded(random() % 1_000_000);
    if seeded != order {
        console.say(format_args!("--order={seeded}"))?;
    }
    Ok(seeded)
}

fn grouped(queue: Queue, groups: Option<GroupKey>) -> Queue {
    match groups {
        Some(groups) => queue.groups(move |test_id| Some(groups.of(test_id).to_owned())),
        None => queue,
    }
}

/// Puts into a queue what may run at once, and what goes first.
fn limited(queue: Queue, overrides: &Overrides, tags: &KnownTags, slots: usize) -> Queue {
    if overrides.suite().groups.is_empty() && overrides.suite().overrides.is_empty() {
        return queue;
    }
    let of = |tags: &KnownTags| {
        let tags = tags.clone();
        move |test_id: &str| tags.get(test_id).cloned().unwrap_or_default()
    };
    let queue = queue.limits(overrides.limits(slots, of(tags)));
    let (overrides, tags) = (overrides.clone(), of(tags));
    queue.priorities(move |test_id| overrides.test(test_id, &tags(test_id)).priority)
}

/// What a process gets at once whose command takes a list. None if workers have one list each.
fn batch(suite: &Suite, tests: &Candidates) -> Option<BatchSize> {
    /// Linux takes 128 KiB as one word of a command line.
    const LINE: usize = 100 * 1024;
    let is_dealt = suite.batch == Batch::List && !has_limits(suite);
    if suite.incremental || is_dealt || matches!(tests, Candidates::Unlisted) {
        return None;
    }
    let bytes = has_ids_in_line(suite, &[]).then_some(LINE);
    Some(BatchSize { batch: suite.batch, bytes })
}

/// Whether some tests may not run beside others: these come from the queue.
fn has_limits(suite: &Suite) -> bool {
    let is_limited =
        |one: &Override| one.max.is_some() || one.weight.is_some() || one.exclusive == Some(true);
    !suite.groups.is_empty() || suite.overrides.iter().any(is_limited)
}
