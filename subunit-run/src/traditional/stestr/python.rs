//! The Python that runs tests, and what in it finds them: stestr's own runner, python-subunit's, or the one
//! that we bring.

use std::{
    fs, io,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::config::stestr::Runner;

/// Our own runner, for a Python that has none.
const FALLBACK: &str = include_str!("fallback_runner.py");

/// The name of the module that our own runner is.
const MODULE: &str = "subunit_fallback_runner";

/// Runners in the order in which they are looked for.
const MODULES: [&str; 2] = ["stestr.subunit_runner.run", "subunit.run"];

/// A Python, and the folder of our own runner while it is needed.
#[derive(Debug)]
pub(super) struct Python {
    pub(super) runner: Runner,
    _folder: Option<TempDir>,
}

impl Python {
    /// The Python that the environment names, which is taken to have stestr; else `python3` with the first
    /// runner that it has.
    ///
    /// # Errors
    ///
    /// If our own runner cannot be written.
    pub(super) fn find() -> io::Result<Self> {
        let runner = Runner::new("python3");
        if runner.python != "python3" {
            return Ok(Self { runner, _folder: None });
        }
        match MODULES.into_iter().find(|module| has_module(module)) {
            Some(module) => {
                let runner = Runner { module: module.to_owned(), ..runner };
                Ok(Self { runner, _folder: None })
            }
            None => Self::with_fallback(),
        }
    }

    /// `python3` with our own runner.
    fn with_fallback() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("subunit-python-").tempdir()?;
        fs::write(folder.path().join(format!("{MODULE}.py")), FALLBACK)?;
        let path = folder.path().display();
        let python = format!("PYTHONPATH=\"{path}${{PYTHONPATH:+:$PYTHONPATH}}\" python3");
        let runner = Runner { python, module: MODULE.to_owned() };
        Ok(Self { runner, _folder: Some(folder) })
    }
}

/// Whether `python3` has a module. It is looked for, not imported.
fn has_module(name: &str) -> bool {
    let looks = "import importlib.util, sys; importlib.util.find_spec(sys.argv[1])";
    let finds = format!("{looks} or sys.exit(1)");
    let mut command = Command::new("python3");
    command.args(["-c", &finds, name]).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
