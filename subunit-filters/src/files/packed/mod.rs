//! Inputs that gzip or zstd has packed, read as what they hold. Their first bytes tell, not their names.

mod archive;
mod gzip;
mod reader;
mod source;
mod zstd;

use std::io;

use archive::{Archive, Fault};
use gzip::Gzip;
pub(crate) use reader::UnpackingReader;
pub(crate) use source::Unpacked;
use zstd::Zstd;

/// What an input may be packed by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Packing {
    Gzip,
    Zstd,
}

impl Packing {
    const ALL: [Self; 2] = [Self::Gzip, Self::Zstd];

    /// What such an input begins with. The file of a run in a history begins with a frame of zstd that says nothing to
    /// others.
    fn magics(self) -> &'static [&'static [u8]] {
        match self {
            Self::Gzip => &[b"\x1f\x8b"],
            Self::Zstd => &[b"\x28\xb5\x2f\xfd", b"\x53\x2a\x4d\x18"],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    fn archive(self) -> Box<dyn Archive + Send> {
        match self {
            Self::Gzip => Box::new(Gzip::default()),
            Self::Zstd => Box::new(Zstd::default()),
        }
    }
}

/// What the first bytes of an input tell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Begin {
    Packed(Packing),
    /// More bytes are needed to tell.
    Unclear,
    Plain,
}

fn begin(bytes: &[u8]) -> Begin {
    let begins = |one: &Packing| one.magics().iter().any(|magic| bytes.starts_with(magic));
    if let Some(packing) = Packing::ALL.into_iter().find(begins) {
        return Begin::Packed(packing);
    }
    match Packing::ALL.iter().any(|one| one.magics().iter().any(|magic| magic.starts_with(bytes))) {
        true => Begin::Unclear,
        false => Begin::Plain,
    }
}

/// Why no more is read of a packed input.
#[derive(Debug, thiserror::Error)]
#[error("the {} archive {}", packing.name(), said(fault, *after))]
pub(crate) struct Torn {
    packing: Packing,
    fault: Fault,
    /// So many bytes were unpacked.
    after: u64,
}

fn said(fault: &Fault, after: u64) -> String {
    match fault {
        Fault::Early => format!("ends early, after {after} bytes of its content"),
        Fault::Damaged => format!("is damaged, after {after} bytes of its content"),
        Fault::Refused(why) => format!("is not unpacked: {why}"),
    }
}

impl Torn {
    /// Whether an error says this.
    pub(crate) fn is(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }
}

/// Packed bytes in, what they hold out.
///
/// Memory: a block that is not whole, and what it takes to look back: 32 KiB for gzip, for zstd what the archive says,
/// up to 128 MiB.
struct Unpacker {
    packing: Packing,
    archive: Box<dyn Archive + Send>,
    packed: Vec<u8>,
    /// Up to here they are done with.
    taken: usize,
    plain: Vec<u8>,
    after: u64,
    /// Whether there is more to unpack, before there is more that is packed.
    has_more: bool,
    ended: bool,
    /// Whether a fault was reported.
    over: bool,
    fault: Option<Fault>,
}

impl Unpacker {
    /// For an input that begins with these bytes.
    fn new(packing: Packing, packed: Vec<u8>) -> Self {
        let archive = packing.archive();
        let (plain, fault) = (Vec::new(), None);
        let (taken, after, has_more, ended, over) = (0, 0, true, false, false);
        Self { packing, archive, packed, taken, plain, after, has_more, ended, over, fault }
    }

    /// More bytes; none is the end of the input.
    fn push(&mut self, bytes: &[u8]) {
        if self.over {
            return;
        }
        self.packed.drain(..self.taken);
        self.taken = 0;
        self.packed.extend_from_slice(bytes);
        self.ended |= bytes.is_empty();
        self.has_more = true;
    }

    /// The next bytes of what is packed; none where it takes more, or at the end.
    fn next(&mut self) -> Result<&[u8], Torn> {
        self.plain.clear();
        while self.plain.is_empty() && self.has_more && self.fault.is_none() {
            let packed = self.packed.get(self.taken..).unwrap_or_default();
            match self.archive.unpack(packed, &mut self.plain) {
                Ok(taken) => {
                    self.taken += taken;
                    self.has_more = taken > 0 || !self.plain.is_empty();
                }
                Err(fault) => self.stop(fault),
            }
        }
        if self.plain.is_empty() && self.ended && self.fault.is_none() {
            let is_whole = self.archive.is_whole() && self.taken == self.packed.len();
            if !is_whole {
                self.stop(Fault::Early);
            }
        }
        if self.plain.is_empty() && self.fault.is_some() {
            // What follows the fault is known already.
            let _ = self.archive.unpack(&[], &mut self.plain);
        }
        if self.plain.is_empty() {
            let (packing, after) = (self.packing, self.after);
            return self.told().map_or(Ok(&[]), |fault| Err(Torn { packing, fault, after }));
        }
        self.after += self.plain.len() as u64;
        Ok(&self.plain)
    }

    fn stop(&mut self, fault: Fault) {
        self.archive.let_go();
        self.fault = Some(fault);
    }

