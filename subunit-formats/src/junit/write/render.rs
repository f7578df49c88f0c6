//! Entries to XML, batch by batch, on two processors where there are.

use std::{
    io::{self, Write},
    sync::Arc,
};

use subunit_core::background::BackgroundThread;

use super::{
    element::Renderer,
    spool::entries::{self, Entry},
};
use crate::junit::options::JunitOptions;

/// As many bytes of entries make a batch, or a few more.
pub(super) const BATCH: usize = 256 << 10;

/// Writes what `fill` puts into one batch after the other, until that is nothing. Memory: two batches, and
/// what is written of them.
pub(super) fn write(
    options: &Arc<JunitOptions>,
    mut fill: impl FnMut(&mut Vec<u8>) -> io::Result<()>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (mut first, mut second) = (Batch::default(), Batch::default());
    let mut helper = None;
    loop {
        fill(&mut first.entries)?;
        if first.entries.is_empty() {
            return Ok(());
        }
        if first.entries.len() < BATCH {
            // It is the last one.
            first.render(options);
            first.write(out)?;
            continue;
        }
        let helper = helper.get_or_insert_with(|| {
            let options = Arc::clone(options);
            BackgroundThread::start(move |batch: &mut Batch| batch.render(&options))
        });
        let Some(helper) = helper else {
            first.render(options);
            first.write(out)?;
            continue;
        };
        helper.begin(first);
        let filled = fill(&mut second.entries);
        second.render(options);
        first = helper.finish();
        first.write(out)?;
        filled?;
        second.write(out)?;
    }
}

#[derive(Default)]
struct Batch {
    entries: Vec<u8>,
    xml: Vec<u8>,
    /// What is wrong with the entries.
    error: Option<io::Error>,
}

impl Batch {
    /// Makes XML of the entries.
    fn render(&mut self, options: &JunitOptions) {
        self.xml.clear();
        self.error = render(&self.entries, options, &mut self.xml).err();
    }

    fn write(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.error.take().map_or(Ok(()), Err)?;
        self.entries.clear();
        out.write_all(&self.xml)
    }
}

fn render(mut entries: &[u8], options: &JunitOptions, xml: &mut Vec<u8>) -> io::Result<()> {
    while let Some(entry) = entries::take(&mut entries)? {
        match entry {
            Entry::Xml(finished) => xml.extend_from_slice(finished),
            Entry::Case(case) => Renderer::new(xml, options).case_without_files(&case),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use subunit_core::{Status, sink::TestRecord};

    use super::*;

    #[test]
    fn batches_are_written_side_by_side_as_one_after_the_other() {
        let entries: Vec<Vec<u8>> = (0..40)
            .map(|nth| {
                let mut entries = Vec::new();
                while entries.len() < nth % 3 * BATCH / 2 {
                    let test_id = format!("a::b{nth} {}", entries.len());
                    let status = Some(if nth % 2 == 0 { Status::Skip } else { Status::Success });
                    entries::push_case(
                        &mut entries,
                        &TestRecord { test_id, status, ..TestRecord::default() },
                        (1, 2),
                    );
                }
                entries
            })
            .collect();
        let options = Arc::new(JunitOptions::default());
        let (mut expected, mut written) = (Vec::new(), Vec::new());
        render(&entries.concat(), &options, &mut expected).unwrap();
        let mut left = entries.iter();
        let fill = |batch: &mut Vec<u8>| {
            while batch.len() < BATCH
                && let Some(next) = left.next()
            {
                batch.extend_from_slice(next);
            }
            Ok(())
        };
        write(&options, fill, &mut written).unwrap();
        assert!(expected.len() > 20 * BATCH && written == expected);
    }

    #[test]
    fn what_is_wrong_with_any_batch_is_said() {
        for broken in 0..5 {
            let mut nth = 0;
            let fill = |batch: &mut Vec<u8>| {
                if nth < 4 {
                    entries::push_xml(batch, |xml| xml.resize(BATCH, b'a'));
                }
                if nth == broken {
                    batch.push(0);
                }
                nth += 1;
                Ok(())
            };
            assert!(write(&Arc::default(), fill, &mut Vec::new()).is_err(), "{broken}");
        }
    }
}
