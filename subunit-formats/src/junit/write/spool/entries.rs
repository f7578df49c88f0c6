//! Test cases as they wait in the spool: most of them only as what their elements are made of.
//!
//! They bound the temporary file to 38 % of what finished elements take (128 bytes a test, not 338); the spool bounds
//! memory either way. They also take 9 % off JUnit: 3288 instructions a packet, about 3610 with finished elements
//! (`.ci/instructions command/to-junit,small`).

use std::io;

use subunit_core::{Status, Timestamp, sink::TestRecord};

/// In front of each entry: the length of what follows (8 bytes), and what it is: a status, [`NONE`] or [`XML`].
const HEADER: usize = 9;
/// A case without a status.
const NONE: u8 = 0;
/// What is finished.
const XML: u8 = 0xff;
/// The time of a case that has none. Its nanoseconds are more than the wire has room for.
const NO_TIME: [u8; 8] = [0xff; 8];

/// What was put after the others by [`push_xml`] or [`push_case`].
pub(in crate::junit::write) enum Entry<'a> {
    Xml(&'a [u8]),
    Case(Case<'a>),
}

/// All that there is of an attempt without files.
#[derive(Clone, Copy)]
pub(in crate::junit::write) struct Case<'a> {
    /// The test's id, which is UTF-8.
    pub(in crate::junit::write) id: &'a [u8],
    /// How much of its beginning is the class name; 0 where that is the report's.
    pub(in crate::junit::write) class: usize,
    /// How much of its end is the name.
    pub(in crate::junit::write) name: usize,
    pub(in crate::junit::write) status: Option<Status>,
    pub(in crate::junit::write) start: Option<Timestamp>,
    pub(in crate::junit::write) stop: Option<Timestamp>,
    pub(in crate::junit::write) tags: CaseTags<'a>,
}

/// Tags, each with its length (4 bytes) in front.
#[derive(Clone, Copy)]
pub(in crate::junit::write) struct CaseTags<'a>(&'a [u8]);

impl<'a> Iterator for CaseTags<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        take_string(&mut self.0)
    }
}

/// Appends what `push` writes to `entries`: finished XML.
pub(in crate::junit::write) fn push_xml<T>(
    entries: &mut Vec<u8>,
    push: impl FnOnce(&mut Vec<u8>) -> T,
) -> T {
    let begin = begin(entries, XML);
    let pushed = push(entries);
    end(entries, begin);
    pushed
}

/// Appends an attempt without files to `entries`. Of its id so much is class name and name as
/// [`Case`] has it.
pub(in crate::junit::write) fn push_case(
    entries: &mut Vec<u8>,
    record: &TestRecord,
    (class, name): (usize, usize),
) {
    let begin = begin(entries, record.status.map_or(NONE, |status| status as u8));
    entries.extend_from_slice(&time(record.start));
    entries.extend_from_slice(&time(record.stop));
    entries.extend_from_slice(&length(class));
    entries.extend_from_slice(&length(name));
    push_string(entries, record.test_id.as_bytes());
    record.tags.as_tags().bytes().for_each(|tag| push_string(entries, tag));
    end(entries, begin);
}

/// Takes the first entry off; `None` where there is no more.
///
/// # Errors
///
/// If it is not what was put there.
pub(in crate::junit::write) fn take<'a>(entries: &mut &'a [u8]) -> io::Result<Option<Entry<'a>>> {
    if entries.is_empty() {
        return Ok(None);
    }
    read(entries).map(Some).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Keeps of the entries from `begin` on those that `keep` wants.
pub(in crate::junit::write) fn retain(
    entries: &mut Vec<u8>,
    begin: usize,
    mut keep: impl FnMut() -> bool,
) {
    let all = entries.split_off(begin.min(entries.len()));
    let mut rest = &all[..];
    while let Some((length, _)) = rest.split_first_chunk() {
        let length = (u64::from_le_bytes(*length) as usize).saturating_add(HEADER);
        let (entry, behind) = rest.split_at(length.min(rest.len()));
        if keep() {
            entries.extend_from_slice(entry);
        }
        rest = behind;
    }
    entries.extend_from_slice(rest);
}

fn begin(entries: &mut Vec<u8>, kind: u8) -> usize {
    let mut header = [0; HEADER];
    header[HEADER - 1] = kind;
    entries.extend_from_slice(&header);
    entries.len()
}