    /// What is wrong, once; what follows is not looked at.
    fn told(&mut self) -> Option<Fault> {
        let fault = self.fault.take()?;
        self.over = true;
        (self.has_more, self.ended, self.packed) = (false, false, Vec::new());
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// What `pieces` of this many bytes hold, and what is wrong with them.
    fn unpacked(packing: Packing, packed: &[u8], size: usize) -> (Vec<u8>, Option<String>) {
        let mut unpacker = Unpacker::new(packing, Vec::new());
        let mut plain = Vec::new();
        for piece in packed.chunks(size).chain([&b""[..]]) {
            unpacker.push(piece);
            loop {
                match unpacker.next() {
                    Ok(b"") => break,
                    Ok(bytes) => plain.extend_from_slice(bytes),
                    Err(torn) => return (plain, Some(torn.to_string())),
                }
            }
        }
        (plain, None)
    }

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::GzBuilder::new()
            .filename("run")
            .comment("of it")
            .extra("xyz")
            .write(Vec::new(), flate2::Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(content: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
    }

    /// Text of several blocks.
    fn content() -> Vec<u8> {
        (0..40_000)
            .flat_map(|n: u32| format!("{} line {n}\n", n.wrapping_mul(2_654_435_761)).into_bytes())
            .collect()
    }

    fn packed(packing: Packing, content: &[u8]) -> Vec<u8> {
        match packing {
            Packing::Gzip => gzip(content),
            Packing::Zstd => zstd(content),
        }
    }

    #[test]
    fn archives_one_after_the_other_are_read_however_they_are_cut() {
        let content = content();
        for packing in Packing::ALL {
            let all =
                [&packed(packing, &content)[..], &packed(packing, b""), &packed(packing, b"last")];
            let all = all.concat();
            assert_eq!(begin(&all), Begin::Packed(packing));
            let whole = [&content[..], b"last"].concat();
            for size in [61, 4096, all.len()] {
                let (plain, wrong) = unpacked(packing, &all, size);
                assert!(plain == whole, "{packing:?}, {size}: {} bytes", plain.len());
                assert_eq!(wrong, None, "{packing:?}, {size}");
            }
        }
    }

    #[test]
    fn what_is_cut_short_or_damaged_is_told_after_what_it_holds() {
        let content = content();
        for packing in Packing::ALL {
            let whole = packed(packing, &content);
            for kept in [3, 11, whole.len() / 2, whole.len() - 1] {
                let (plain, wrong) = unpacked(packing, &whole[..kept], 1000);
                assert!(content.starts_with(&plain) && plain.len() < content.len() + 1);
                let wrong = wrong.unwrap();
                let said = format!("ends early, after {} bytes", plain.len());
                assert!(wrong.contains(&said), "{packing:?}, {kept}: {wrong}");
                assert!(kept < 1000 || plain.len() * 4 > content.len(), "{packing:?}: {wrong}");
            }
            let mut damaged = whole.clone();
            let middle = whole.len() / 2;
            damaged[middle..middle + 100].fill(0xff);
            let (plain, wrong) = unpacked(packing, &damaged, 1000);
            let wrong = wrong.unwrap();
            assert!(wrong.contains("is damaged, after "), "{packing:?}: {wrong}");
            // What was decoded beside the damage may be wrong.
            let sound = content.iter().zip(&plain).take_while(|(one, other)| one == other).count();
            assert!(sound * 4 > content.len(), "{packing:?}: {sound} of {}", plain.len());
            let (_, wrong) = unpacked(packing, &[&whole[..], b"more"].concat(), 1000);
            assert!(wrong.unwrap().contains("is damaged"), "{packing:?}");
        }
    }

    #[test]
    fn a_wrong_checksum_is_damage() {
        for packing in Packing::ALL {
            let mut whole = packed(packing, b"a line\n");
            let place = if packing == Packing::Gzip { whole.len() - 8 } else { whole.len() - 4 };
            whole[place] ^= 1;
            let (plain, wrong) = unpacked(packing, &whole, 100);
            assert_eq!(plain, b"a line\n");
            assert!(wrong.unwrap().contains("is damaged"), "{packing:?}");
        }
    }

    #[test]
    fn zeros_after_an_archive_of_gzip_and_frames_to_skip_of_zstd_are_none() {
        let padded = [&gzip(b"a")[..], &[0; 700]].concat();
        assert_eq!(unpacked(Packing::Gzip, &padded, 100), (b"a".to_vec(), None));
        let skipped = b"\x53\x2a\x4d\x18\x1e\0\0\0thirty bytes of something else";
        let skipped = [&zstd(b"a")[..], skipped, &zstd(b"b")].concat();
        for size in [1, 100] {
            assert_eq!(unpacked(Packing::Zstd, &skipped, size), (b"ab".to_vec(), None));
        }
        // As the file of a run that has nothing in it.
        let only = b"\x53\x2a\x4d\x18\x02\0\0\0{}\x54\x2a\x4d\x18\0\0\0\0";
        for size in [1, 100] {
            assert_eq!(unpacked(Packing::Zstd, only, size), (Vec::new(), None));
        }
        let (_, wrong) = unpacked(Packing::Zstd, &only[..9], 100);
        assert!(wrong.unwrap().contains("ends early, after 0 bytes"));
    }

    #[test]
    fn a_window_beyond_the_limit_is_named() {
        let (_, wrong) =
            unpacked(Packing::Zstd, b"\x28\xb5\x2f\xfd\0\xa0\x01\0\0\0\0\0\0\0\0\0\0\0\0", 100);
        let wrong = wrong.unwrap();
        assert!(wrong.contains("is not unpacked: ") && wrong.contains("zstd -dc"), "{wrong}");
    }

    #[test]
    fn what_an_input_begins_with_tells() {
        for bytes in [&b""[..], b"\x1f", b"\x28", b"\x28\xb5\x2f", b"S*"] {
            assert_eq!(begin(bytes), Begin::Unclear);
        }
        assert_eq!(begin(b"\x53\x2a\x4d\x18{}"), Begin::Packed(Packing::Zstd));
        for bytes in [&b"\xb3"[..], b"(a)", b"S*M!", b"\x28\xb5a", b"\x1f\x8c", b"1..1\n"] {
            assert_eq!(begin(bytes), Begin::Plain);
        }
    }
}
