//! `subunit notify`: the result on the desktop.

use std::{
    io,
    process::{Command as Process, Stdio},
};

use subunit_core::{Event, Packet, sink::Verdict};

use crate::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    pipeline::{Filter, Out, ReportArgs, run_report},
};

/// Show the result of a run on the desktop
///
/// Runs `notify-send` if it is installed. Text outside packets goes to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Notify {
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for Notify {
    const NAME: &'static str = "notify";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit notify run.subunit
  $ cat run.subunit | subunit notify

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never finished, or the
stream was damaged; 2 a stream cannot be read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        run_report(Notifier, &self.report, console)
    }
}

struct Notifier;

impl Filter for Notifier {
    /// There is nothing to do: the summary counts.
    fn event(
        &mut self,
        _event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        _out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        let summary = out.summary.take().unwrap_or_default();
        let counts = summary.counts();
        let title = match summary.verdict() {
            Verdict::Passed => "Tests passed",
            Verdict::Failed => "Tests failed",
            Verdict::NoTests => "There was no test",
        };
        let lines = [
            ("success", counts.success),
            ("fail", counts.fail),
            ("skip", counts.skip),
            ("xfail", counts.xfail),
            ("uxsuccess", counts.uxsuccess),
            ("unfinished", counts.unfinished),
            ("flaky", counts.flaky),
            ("damage", counts.damage),
        ];
        let shown = lines.iter().filter(|(_, count)| *count > 0);
        let body: Vec<String> = shown.map(|(name, count)| format!("{count} {name}")).collect();
        out.summary = Some(summary);
        notify(title, &body.join("\n"));
        Ok(())
    }
}

/// Shows a message on the desktop. Where that cannot be done, there is nobody to show it to.
pub(in crate::commands) fn notify(title: &str, body: &str) {
    let _ = Process::new("notify-send")
        .arg("--app-name=subunit")
        .arg(title)
        .arg(body)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}
