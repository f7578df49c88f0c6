//! Where workers run: this machine, instances of the configuration, or those that its commands provide,
//! check and end.

mod error;
mod identity;
mod script;
mod ssh;

use std::{collections::BTreeSet, path::Path};

use subunit_formats::report::shell::quoted;
use subunit_mux::process::Signals;

pub(crate) use self::identity::UNUSABLE;
pub use self::{error::InstanceError, script::Call};
use self::{
    identity::KnownIdentities,
    script::{asking, script, takes_packets, there},
};
use crate::{
    callout::{self, Why},
    config::{InstanceSettings, Suite, command},
    schedule::Worker,
};

/// The instances of a run. They are ended once, at the end of the run or of the program.
#[derive(Debug, Default)]
pub struct Instances {
    all: Vec<Instance>,
    dispose: Option<String>,
    left_out: BTreeSet<String>,
    /// Those of which it was told that they have another version of these programs.
    told: BTreeSet<String>,
}

/// One of them.
#[derive(Debug)]
struct Instance {
    name: String,
    /// What the configuration says of it; nothing of one that was provided.
    settings: Option<InstanceSettings>,
    /// What it has said of itself.
    identity: Option<String>,
}

/// What instances are made ready with.
struct Making<'m> {
    suite: &'m Suite,
    folder: &'m Path,
    signals: &'m mut Signals,
    say: &'m mut dyn FnMut(&str),
    identities: KnownIdentities,
}

/// Why an instance is not used.
enum Unfit {
    /// It is left out for this reason.
    LeftOut(String),
    /// There is no use in looking at others.
    Fatal(InstanceError),
}

impl Instances {
    /// Makes instances ready for this many workers of a run: provides them if the configuration names none,
    /// checks them, asks who they are, and brings what they need. `say` gets a line for each that is left out.
    ///
    /// # Errors
    ///
    /// If there are none, or two are one. Those that were provided are ended when the value is dropped.
    pub fn provide(
        suite: &Suite,
        workers: usize,
        folder: &Path,
        signals: &mut Signals,
        say: &mut dyn FnMut(&str),
    ) -> Result<Self, InstanceError> {
        let mut instances = Self::default();
        let identities = KnownIdentities::default();
        let mut making = Making { suite, folder, signals, say, identities };
        if suite.instances.is_empty() {
            instances.provide_by_command(workers, &mut making)?;
        } else {
            instances.take_configured(suite);
        }
        instances.make_ready(workers, &mut making)?;
        Ok(instances)
    }

    fn take_configured(&mut self, suite: &Suite) {
        let instance = |one: &InstanceSettings| Instance {
            name: one.name.clone(),
            settings: Some(one.clone()),
            identity: None,
        };
        self.all = suite.instances.iter().map(instance).collect();
    }

    fn provide_by_command(
        &mut self,
        workers: usize,
        making: &mut Making<'_>,
    ) -> Result<(), InstanceError> {
        let Some(line) = command::provision(making.suite, workers) else { return Ok(()) };
        while self.all.len() < workers {
            let printed = callout::run(&line, making.folder, callout::LIMIT, making.signals)
                .map_err(InstanceError::Provision)?;
            let printed = String::from_utf8_lossy(&printed).into_owned();
            let before = self.all.len();
            let provided = command::instances(&printed).map(|name| Instance {
                name: name.to_owned(),
                settings: None,
                identity: None,
            });
            self.all.extend(provided);
            let names: Vec<&str> = self.all.iter().map(|one| one.name.as_str()).collect();
            self.dispose = command::dispose(making.suite, &names);
            if self.all.len() == before {
                return Err(InstanceError::TooFew(line, before, workers));
            }
        }
        Ok(())
    }

