//! `subunit serve token`: who may use a server that asks for tokens.

use std::{io::Write as _, path::PathBuf, time::Duration};

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};
use subunit_run::json::time;

use super::place;
use crate::{
    access::{
        scope::AccessScope,
        token::KeptToken,
        token_file::{TokenFile, TokenFileError},
    },
    store_place::StorePlace,
};

/// The file of the tokens in the folder of a history.
pub(super) const TOKENS: &str = "server.tokens";
/// How many days a token may live.
const DAYS: u32 = 36500;

/// Add, list and remove the tokens of a server
///
/// A server reads them again when they have changed. It keeps no token, only a sum by which it knows one.
#[derive(Clone, Debug, clap::Args)]
#[command(subcommand_value_name = "VERB", disable_help_subcommand = true)]
pub(super) struct TokenArgs {
    #[command(subcommand)]
    verb: TokenVerb,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum TokenVerb {
    Add(AddArgs),
    List(ListTokensArgs),
    Remove(RemoveTokenArgs),
}

/// Where the tokens are.
#[derive(Clone, Debug, clap::Args)]
struct TokensArg {
    /// Those of the history in this folder, or at this postgres:// address [default: $SUBUNIT_HISTORY, or .subunit]
    #[arg(long, value_name = "DIR|ADDRESS")]
    history: Option<PathBuf>,
    /// Those in this file
    #[arg(long, value_name = "FILE", conflicts_with = "history")]
    tokens: Option<PathBuf>,
}

/// Make a token, and print it: it cannot be shown again
///
/// Exit status: 0; 2 there is one of this name, or it cannot be written.
#[derive(Clone, Debug, clap::Args)]
struct AddArgs {
    /// What it is good for
    #[arg(long, value_name = "SCOPE")]
    scope: AccessScope,
    /// What it is called, in lists and to remove it [default: its scope and a number]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// It is worth nothing after this number of days [default: it stays]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=i64::from(DAYS)))]
    expires: Option<u32>,
    #[command(flatten)]
    place: TokensArg,
}

/// List the tokens: name, scope, when each was made and expires
///
/// Exit status: 0; 2 they cannot be read.
#[derive(Clone, Debug, clap::Args)]
#[command(name = "list")]
struct ListTokensArgs {
    #[command(flatten)]
    place: TokensArg,
}

/// Remove a token: it is worth nothing from now on
///
/// Exit status: 0; 2 there is none of this name.
#[derive(Clone, Debug, clap::Args)]
#[command(name = "remove")]
struct RemoveTokenArgs {
    /// What it is called
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    place: TokensArg,
}

impl TokenArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        match self.verb {
            TokenVerb::Add(add) => add.run(console),
            TokenVerb::List(list) => list.run(console),
            TokenVerb::Remove(remove) => remove.run(console),
        }
    }
}

impl AddArgs {
    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let file = self.place.file()?;
        let life = self.expires.map(|days| Duration::from_secs(u64::from(days) * 24 * 60 * 60));
        let added = file.change(|tokens| {
            let is_known = |name: &str| tokens.iter().any(|one| one.name == name);
            let name = match self.name {
                Some(name) => name,
                None => unused(self.scope, is_known),
            };
            if is_known(&name) {
                let path = file.path().display();
                return Err(format!("{path}: there is a token called {name}: remove it first, or choose another --name"));
            }
            let made = KeptToken::make(name.clone(), self.scope, life);
            let (secret, kept) = made.map_err(|_| "the system has no random bits".to_owned())?;
            tokens.push(kept);
            Ok((secret, name))
        });
        let (secret, name) = added.map_err(of_file)?.map_err(Error::Usage)?;
        writeln!(console.stdout, "{secret}")?;
        console.say(format_args!("keep it now, it is not shown again; it is called {name}"))?;
        Ok(Exit::Passed)
    }
}

/// A name that no token has.
fn unused(scope: AccessScope, is_known: impl Fn(&str) -> bool) -> String {
    let mut names = (1..).map(|number: u64| format!("{}-{number}", scope.name()));
    names.find(|name| !is_known(name)).unwrap_or_default()
}

impl ListTokensArgs {
    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let tokens = self.place.file()?.tokens().map_err(of_file)?;
        for KeptToken { name, scope, made, expires, .. } in &*tokens {
            let day = |seconds: u64| {
                let micros = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000);
                time(micros)
            };
            let end = expires.map_or_else(|| "never".to_owned(), day);
            let made = day(*made);
            writeln!(console.stdout, "{name}  {}  made {made}  expires {end}", scope.name())?;
        }
        Ok(Exit::Passed)
    }
}

impl RemoveTokenArgs {
    fn run(self, _: &mut Console<'_>) -> Result<Exit, Error> {
        let file = self.place.file()?;
        let removed = file.change(|tokens| {
            let before = tokens.len();
            tokens.retain(|one| one.name != self.name);
            tokens.len() < before
        });
        if removed.map_err(of_file)? {
            return Ok(Exit::Passed);
        }
        let (path, name) = (file.path().display(), self.name);
        Err(Error::Usage(format!(
            "{path}: there is no token called {name}: `subunit serve token list` shows all"
        )))
    }
}

impl TokensArg {
    fn file(&self) -> Result<TokenFile, Error> {
        let path = match &self.tokens {
            Some(path) => path.clone(),
            None => {
                let place = StorePlace::new(place::of(self.history.as_deref()));
                let place = place.map_err(|error| Error::Usage(error.to_string()))?;
                let none = || {
                    Error::Usage(format!(
                        "{place}: there is no folder for the tokens: name a file with --tokens"
                    ))
                };
                place.files().ok_or_else(none)?.join(TOKENS)
            }
        };
        Ok(TokenFile::new(path))
    }
}

fn of_file(error: TokenFileError) -> Error {
    Error::Usage(error.to_string())
}