/// Writes down the length of what begins there.
fn end(entries: &mut [u8], begin: usize) {
    let length = (entries.len() - begin) as u64;
    entries[begin - HEADER..][..8].copy_from_slice(&length.to_le_bytes());
}

fn read<'a>(entries: &mut &'a [u8]) -> Option<Entry<'a>> {
    let (all, rest) = entries.split_first_chunk()?;
    let ([kind], rest) = rest.split_first_chunk()?;
    let (mut entry, rest) = rest.split_at_checked(u64::from_le_bytes(*all) as usize)?;
    *entries = rest;
    let status = match *kind {
        XML => return Some(Entry::Xml(entry)),
        NONE => None,
        code => Some(*Status::ALL.get(usize::from(code) - 1)?),
    };
    let (start, stop) = (take_time(&mut entry)?, take_time(&mut entry)?);
    let (class, name) = (take_length(&mut entry)?, take_length(&mut entry)?);
    let id = take_string(&mut entry)?;
    Some(Entry::Case(Case { id, class, name, status, start, stop, tags: CaseTags(entry) }))
}

/// Seconds and nanoseconds, where what does not fit the seconds is among the latter, as on the wire.
fn time(time: Option<Timestamp>) -> [u8; 8] {
    let Some(time) = time else { return NO_TIME };
    let seconds = time.seconds().min(u32::MAX.into());
    let carried = (time.seconds() - seconds) * 1_000_000_000;
    (seconds << 32 | (carried + u64::from(time.nanoseconds()))).to_le_bytes()
}

fn take_time(entry: &mut &[u8]) -> Option<Option<Timestamp>> {
    let (bytes, rest) = entry.split_first_chunk()?;
    *entry = rest;
    let both = u64::from_le_bytes(*bytes);
    let time = || Timestamp::new((both >> 32) as u32, both as u32);
    Some((*bytes != NO_TIME).then(time))
}

/// Ids and tags come from packets and lines, whose limits are far below 4 GiB.
fn length(length: usize) -> [u8; 4] {
    (length as u32).to_le_bytes()
}

fn take_length(entry: &mut &[u8]) -> Option<usize> {
    let (length, rest) = entry.split_first_chunk()?;
    *entry = rest;
    Some(u32::from_le_bytes(*length) as usize)
}

fn push_string(entries: &mut Vec<u8>, string: &[u8]) {
    entries.extend_from_slice(&length(string.len()));
    entries.extend_from_slice(string);
}

fn take_string<'a>(entry: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = take_length(entry)?;
    let (string, rest) = entry.split_at_checked(length)?;
    *entry = rest;
    Some(string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_as_they_were_put_there() {
        let times =
            [None, Some(Timestamp::new(0, 0)), Some(Timestamp::new(u32::MAX, 1_073_741_823))];
        let statuses = [None].into_iter().chain(Status::ALL.map(Some));
        let records: Vec<TestRecord> = statuses
            .enumerate()
            .map(|(nth, status)| TestRecord {
                test_id: "é".repeat(nth),
                status,
                tags: ["", "x", "two words"].into_iter().take(nth % 4).collect(),
                start: times[nth % 3],
                stop: times[nth / 3],
                ..TestRecord::default()
            })
            .collect();
        let mut entries = Vec::new();
        for record in &records {
            push_case(&mut entries, record, (1, record.test_id.len()));
            push_xml(&mut entries, |xml| xml.extend_from_slice(b"<a/>"));
        }
        let mut left = &entries[..];
        for record in &records {
            let Ok(Some(Entry::Case(case))) = take(&mut left) else { panic!("a case is missing") };
            assert_eq!(
                (case.id, case.status, case.start, case.stop),
                (record.test_id.as_bytes(), record.status, record.start, record.stop)
            );
            assert_eq!((case.class, case.name), (1, record.test_id.len()));
            assert!(case.tags.eq(record.tags.as_tags().bytes()));
            assert!(matches!(take(&mut left), Ok(Some(Entry::Xml(b"<a/>")))));
        }
        assert!(matches!(take(&mut left), Ok(None)));
    }

    #[test]
    fn half_an_entry_is_an_error() {
        let mut entries = Vec::new();
        push_case(&mut entries, &TestRecord::default(), (0, 0));
        for length in 1..entries.len() {
            assert!(take(&mut &entries[..length]).is_err());
        }
    }
}
