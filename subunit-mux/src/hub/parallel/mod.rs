//! Several inputs at a time, on a second processor.
//!
//! Inputs know nothing of each other. So some are lent to another thread with the bytes that they were
//! filled with, and come back with what they say. Only the outbox is shared: each thread has one, and the
//! second is appended to the first. The output is the same, in the same order, as with one input after the
//! other.

mod work;

use subunit_core::background::BackgroundThread;

pub(super) use self::work::ParallelInputs;
use self::work::Work;
use super::{Hub, InputId, Moment, Outbox};

/// Fewer bytes are read before another thread would have begun.
const MANY: usize = 128 * 1024;

impl Hub {
    /// As [`Hub::filled`] for several inputs, each once. If there are many bytes, a second thread reads
    /// half of them.
    pub fn filled_all(&mut self, filled: &[(InputId, usize)], now: Moment, out: &mut Outbox) {
        let (ours, theirs) = filled.split_at(half(filled));
        let helps = self.lend(theirs, now);
        for (id, length) in if helps { ours } else { filled } {
            self.filled(*id, *length, now, out);
        }
        if helps {
            self.take_back(out);
        }
    }

    /// Lends inputs to the helper; whether there is one.
    fn lend(&mut self, filled: &[(InputId, usize)], now: Moment) -> bool {
        if filled.is_empty() {
            return false;
        }
        let helper = self.parallel.helper.get_or_init(|| {
            let options = self.options.clone();
            BackgroundThread::start(move |work: &mut Work| work.run(&options))
        });
        let Some(helper) = helper else { return false };
        let mut turns = Vec::with_capacity(filled.len());
        for (id, length) in filled {
            turns.extend(self.inputs.remove(id).map(|input| (*id, input, *length)));
        }
        self.parallel.lent = true;
        let (begun, out) = (self.begun, std::mem::take(&mut self.parallel.beside));
        helper.begin(Work { now, begun, turns, out });
        true
    }

    /// Takes back what was lent to the helper, and what came of it.
    fn take_back(&mut self, out: &mut Outbox) {
        let Some(Some(helper)) = self.parallel.helper.get() else { return };
        let mut work = helper.finish();
        out.append(&mut work.out);
        self.parallel.beside = work.out;
        self.parallel.lent = false;
        let ids: Vec<_> = work.turns.iter().map(|(id, ..)| *id).collect();
        self.inputs.extend(work.turns.into_iter().map(|(id, input, _)| (id, input)));
        for id in ids {
            self.take_damage(id);
            self.settle_tests(id, out);
        }
        self.hand_out(out);
    }
}

/// Where to cut the list so that about half of the bytes come before; at the end if that is not worth it.
fn half(filled: &[(InputId, usize)]) -> usize {
    let all: usize = filled.iter().map(|(_, length)| length).sum();
    if all < MANY {
        return filled.len();
    }
    let mut sum = 0;
    let half = filled.iter().position(|(_, length)| {
        sum += length;
        2 * sum >= all
    });
    half.map_or(filled.len(), |last| last + 1)
}

#[cfg(test)]
mod tests {
    use subunit_core::{Event, Status};

    use super::*;
    use crate::Ending;

    /// Packets of a worker, text, and damage.
    fn stream(worker: usize) -> Vec<u8> {
        let mut stream = Vec::new();
        for nth in 0..3000 {
            let test_id = format!("worker {worker}, test {nth}");
            Event::status(&test_id, Status::InProgress).encode(&mut stream).unwrap();
            if nth % 100 == worker {
                stream.extend_from_slice(b"text\n\xb3\x29\x01\x0c\x03foo!!!!!");
            }
            Event::status(&test_id, Status::Success).encode(&mut stream).unwrap();
        }
        stream
    }

    #[test]
    fn inputs_say_side_by_side_what_they_say_one_after_the_other() {
        const WORKERS: usize = 5;
        let (mut one, mut other, now) = (Hub::default(), Hub::default(), Moment::default());
        let (mut out, mut other_out) = (Outbox::new(), Outbox::new());
        let ids: Vec<_> =
            (0..WORKERS).map(|worker| one.attach(&worker.to_string()).unwrap()).collect();
        (0..WORKERS).for_each(|worker| _ = other.attach(&worker.to_string()).unwrap());
        let streams: Vec<_> = (0..WORKERS).map(stream).collect();
        // The first pieces are worth a helper, the last are not.
        for size in [64 * 1024, 1000].map(|size| size / WORKERS * WORKERS) {
            let mut filled = Vec::new();
            for (id, stream) in ids.iter().zip(&streams) {
                let piece = stream.get(..size).unwrap_or(stream);
                one.space(*id, piece.len()).unwrap()[..piece.len()].copy_from_slice(piece);
                filled.push((*id, piece.len()));
                other.feed(*id, Default::default(), piece, now, &mut other_out);
            }
            one.filled_all(&filled, now, &mut out);
            assert_eq!(out.as_bytes(), other_out.as_bytes());
        }
        for id in ids {
            one.detach(id, Ending::Gone { cause: "the end" }, now, &mut out);
            other.detach(id, Ending::Gone { cause: "the end" }, now, &mut other_out);
        }
        assert_eq!(out.as_bytes(), other_out.as_bytes());
        assert_eq!(one.take_reports().len(), other.take_reports().len());
        assert_eq!(one.verdict(), other.verdict());
    }

    #[test]
    fn about_half_of_the_bytes_are_in_front() {
        let id = Hub::default().attach("0").unwrap();
        let cut = |lengths: &[usize]| {
            half(&lengths.iter().map(|length| (id, *length)).collect::<Vec<_>>())
        };
        assert_eq!(cut(&[]), 0);
        assert_eq!(cut(&[MANY]), 1, "there is nothing for anyone else");
        assert_eq!(cut(&[MANY / 4, MANY / 4, MANY / 4]), 3, "it is not worth it");
        assert_eq!(cut(&[MANY, MANY, MANY, MANY]), 2);
        assert_eq!(cut(&[MANY, 1, 1]), 1);
        assert_eq!(cut(&[1, 1, MANY]), 3);
    }
}
