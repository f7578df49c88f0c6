//! The command lines of a suite, for `sh -c`. What is put in place of a variable is not looked at again, and
//! is not quoted.

use super::{Suite, python};

/// Ids that a command is to run.
#[derive(Clone, Copy, Debug)]
pub struct IdList<'a, S> {
    /// The file they are in, for `$IDFILE`.
    pub file: &'a str,
    /// The ids, for `$IDLIST`.
    pub ids: &'a [S],
}

/// Whether the command can list: `$LISTOPT` is in it, or in the arguments.
#[must_use]
pub fn can_list(suite: &Suite, arguments: &[String]) -> bool {
    template(suite, arguments).contains("$LISTOPT")
}

/// Whether the command can run some of its tests: ids are put into it, or into the arguments.
#[must_use]
pub fn can_choose(suite: &Suite, arguments: &[String]) -> bool {
    let template = template(suite, arguments);
    ["$IDOPTION", "$IDFILE", "$IDLIST"].iter().any(|name| template.contains(name))
}

/// Whether ids stand in the command line itself, which the system limits, and not only in a file.
#[must_use]
pub fn has_ids_in_line(suite: &Suite, arguments: &[String]) -> bool {
    let template = template(suite, arguments);
    let option = suite.test_id_option.as_deref().filter(|_| template.contains("$IDOPTION"));
    template.contains("$IDLIST") || option.is_some_and(|option| option.contains("$IDLIST"))
}

/// The command line of a listing. Arguments are appended as they are.
#[must_use]
pub fn listing(suite: &Suite, arguments: &[String]) -> String {
    let option = suite.test_list_option.as_deref().unwrap_or_default();
    let ids = suite.test_id_list_default.as_deref().unwrap_or_default();
    let variables = [("IDOPTION", ""), ("IDFILE", ""), ("IDLIST", ids), ("LISTOPT", option)];
    substitute(&template(suite, arguments), &variables)
}

/// The command line of a run of these ids, or of all tests. Arguments are appended as they are.
#[must_use]
pub fn running<S: AsRef<str>>(
    suite: &Suite,
    arguments: &[String],
    ids: Option<IdList<'_, S>>,
) -> String {
    let (file, list) = match ids {
        Some(IdList { file, ids }) => (file, joined(ids)),
        None => ("", String::new()),
    };
    let variables = |option| {
        [("IDOPTION", option), ("IDFILE", file), ("IDLIST", list.as_str()), ("LISTOPT", "")]
    };
    let option = suite.test_id_option.as_deref().filter(|_| ids.is_some()).unwrap_or_default();
    let option = substitute(option, &variables(""));
    substitute(&template(suite, arguments), &variables(&option))
}

/// The ids of a run for which none were chosen, if the suite names some: `test_id_list_default`.
#[must_use]
pub fn default_ids(suite: &Suite) -> Option<Vec<String>> {
    let ids = suite.test_id_list_default.as_deref().filter(|ids| !ids.is_empty())?;
    Some(python::split(ids).map(str::to_owned).collect())
}

/// A command line on an instance. `files` is the file of ids; empty in a listing.
#[must_use]
pub fn on_instance(suite: &Suite, instance: &str, files: &str, command: &str) -> String {
    let Some(execute) = &suite.instance_execute else {
        return command.to_owned();
    };
    let variables = [("INSTANCE_ID", instance), ("COMMAND", command), ("FILES", files)];
    substitute(execute, &variables)
}

/// The command line that provides so many instances.
#[must_use]
pub fn provision(suite: &Suite, count: usize) -> Option<String> {
    let command = suite.instance_provision.as_deref()?;
    Some(substitute(command, &[("INSTANCE_COUNT", &count.to_string())]))
}

/// The names of instances that a command printed.
pub fn instances(output: &str) -> impl Iterator<Item = &str> {
    output.split_ascii_whitespace()
}

/// The command line that looks whether an instance can be used.
#[must_use]
pub fn check(suite: &Suite, instance: &str) -> Option<String> {
    let command = suite.instance_check.as_deref()?;
    Some(of_instance(command, instance))
}

/// A command line that is about an instance.
#[must_use]
pub fn of_instance(command: &str, instance: &str) -> String {
    substitute(command, &[("INSTANCE_ID", instance)])
}

