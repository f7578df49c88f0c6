//! The switches of `subunit-filter`, of which the last one wins.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

/// What is kept.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) failure: bool,
    pub(super) success: bool,
    pub(super) skip: bool,
    pub(super) xfail: bool,
    /// What belongs to no test.
    pub(super) passthrough: bool,
}

impl Default for Kept {
    fn default() -> Self {
        Self { failure: true, success: false, skip: true, xfail: false, passthrough: true }
    }
}

/// A switch: its names, its help, and what it does.
struct Switch {
    long: &'static str,
    short: Option<char>,
    help: &'static str,
    turn: fn(&mut Kept),
}

const fn switch(
    long: &'static str,
    short: Option<char>,
    help: &'static str,
    turn: fn(&mut Kept),
) -> Switch {
    Switch { long, short, help, turn }
}

const SWITCHES: &[Switch] = &[
    switch("error", None, "Accepted; errors are failures", |_| {}),
    switch("no-error", Some('e'), "Accepted; errors are failures", |_| {}),
    switch("failure", None, "Keep failures (default)", |kept| kept.failure = true),
    switch("no-failure", Some('f'), "Drop failures", |kept| kept.failure = false),
    switch("success", Some('s'), "Keep successes", |kept| kept.success = true),
    switch("no-success", None, "Drop successes (default)", |kept| kept.success = false),
    switch("no-skip", None, "Drop skips", |kept| kept.skip = false),
    switch("xfail", None, "Keep expected failures", |kept| kept.xfail = true),
    switch("no-xfail", None, "Drop expected failures (default)", |kept| kept.xfail = false),
    switch("passthrough", None, "Keep what belongs to no test (default)", |kept| {
        kept.passthrough = true;
    }),
    switch("no-passthrough", None, "Drop what belongs to no test", |kept| {
        kept.passthrough = false;
    }),
    switch("only-genuine-failures", Some('F'), "Keep failures only", |kept| {
        *kept = Kept { failure: kept.failure, ..Kept::default() };
        kept.skip = false;
        kept.passthrough = false;
    }),
];

impl Args for Kept {
    fn augment_args(command: Command) -> Command {
        command.args(SWITCHES.iter().map(|switch| {
            // Each time it is given counts, and has a place among the others.
            let flag = Arg::new(switch.long)
                .long(switch.long)
                .help(switch.help)
                .action(ArgAction::Append)
                .num_args(0)
                .value_parser(clap::value_parser!(bool))
                .default_missing_value("true");
            match switch.short {
                Some(short) => flag.short(short),
                None => flag,
            }
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Kept {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut kept = Self::default();
        kept.update_from_arg_matches(matches)?;
        Ok(kept)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let places = |switch: &'static Switch| {
            let places = matches.indices_of(switch.long).into_iter().flatten();
            places.map(move |place| (place, switch))
        };
        let mut given: Vec<(usize, &Switch)> = SWITCHES.iter().flat_map(places).collect();
        given.sort_by_key(|(place, _)| *place);
        given.into_iter().for_each(|(_, switch)| (switch.turn)(self));
        Ok(())
    }
}
