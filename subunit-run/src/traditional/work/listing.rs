//! Which tests there are: what the suite's command lists.

use subunit_core::{Event, Item, Status, items};
use subunit_mux::process::Signals;

use super::{
    pool::{Pool, PoolError},
    shell::{self, ShellError},
};
use crate::config::{
    Suite,
    command::{self, BadId},
};

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub(in crate::traditional) enum ListError {
    /// The suite has no way to list.
    #[error("LISTOPT not configured in .testr.conf")]
    NoOption,
    /// The command failed. `shown` is what it has to say about that.
    #[error("Non-zero exit code ({code}) from test listing.")]
    Failed {
        /// Its exit status.
        code: i32,
        /// Files of its stream, each under its name.
        shown: Vec<u8>,
    },
    /// A test cannot be asked for by its id.
    #[error(transparent)]
    Id(#[from] BadId),
    /// There is no place to run the command.
    #[error(transparent)]
    Instance(#[from] PoolError),
    /// The command cannot be run.
    #[error(transparent)]
    Shell(#[from] ShellError),
}

/// Lists the tests, in the order of the command; what it lists twice is there twice. `workers` is how many
/// instances the run will need. `told` learns which commands are started.
///
/// # Errors
///
/// If the command cannot list, or fails.
pub(in crate::traditional) fn list(
    suite: &Suite,
    arguments: &[String],
    (instances, workers): (&mut Pool, usize),
    signals: &mut Signals,
    told: &mut dyn FnMut(&str),
) -> Result<Vec<String>, ListError> {
    if !command::can_list(suite, arguments) {
        return Err(ListError::NoOption);
    }
    let mut line = command::listing(suite, arguments);
    if let Some(instance) = instances.take(suite, workers, signals, told)? {
        line = command::on_instance(suite, &instance, "", &line);
    }
    told(&line);
    let ran = shell::capture(&line, signals);
    instances.release_all();
    let (status, printed) = ran?;
    if !status.success() {
        let (code, shown) = (shell::code_of(status), files(&printed));
        return Err(ListError::Failed { code, shown });
    }
    let ids = listed(&printed);
    command::check_ids(&ids)?;
    Ok(ids)
}

/// The ids that a stream lists. All else is passed over.
fn listed(stream: &[u8]) -> Vec<String> {
    let exists = |event: Event<'_>| event.status == Some(Status::Exists);
    let events = events(stream).filter(|event| exists(*event));
    events.filter_map(|event| event.test_id.map(str::to_owned)).collect()
}

/// The files of a stream, each with a heading, and its text.
fn files(stream: &[u8]) -> Vec<u8> {
    let (mut shown, mut last) = (Vec::new(), None::<String>);
    let mut show = |name: &str, bytes: &[u8]| {
        if last.as_deref() != Some(name) {
            shown.extend_from_slice(format!("--- {name} ---\n").as_bytes());
            last = Some(name.to_owned());
        }
        shown.extend_from_slice(bytes);
    };
    for item in items(stream) {
        match item {
            Item::Text(text) => show("stdout", text),
            Item::Packet(packet) => {
                if let Some(file) = packet.event().file {
                    show(file.name, file.bytes);
                }
            }
            Item::Damage(damage) => show("stdout", damage.bytes),
        }
    }
    shown
}

fn events(stream: &[u8]) -> impl Iterator<Item = Event<'_>> {
    items(stream).filter_map(|item| match item {
        Item::Packet(packet) => Some(*packet.event()),
        Item::Text(_) | Item::Damage(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use subunit_core::FileChunk;

    use super::*;

    fn stream() -> Vec<u8> {
        let mut stream = b"noise\n".to_vec();
        for id in ["b", "a", "b"] {
            Event::status(id, Status::Exists).encode(&mut stream).unwrap();
        }
        Event::status("c", Status::Success).encode(&mut stream).unwrap();
        for bytes in [&b"ImportError: "[..], b"widget\n"] {
            let file = Some(FileChunk { name: "import errors", bytes });
            Event { file, ..Event::default() }.encode(&mut stream).unwrap();
        }
        stream
    }

    #[test]
    fn only_tests_that_exist_are_listed_in_their_order() {
        assert_eq!(listed(&stream()), ["b", "a", "b"]);
    }

    #[test]
    fn what_a_failed_listing_says_is_shown_under_names() {
        let expected = "--- stdout ---\nnoise\n--- import errors ---\nImportError: widget\n";
        assert_eq!(String::from_utf8(files(&stream())).unwrap(), expected);
    }

    #[test]
    fn a_command_that_fails_or_cannot_list_is_an_error() {
        let suite = |line: &str| Suite { test_command: line.to_owned(), ..Suite::default() };
        let list = |line: &str| {
            let mut instances = Pool::default();
            let mut signals = Signals::catch().unwrap();
            let listed = list(&suite(line), &[], (&mut instances, 1), &mut signals, &mut |_| {});
            listed.unwrap_err().to_string()
        };
        assert_eq!(list("true"), "LISTOPT not configured in .testr.conf");
        assert_eq!(list("exit 2; $LISTOPT"), "Non-zero exit code (2) from test listing.");
    }
}
