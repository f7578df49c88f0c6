//! Reads one stream, pushes what it holds through a filter, and notices when it pauses.

use std::{io, time::Duration};

use subunit_core::InputReader;
use subunit_formats::{Format, auto::AutoReader};

use super::{Filter, Out, heard::Heard, push::Pusher};
use crate::{console::Source, exit::Error, files::packed::Torn};

/// How much is asked of an input at once.
const BLOCK: usize = 256 * 1024;

/// A live stream that is silent for this long has paused: its last item is complete.
pub(super) const PAUSE: Duration = Duration::from_millis(20);

/// Reads one stream to its end; `name` is that of its file, for messages. False where a signal has ended
/// the reading.
pub(super) fn read(
    input: &mut dyn Source,
    format: Option<Format>,
    filter: &mut dyn Filter,
    name: Option<&str>,
    out: &mut Out<'_, '_>,
) -> Result<bool, Error> {
    let mut reader = AutoReader::new(format);
    if out.edits {
        reader = reader.with_prompts();
    }
    let mut pusher = Pusher::new(filter, out, name);
    let mut heard = Heard::default();
    let mut held = None;
    loop {
        if reader.is_waiting() && !pusher.wait(input, PAUSE)? {
            reader.pause(&mut pusher);
            pusher.flush()?;
            pusher.fall_silent(&mut reader, input, &mut held)?;
        }
        pusher.idle(input)?;
        if heard.ends(&pusher.out.console.interrupts, input, name.is_none()) {
            break;
        }
        let read = match input.read(&mut reader.space(BLOCK)[..BLOCK]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(source) => {
                if Torn::is(&source) {
                    // What was read of it is all that there is.
                    reader.finish(&mut pusher);
                    pusher.flush()?;
                    out.torn = true;
                }
                let name = name.unwrap_or("standard input").to_owned();
                return Err(Error::File { name, source });
            }
            Ok(0) => break,
            Ok(read) => read,
        };
        reader.filled(read, &mut pusher);
        // The input has paused, or a block is done: what is known is shown.
        pusher.flush()?;
    }
    let recognised = reader.finish(&mut pusher);
    if let Some(signal) = heard.ended {
        pusher.interrupted(signal);
    }
    if let Some(console) = reader.told().filter(|format| format.row().is_console) {
        pusher.say_status_unknown(console.name())?;
    }
    pusher.end(recognised || heard.ended.is_some())?;
    Ok(heard.ended.is_none())
}
