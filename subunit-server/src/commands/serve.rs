//! `subunit serve`: the history in a browser.

use std::{io::Write as _, path::PathBuf, sync::Arc};

use subunit_filters::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
};
use subunit_run::config::amount;
use tempfile::TempDir;
use tokio::sync::{Semaphore, watch};

use super::{
    place,
    reach::ReachArgs,
    retention,
    served_history::{ProjectArg, ServedHistory, of_history},
    token::TokenArgs,
};
use crate::{
    access::rules::AccessRules,
    demo,
    history_pool::HistoryPool,
    notify::{self, NotifySettings},
    operation::{observe::Observer, request_log::RequestLog},
    receive::inbox::RunInbox,
    server::{self, CONNECTIONS, ServerSettings},
    web::{self, app::WebApp, live::hub::LiveHub},
};

/// The longest stream or file that is received, unless told otherwise.
const MAX_BODY: u64 = 1 << 30;

/// Show the history of test runs in a browser
///
/// Prints the address and serves until ^C or SIGTERM. Only this machine can open the pages, unless --listen names an address
/// that others reach. If the port is taken, any free one is used, unless --listen is given or tokens are asked for.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_value_name = "VERB",
    disable_help_subcommand = true
)]
pub(crate) struct Serve {
    /// Use the history in this folder, or at this postgres:// address [default: $SUBUNIT_HISTORY, or .subunit]
    #[arg(long, value_name = "DIR|ADDRESS")]
    history: Option<PathBuf>,
    /// Show this history below /p/NAME/, beside others; repeatable
    #[arg(
        long = "project",
        value_name = "NAME=DIR|ADDRESS",
        value_parser = ProjectArg::read,
        conflicts_with_all = ["history", "demo", "tokens"]
    )]
    projects: Vec<ProjectArg>,
    /// Begin an empty history where there is none, for runs that are sent
    #[arg(long, conflicts_with = "demo")]
    create: bool,
    /// Receive no stream and no file that is longer than this, such as 500M [default: 1G]
    #[arg(long, value_name = "SIZE", value_parser = amount::size)]
    max_body: Option<u64>,
    /// Show a made-up history of 1000 runs, which goes away at the end
    #[arg(long, conflicts_with = "history")]
    demo: bool,
    /// Remove old runs now and each day, as [history] of the configuration of this folder says
    #[arg(long, conflicts_with = "demo")]
    prune: bool,
    /// Write a line for each request to standard error
    #[arg(long)]
    log: bool,
    /// Tell webhooks and people which tests begin and cease to fail, as this file says
    #[arg(long, value_name = "FILE", conflicts_with = "demo")]
    notify: Option<PathBuf>,
    #[command(flatten)]
    reach: ReachArgs,
    #[command(subcommand)]
    verb: Option<ServeVerb>,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum ServeVerb {
    Token(TokenArgs),
}

impl Command for Serve {
    const NAME: &'static str = "serve";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit serve
  $ subunit serve --history ci/.subunit --listen 127.0.0.1:0
  $ subunit serve --history 'postgres://db.example/tests?project=app&files=/srv/runs'
  $ subunit serve --notify notify.toml
  $ subunit serve --project app=app/.subunit --project web=web/.subunit
  $ subunit serve --demo
  $ subunit serve token add --scope write --name ci
  $ subunit serve --listen 0.0.0.0:8443 --tls-certificate tests.pem --tls-key tests.key --name tests.example

Exit status: 0 it was asked to end; 2 there is no history, a server of this history already answers, or the address cannot be used.";

    fn run(mut self, console: &mut Console<'_>) -> Result<Exit, Error> {
        if let Some(ServeVerb::Token(token)) = self.verb {
            return token.run(console);
        }
        self.reach.check()?;
        let tls = self.reach.tls()?;
        let demo = self.demo.then(|| made_up(console)).transpose()?;
        let notify = self.notify.as_deref().map(NotifySettings::read).transpose();
        let notify = notify.map_err(|what| Error::Usage(format!("--notify: {what}")))?;
        let projects = std::mem::take(&mut self.projects);
        let histories = if projects.is_empty() {
            let place = demo
                .as_ref()
                .map_or_else(|| place::of(self.history.as_deref()), |demo| demo.path().to_owned());
            vec![ServedHistory::alone(place, self.create)?]
        } else {
            ServedHistory::projects(projects, self.create)?
        };
        let daily = self.prune.then(|| retention::of_this_folder(&histories)).transpose()?;
        let rules: Result<Vec<AccessRules>, Error> =
            histories.iter().map(|one| self.reach.rules(one.place.files())).collect();
        let rules = rules?;
        let (listener, address) = self.reach.bind()?;
        let _neighbours: Vec<_> =
            histories.iter().map(|history| history.announce(address)).collect();
        let url = self.reach.url(address);
        if let Some(settings) = &notify {
            for history in &histories {
                let (project, place) = (history.project(), history.place.clone());
                notify::start(settings.of(project), place, &history.url(&url))
                    .map_err(|error| Error::Usage(format!("--notify: {error}")))?;
            }
        }
        writeln!(console.stdout, "{url}")?;
        console.flush()?;
        let (stop, stopped) = watch::channel(false);
        let turns = Arc::new(Semaphore::new(CONNECTIONS as usize));
        let settings = ServerSettings {
            tls,
            idle: self.reach.idle(),
            proxies: self.reach.proxies().to_vec(),
            is_reloading: self.reach.is_guarded(),
            daily,
            turns: Arc::clone(&turns),
        };
        let log = self.log.then(RequestLog::start).transpose();
        let log = log.map_err(|source| Error::System { name: "--log".into(), source })?;
        let log = log.map(Arc::new);
        let longest = self.max_body.unwrap_or(MAX_BODY);
        let app = |(history, rules): (ServedHistory, AccessRules)| {
            let ServedHistory { base, place, store } = history;
            let observer = Observer { base: base.clone(), log: log.clone(), ..Observer::default() };
            WebApp {
                base,
                inbox: RunInbox::start(place.path(), place.files(), longest),
                pool: HistoryPool::new(place),
                live: LiveHub::default(),
                store,
                rules: Arc::new(rules),
                observer: Arc::new(observer),
                turns: Arc::clone(&turns),
                stop: stopped.clone(),
            }
        };
        let apps: Vec<WebApp> = histories.into_iter().zip(rules).map(app).collect();
        let pools: Vec<HistoryPool> = apps.iter().map(|app| app.pool.clone()).collect();
        let served = server::run(listener, web::routes(apps), stop, settings);
        pools.iter().for_each(HistoryPool::close);
        served.map_err(|source| Error::System { name: url, source })?;
        Ok(Exit::Passed)
    }
}

/// A folder with a made-up history. It is removed when this is dropped.
fn made_up(console: &mut Console<'_>) -> Result<TempDir, Error> {
    let failed = |source| Error::System { name: "a folder for the made-up history".into(), source };
    let folder = tempfile::tempdir().map_err(failed)?;
    console.say("a history of 1000 runs is made up")?;
    console.flush()?;
    demo::fill(folder.path()).map_err(of_history)?;
    Ok(folder)
}