    /// Leaves out those that cannot be used, and those that are not needed.
    fn make_ready(&mut self, workers: usize, making: &mut Making<'_>) -> Result<(), InstanceError> {
        let mut last = None;
        for mut one in std::mem::take(&mut self.all) {
            if self.all.len() >= workers {
                break;
            }
            match self.make_one_ready(&mut one, making) {
                Ok(()) => self.all.push(one),
                Err(Unfit::Fatal(error)) => return Err(error),
                Err(Unfit::LeftOut(why)) => {
                    (making.say)(&format!("instance {} is left out: {why}", one.name));
                    last = Some(why);
                }
            }
        }
        match last {
            Some(last) if self.all.is_empty() => Err(InstanceError::NoneLeft(last)),
            _ => Ok(()),
        }
    }

    fn make_one_ready(&self, one: &mut Instance, making: &mut Making<'_>) -> Result<(), Unfit> {
        if let Some(line) = asking_line(one, making.suite) {
            let said = making.run(&line)?;
            one.identity = making.identities.add(&one.name, &said).map_err(Unfit::Fatal)?;
            if one.identity.is_none() {
                return Err(Unfit::LeftOut("it does not say who it is".to_owned()));
            }
        }
        if let Some(line) = command::check(making.suite, &one.name) {
            making.run(&line)?;
        }
        if let Some(sync) = one.settings.as_ref().and_then(|settings| settings.sync.as_deref()) {
            making.run(&command::of_instance(sync, &one.name))?;
        }
        Ok(())
    }

    /// The workers of a run, at most `most`: one in each slot of each instance, those of one instance after
    /// those of the others; without instances all on this machine.
    pub fn workers(&self, most: usize) -> Vec<Worker> {
        let worker = |(nth, instance): (usize, String)| Worker { name: nth.to_string(), instance };
        if self.all.is_empty() {
            return (0..most).map(|nth| worker((nth, String::new()))).collect();
        }
        let slots = |one: &Instance| one.settings.as_ref().map_or(1, |one| one.slots.unwrap_or(1));
        let rounds = self.all.iter().map(slots).max().unwrap_or_default();
        let places = (0..rounds)
            .flat_map(|round| self.all.iter().filter(move |one| slots(one) > round))
            .map(|one| one.name.clone());
        places.take(most).enumerate().map(worker).collect()
    }

    /// Whether tests run on instances.
    pub fn are_there(&self) -> bool {
        !self.all.is_empty()
    }

    /// Nothing is to run on this instance any more. Whether that is new.
    pub fn leave_out(&mut self, name: &str) -> bool {
        self.left_out.insert(name.to_owned())
    }

    /// This instance has another version of these programs. Whether that is new.
    pub fn note_version(&mut self, name: &str) -> bool {
        self.told.insert(name.to_owned())
    }

    fn of(&self, name: &str) -> Option<&Instance> {
        self.all.iter().find(|one| one.name == name)
    }

    /// Whether no descriptor of ours reaches a command on this instance.
    pub fn is_elsewhere(&self, suite: &Suite, name: &str) -> bool {
        match self.of(name).map(|one| &one.settings) {
            Some(Some(settings)) => settings.host.is_some(),
            _ => suite.instance_execute.is_some(),
        }
    }

    /// Where a command on this instance finds a file of ids.
    pub fn id_path(&self, name: &str, file: &str) -> String {
        let settings = self.of(name).and_then(|one| one.settings.as_ref());
        match settings.is_some_and(|settings| settings.host.is_some()) {
            true => there(file),
            false => file.to_owned(),
        }
    }