/// The command line that ends these instances, in the order of their names.
#[must_use]
pub fn dispose<S: AsRef<str>>(suite: &Suite, instances: &[S]) -> Option<String> {
    let command = suite.instance_dispose.as_deref()?;
    let mut names: Vec<&str> = instances.iter().map(AsRef::as_ref).collect();
    names.sort_unstable();
    Some(substitute(command, &[("INSTANCE_IDS", &names.join(" "))]))
}

/// What a file of ids holds: one a line.
#[must_use]
pub fn id_file<S: AsRef<str>>(ids: &[S]) -> String {
    ids.iter().flat_map(|id| [id.as_ref(), "\n"]).collect()
}

/// An id that cannot be handed to a command.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("test id {} contains a {what}, and cannot be handed to a command", python::repr(id))]
pub struct BadId {
    id: String,
    what: &'static str,
}

/// Refuses ids that a file of ids, or a command line, has no way to hold.
///
/// # Errors
///
/// The first id that has a newline or a NUL in it.
pub fn check_ids<S: AsRef<str>>(ids: &[S]) -> Result<(), BadId> {
    for id in ids.iter().map(AsRef::as_ref) {
        let what = match id.find(['\n', '\r', '\0']).map(|at| id.as_bytes()[at]) {
            None => continue,
            Some(b'\n') => "newline",
            Some(b'\r') => "carriage return",
            Some(_) => "NUL",
        };
        return Err(BadId { id: id.to_owned(), what });
    }
    Ok(())
}

/// What is wrong with the number of workers that `test_run_concurrency` printed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ConcurrencyError {
    /// The command failed.
    #[error("test_run_concurrency failed: exit code {0}")]
    Failed(i32),
    /// It printed no number.
    #[error("invalid literal for int() with base 10: b{}", python::repr(.0))]
    NoNumber(String),
}

/// The number of workers that `test_run_concurrency` printed. None if it is zero: then the CPUs count.
///
/// # Errors
///
/// If it is not a number, or a negative one.
pub fn concurrency(output: &[u8]) -> Result<Option<usize>, ConcurrencyError> {
    let text = String::from_utf8_lossy(output);
    let number = text.trim_ascii();
    number
        .parse()
        .map(|number| Some(number).filter(|number| *number > 0))
        .map_err(|_| ConcurrencyError::NoNumber(number.to_owned()))
}

fn template(suite: &Suite, arguments: &[String]) -> String {
    let parts = std::iter::once(&suite.test_command).chain(arguments);
    parts.map(String::as_str).collect::<Vec<_>>().join(" ")
}

fn joined<S: AsRef<str>>(ids: &[S]) -> String {
    ids.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(" ")
}

