//! One body for each format that is read.

use subunit_core::fuzzing::{Log, cuts, reads_the_same, survives};

use crate::{
    FormatReader, automake::AutomakeReader, cargo::CargoReader, ctrf::CtrfReader,
    dejagnu::DejagnuReader, gojson::GoJsonReader, junit::JunitReader, libtest::LibtestReader,
    lit::LitReader, nunit::NunitReader, reportlog::ReportLogReader, tap::TapReader,
    teamcity::TeamCityReader, trx::TrxReader, xunit::XunitReader,
};

/// A reader of lines: what holds for every reader, and a line that is none of the format's comes out.
macro_rules! lines {
    ($($name:ident: $reader:ident,)*) => {$(
        #[doc = concat!("[`", stringify!($reader), "`]")]
        pub fn $name(input: &[u8]) {
            reads(input, $reader::new);
            survives(input, |pieces| log($reader::new(), pieces));
        }
    )*};
}

/// A reader of documents, in which blanks and what no reader knows have no meaning.
macro_rules! documents {
    ($($name:ident: $reader:ident,)*) => {$(
        #[doc = concat!("[`", stringify!($reader), "`]")]
        pub fn $name(input: &[u8]) {
            reads(input, $reader::new);
        }
    )*};
}

lines! {
    tap: TapReader,
    gojson: GoJsonReader,
    libtest: LibtestReader,
    cargo: CargoReader,
    reportlog: ReportLogReader,
    teamcity: TeamCityReader,
    dejagnu: DejagnuReader,
    automake: AutomakeReader,
    lit: LitReader,
}

documents! {
    junit: JunitReader,
    ctrf: CtrfReader,
    trx: TrxReader,
    nunit: NunitReader,
    xunit: XunitReader,
}

/// The same events however the input is cut, all of which fit the wire, and no test left open.
fn reads<R: FormatReader>(input: &[u8], new: fn() -> R) {
    let whole = reads_the_same(input, |pieces| log(new(), pieces));
    assert_eq!(whole.counts().unfinished, 0, "{:?}", whole.said());
    pauses(input, new());
}

fn log(mut reader: impl FormatReader, pieces: &[&[u8]]) -> Log {
    let mut log = Log::default();
    for piece in pieces {
        let _ = reader.feed(piece, &mut log);
    }
    let _ = reader.finish(&mut log);
    log
}

/// An input that pauses anywhere: nothing is left open at its end either.
fn pauses(input: &[u8], mut reader: impl FormatReader) {
    let [_, _, small, _] = cuts(input);
    let mut log = Log::default();
    for piece in small {
        let _ = reader.feed(piece, &mut log);
        let _ = reader.settle(&mut log);
    }
    let _ = reader.finish(&mut log);
    assert_eq!(log.counts().unfinished, 0, "with pauses: {:?}", log.said());
}
