//! Who runs what: the ids of a run, divided into one command line for each worker.

use std::{
    io::{self, Write},
    time::Duration,
};

use subunit_mux::process::Signals;
use tempfile::NamedTempFile;

use super::{
    pool::{Pool, PoolError},
    shell::ShellError,
};
use crate::{
    config::{
        Suite,
        command::{self, IdList},
        regex::GroupKey,
    },
    schedule::partition_by,
};

/// What one worker runs.
#[derive(Debug)]
pub(in crate::traditional) struct WorkerCommand {
    /// The line for `sh -c`.
    pub(in crate::traditional) line: String,
    /// The tests that it was handed; none if it runs all that it knows.
    pub(in crate::traditional) ids: Option<Vec<String>>,
    /// The file of ids. It is gone when the share is dropped.
    _file: Option<NamedTempFile>,
}

impl WorkerCommand {
    /// A command that was told of these ids by other means.
    #[cfg(test)]
    pub(super) fn for_test(line: String, ids: Option<Vec<String>>) -> Self {
        Self { line, ids, _file: None }
    }

    /// The command for these ids, or for all tests. `told` learns which commands are started to provide an
    /// instance for it.
    ///
    /// # Errors
    ///
    /// If the ids cannot be written, or there is no instance.
    pub(in crate::traditional) fn new(
        suite: &Suite,
        arguments: &[String],
        ids: Option<Vec<String>>,
        instances: &mut Pool,
        signals: &mut Signals,
        told: &mut dyn FnMut(&str),
    ) -> Result<Self, PoolError> {
        let file = ids.as_deref().map(id_file).transpose().map_err(ShellError::from)?;
        let path = file.as_ref().map_or(String::new(), |file| file.path().display().to_string());
        let for_ids = ids.as_deref().map(|ids| IdList { file: &path, ids });
        let mut line = command::running(suite, arguments, for_ids);
        if let Some(instance) = instances.take(suite, 1, signals, told)? {
            line = command::on_instance(suite, &instance, &path, &line);
        }
        Ok(Self { line, ids, _file: file })
    }
}

/// Ids in a file, one a line.
fn id_file(ids: &[String]) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::with_prefix("subunit-ids-")?;
    file.write_all(command::id_file(ids).as_bytes())?;
    file.flush()?;
    Ok(file)
}

/// Divides ids over workers as testr does. Workers without tests are left out.
pub(in crate::traditional) fn divide(
    ids: &[String],
    group: Option<&GroupKey>,
    time: impl Fn(&str) -> Option<Duration>,
    workers: usize,
) -> Vec<Vec<String>> {
    let key = |id: &str| group.map(|group| group.of(id).to_owned());
    let lists = partition_by(ids, key, time, workers);
    lists.into_iter().filter(|list| !list.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_of_a_share_are_in_its_file_while_it_lasts() {
        let suite = Suite {
            test_command: "run $IDOPTION".into(),
            test_id_option: Some("--ids $IDFILE".into()),
            ..Suite::default()
        };
        let share = |ids| {
            let (mut pool, mut signals) = (Pool::default(), Signals::catch().unwrap());
            let arguments = ["-v".to_owned()];
            WorkerCommand::new(&suite, &arguments, ids, &mut pool, &mut signals, &mut |_| {})
                .unwrap()
        };
        assert_eq!(share(None).line, "run  -v");
        let some = share(Some(vec!["a b".into(), "c".into()]));
        let path = some.line.strip_prefix("run --ids ").unwrap().strip_suffix(" -v").unwrap();
        let path = std::path::PathBuf::from(path);
        assert!(path.is_absolute());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a b\nc\n");
        drop(some);
        assert!(!path.exists());
    }

    #[test]
    fn workers_without_tests_are_left_out() {
        let ids = ["a", "b"].map(str::to_owned);
        assert_eq!(divide(&ids, None, |_| None, 3), [["a"], ["b"]]);
        let group = GroupKey::new(".*").unwrap();
        let group = Some(&group);
        assert_eq!(divide(&["m.a".to_owned(), "m.b".to_owned()], group, |_| None, 3).len(), 2);
    }
}