/// Puts values in place of `$NAME`, in one pass. A name ends where it ends: `$IDLISTX` is `$IDLIST` and `X`.
fn substitute(template: &str, variables: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        text.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let known = variables.iter().find(|(name, _)| after.starts_with(name));
        match known {
            Some((name, value)) => {
                text.push_str(value);
                rest = &after[name.len()..];
            }
            None => {
                text.push('$');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(command: &str) -> Suite {
        Suite {
            test_command: command.to_owned(),
            test_id_option: Some("--load-list $IDFILE".to_owned()),
            test_list_option: Some("--list".to_owned()),
            ..Suite::default()
        }
    }

    const IDS: Option<IdList<'_, &str>> =
        Some(IdList { file: "/t/f", ids: &["a.one", "b $IDFILE"] });

    #[test]
    fn variables_are_put_in() {
        for (command, listed, all, some) in [
            ("c $LISTOPT $IDOPTION", "c --list ", "c  ", "c  --load-list /t/f"),
            ("c $LISTOPT$IDFILE", "c --list", "c ", "c /t/f"),
            ("c $IDLISTX", "c X", "c X", "c a.one b $IDFILEX"),
            (
                "c ${IDLIST} $X $ $$IDFILE",
                "c ${IDLIST} $X $ $",
                "c ${IDLIST} $X $ $",
                "c ${IDLIST} $X $ $/t/f",
            ),
            ("é $", "é $", "é $", "é $"),
        ] {
            let suite = suite(command);
            assert_eq!(listing(&suite, &[]), listed, "{command}");
            assert_eq!(running::<&str>(&suite, &[], None), all, "{command}");
            assert_eq!(running(&suite, &[], IDS), some, "{command}");
        }
    }

    #[test]
    fn the_option_for_ids_is_put_in_once_its_own_variables_are() {
        let mut suite = suite("c $IDOPTION");
        suite.test_id_option = Some("$IDLIST $IDOPTION$LISTOPT.".to_owned());
        assert_eq!(running(&suite, &[], IDS), "c a.one b $IDFILE .");
        suite.test_id_option = None;
        assert_eq!(running(&suite, &[], IDS), "c ");
    }

    #[test]
    fn it_is_known_whether_ids_are_in_the_line() {
        let mut suite = suite("c $IDOPTION");
        assert!(!has_ids_in_line(&suite, &[]) && has_ids_in_line(&suite, &["$IDLIST".to_owned()]));
        suite.test_id_option = Some("-- $IDLIST".to_owned());
        assert!(has_ids_in_line(&suite, &[]));
        suite.test_command = "c $IDFILE".to_owned();
        assert!(!has_ids_in_line(&suite, &[]));
    }

    #[test]
    fn the_default_ids_are_for_listings_and_for_runs_without_ids() {
        let mut suite = suite("c $LISTOPT $IDLIST");
        assert_eq!(default_ids(&suite), None);
        suite.test_id_list_default = Some("a.one\n b".to_owned());
        assert_eq!(listing(&suite, &[]), "c --list a.one\n b");
        assert_eq!(running::<&str>(&suite, &[], None), "c  ");
        assert_eq!(default_ids(&suite), Some(vec!["a.one".to_owned(), "b".to_owned()]));
        suite.test_id_list_default = Some(String::new());
        assert_eq!(default_ids(&suite), None);
    }

    #[test]
    fn arguments_are_appended_as_they_are() {
        let arguments = ["-x y".to_owned(), "$LISTOPT".to_owned()];
        assert_eq!(listing(&suite("c"), &arguments), "c -x y --list");
        assert!(can_list(&suite("c"), &arguments));
        assert!(!can_list(&suite("c"), &arguments[..1]));
    }

    #[test]
    fn commands_go_to_instances() {
        let mut suite = suite("c");
        assert_eq!(on_instance(&suite, "i", "/t/f", "c"), "c");
        assert_eq!(provision(&suite, 2), None);
        assert_eq!(dispose(&suite, &["1"]), None);
        assert_eq!(check(&suite, "1"), None);
        suite.instance_provision = Some("p $INSTANCE_COUNT".to_owned());
        suite.instance_execute = Some("e $INSTANCE_ID $FILES -- $COMMAND $INSTANCE_IDS".to_owned());
        suite.instance_check = Some("t $INSTANCE_ID".to_owned());
        suite.instance_dispose = Some("d $INSTANCE_IDS".to_owned());
        assert_eq!(provision(&suite, 2).as_deref(), Some("p 2"));
        assert_eq!(on_instance(&suite, "i", "/t/f", "c $FILES"), "e i /t/f -- c $FILES iS");
        assert_eq!(check(&suite, "i").as_deref(), Some("t i"));
        assert_eq!(dispose(&suite, &["b", "a"]).as_deref(), Some("d a b"));
        assert!(instances(" a\nb\tc ").eq(["a", "b", "c"]));
    }

    #[test]
    fn ids_that_no_file_can_hold_are_refused() {
        assert_eq!(check_ids(&["a b", "'\"$é"]), Ok(()));
        for (id, expected) in [
            ("a\nb", "test id 'a\\nb' contains a newline, and cannot be handed to a command"),
            ("a\0b", "test id 'a\\x00b' contains a NUL, and cannot be handed to a command"),
            ("\r", "test id '\\r' contains a carriage return, and cannot be handed to a command"),
        ] {
            assert_eq!(check_ids(&["a", id]).unwrap_err().to_string(), expected);
        }
        assert_eq!(id_file(&["a b", "c"]), "a b\nc\n");
    }

    #[test]
    fn the_number_of_workers_is_what_a_command_printed() {
        assert_eq!(concurrency(b" 3\n"), Ok(Some(3)));
        assert_eq!(concurrency(b"0\n"), Ok(None));
        for (output, text) in [("many", "'many'"), ("-1", "'-1'"), ("", "''")] {
            let text = format!("invalid literal for int() with base 10: b{text}");
            assert_eq!(concurrency(output.as_bytes()).unwrap_err().to_string(), text);
        }
    }
}
