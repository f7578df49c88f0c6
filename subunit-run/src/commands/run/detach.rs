//! A run in the background, which goes on when its terminal is gone.

use std::{
    env,
    ffi::OsString,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use subunit_filters::{
    cli::elsewhere::says_version,
    console::Console,
    exit::{Error, Exit},
};
use subunit_mux::process::run_socket;

/// The option by which the run in the background learns where to write its name.
const DETACHED: &str = "--detached";

/// Starts the same run in the background, and says how it can be reached once it goes on.
pub(super) fn start(console: &mut Console<'_>) -> Result<Exit, Error> {
    let failed = |source| Error::System { name: "a run in the background".into(), source };
    let folder = run_socket::folder().map_err(failed)?;
    let name = folder.join(format!("{}.name", std::process::id()));
    let log = folder.join(format!("{}.log", std::process::id()));
    let mut run = spawn(&name, &log).map_err(failed)?;
    let name = wait_for_name(&name, &mut run).map_err(failed)?;
    let Some(name) = name else {
        let said = fs::read_to_string(&log).unwrap_or_default();
        let last = said.lines().last().unwrap_or("it ended at once").to_owned();
        let _ = fs::remove_file(&log);
        return Err(Error::Usage(last));
    };
    writeln!(
        console.stdout,
        "run {name} goes on: `subunit attach {name}` joins it, `subunit running` shows it\n\
         its output is in {}",
        log.display()
    )?;
    console.flush()?;
    Ok(Exit::Passed)
}

fn spawn(name: &Path, log: &Path) -> io::Result<Child> {
    let log = fs::File::create(log)?;
    let mut command = Command::new(env::current_exe()?);
    command.args(detached(env::args_os().skip(1), name));
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()
}

/// The arguments of the run in the background, which writes its name into this file.
fn detached(arguments: impl Iterator<Item = OsString>, name: &Path) -> Vec<OsString> {
    let mut words: Vec<OsString> = arguments.skip_while(|word| says_version(word)).collect();
    // What follows `--` is a command, which may have such an option itself.
    let ours = words.iter().position(|word| word == "--").unwrap_or(words.len());
    if let Some(at) = words[..ours].iter().position(|word| word == "--detach") {
        words.remove(at);
    }
    // After the verb, in front of all that may be a command.
    let verb = words.len().min(1);
    words.splice(verb..verb, [DETACHED.into(), name.into()]);
    words
}

/// The name of the run, once it goes on; none if it has ended before.
fn wait_for_name(path: &Path, run: &mut Child) -> io::Result<Option<String>> {
    loop {
        // In this order: a short run may have ended after it had said its name.
        let has_ended = run.try_wait()?.is_some();
        if let Ok(name) = fs::read_to_string(path) {
            let _ = fs::remove_file(path);
            return Ok(Some(name));
        }
        if has_ended {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Leaves the terminal, as the run in the background.
pub(super) fn leave_terminal() {
    // Only the leader of a group could not, which a process that was just started is not.
    let _ = rustix::process::setsid();
}

/// Says that the run of this name goes on.
pub(super) fn say_name(path: &PathBuf, name: &str) -> Result<(), Error> {
    let failed = |source| Error::File { name: path.display().to_string(), source };
    let unfinished = path.with_extension("new");
    fs::write(&unfinished, name).and_then(|()| fs::rename(&unfinished, path)).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_option_is_taken_away() {
        let detached = |words: &str| {
            let words = words.split(' ').map(OsString::from);
            let words = detached(words, Path::new("file"));
            words.join(" ".as_ref()).into_string().unwrap_or_default()
        };
        assert_eq!(detached("run --detach a"), "run --detached file a");
        assert_eq!(detached("--of-subunit=0.1.0 run -j 2 --detach"), "run --detached file -j 2");
        assert_eq!(
            detached("run --detach -- docker run --detach x"),
            "run --detached file -- docker run --detach x"
        );
    }
}