    /// The line for `sh` here that runs a command on an instance, or on this machine if there are none. It
    /// ends with `UNUSABLE` if the instance cannot be used any more.
    pub fn line(&self, suite: &Suite, name: &str, call: &Call<'_>) -> String {
        let Some(one) = self.of(name) else {
            return provided_line(suite, name, call);
        };
        let asks = suite.instance_identity.as_deref();
        let line = match &one.settings {
            None => {
                let line = provided_line(suite, name, call);
                match (asks, &one.identity) {
                    (Some(asks), Some(identity)) if call.is_suspect => {
                        let asks = command::on_instance(suite, name, "", asks);
                        script::is_still(name, identity, &asks) + &line
                    }
                    _ => line,
                }
            }
            Some(settings) => {
                let script = script(settings, one.identity.as_deref(), asking(asks), call);
                match (&settings.host, call.id_file) {
                    (None, _) => script,
                    (Some(host), "") => ssh::line(host, &script),
                    // The ids go first, by themselves: a person may type into what runs then.
                    (Some(host), file) => {
                        let put = ssh::line(host, &script::put(file));
                        let ids = quoted([file]);
                        format!("{put} < {ids} || exit\nexec {}", ssh::line(host, &script))
                    }
                }
            }
        };
        match command::check(suite, name).filter(|_| call.is_suspect) {
            Some(check) => format!("(\n{check}\n) >&2 < /dev/null || exit {UNUSABLE}\n{line}"),
            None => line,
        }
    }

    /// The command line of a listing, on an instance if there are any.
    pub fn listing_line(&self, suite: &Suite, line: &str) -> String {
        let Some(one) = self.all.first() else { return line.to_owned() };
        let environment = &[];
        let call = Call {
            line,
            id_file: "",
            takes_packets: false,
            is_console: false,
            environment,
            is_suspect: false,
        };
        self.line(suite, &one.name, &call)
    }

    /// Ends them, if that was not done.
    ///
    /// # Errors
    ///
    /// In a line, if the command fails. It is not tried again.
    pub fn dispose(&mut self, folder: &Path, signals: &mut Signals) -> Result<(), String> {
        let Some(line) = self.dispose.take() else { return Ok(()) };
        // A signal that came before is no reason to leave them behind.
        signals.take();
        callout::run(&line, folder, callout::LIMIT, signals)
            .map(drop)
            .map_err(|error| format!("instance_dispose: {error}\n"))
    }
}

impl Making<'_> {
    /// What a line prints. One that fails leaves the instance out.
    fn run(&mut self, line: &str) -> Result<Vec<u8>, Unfit> {
        callout::run(line, self.folder, callout::LIMIT, self.signals).map_err(|error| {
            match error.why() {
                Why::Interrupted { .. } => Unfit::Fatal(InstanceError::Interrupted(error)),
                _ => Unfit::LeftOut(error.to_string()),
            }
        })
    }
}

/// The line that asks an instance who it is, if anybody asks it.
fn asking_line(one: &Instance, suite: &Suite) -> Option<String> {
    let asks = suite.instance_identity.as_deref();
    match &one.settings {
        None => Some(command::on_instance(suite, &one.name, "", asks?)),
        Some(InstanceSettings { host: Some(host), .. }) => Some(ssh::line(host, asking(asks))),
        Some(_) => asks.map(str::to_owned),
    }
}

/// The line of a command on an instance that was provided. `subunit worker` takes the ids for it from
/// packets; what the run tells its workers goes with it, since few ways to other machines pass variables on.
fn provided_line(suite: &Suite, name: &str, call: &Call<'_>) -> String {
    // What is more than words may mean something else behind `env`.
    let is_words =
        |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_/:.,+@% ".contains(&b));
    if !call.takes_packets && !is_words(call.line) {
        return command::on_instance(suite, name, call.id_file, call.line);
    }
    let is_plain = |value: &str| is_words(value) && !value.contains(' ');
    let told = call
        .environment
        .iter()
        .filter(|(name, value)| name.starts_with("SUBUNIT_") && is_plain(value));
    let mut line: String = told.map(|(name, value)| format!("{name}={value} ")).collect();
    if !line.is_empty() {
        line.insert_str(0, "env ");
    }
    if call.takes_packets && !takes_packets(call.line) {
        line.push_str(if call.is_console {
            "subunit worker --console -- "
        } else {
            "subunit worker -- "
        });
    }
    line.push_str(call.line);
    command::on_instance(suite, name, call.id_file, &line)
}

impl Drop for Instances {
    /// Errors on the way leave no instance behind.
    fn drop(&mut self) {
        if let Some(line) = self.dispose.take() {
            let _ = std::process::Command::new("sh").args(["-c", &line]).status();
        }
    }
}
