#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod auto;
mod dotnet;
pub mod events;
#[doc(hidden)]
pub mod files;
pub mod format;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod junit;
#[cfg(test)]
mod log;
pub mod reader;
pub mod report;
mod subunit_v1;
pub mod tap;
pub mod text;

/// Formats in XML of one runner each.
mod xml {
    pub(crate) mod boost;
    pub(crate) mod catch2;
    pub(crate) mod cppunit;
    pub(crate) mod ctest;
    pub(crate) mod doctest;
    pub(crate) mod qttest;
    pub(crate) mod reader;
    pub(crate) mod robot;
    pub(crate) mod testng;
}

/// What CI services look for in a log.
pub mod ci {
    pub mod github;
    pub mod gitlab;
    pub mod rdjsonl;
    pub mod teamcity;
}

/// What runners print for people.
pub mod consoles {
    pub mod automake;
    pub mod cargo;
    pub mod dejagnu;
    pub mod lit;
    mod machine;

    /// Of scenarios in plain words.
    pub(crate) mod behaviour {
        pub(crate) mod behave;
        pub(crate) mod cucumber;
        pub(crate) mod robot;
    }

    /// Of programs that are compiled.
    pub(crate) mod compiled {
        pub(crate) mod boost;
        pub(crate) mod catch2;
        pub(crate) mod ctest;
        pub(crate) mod doctest;
        pub(crate) mod dotnet;
        pub(crate) mod go;
        pub(crate) mod gtest;
        pub(crate) mod meson;
        pub(crate) mod nextest;
        pub(crate) mod qttest;
    }

    /// Of Elixir.
    pub(crate) mod elixir {
        pub(crate) mod exunit;
    }

    /// Of JavaScript.
    pub(crate) mod javascript {
        pub(crate) mod ava;
        pub(crate) mod bun;
        pub(crate) mod deno;
        pub(crate) mod jasmine;
        pub(crate) mod jest;
        pub(crate) mod mocha;
        pub(crate) mod node;
        pub(crate) mod playwright;
        pub(crate) mod vitest;
    }

    /// Of PHP.
    pub(crate) mod php {
        pub(crate) mod phpunit;
    }

    /// Of Java and its like.
    pub(crate) mod jvm {
        pub(crate) mod gradle;
        pub(crate) mod instrumentation;
        pub(crate) mod junit_console;
        pub(crate) mod surefire;
        pub(crate) mod testng;
    }

    /// Of Python.
    pub(crate) mod python {
        pub(crate) mod pytest;
        pub(crate) mod unittest;
    }

    /// Of Ruby.
    pub(crate) mod ruby {
        pub(crate) mod minitest;
        pub(crate) mod rspec;
        pub(crate) mod testunit;
    }

    /// Of shells.
    pub(crate) mod shell {
        pub(crate) mod bats;
    }
}

/// Formats in JSON: a document, or a value a line.
pub mod json {
    pub mod ctrf;
    pub(crate) mod dart;
    pub(crate) mod document;
    pub mod gojson;
    pub mod jsonl;
    pub mod libtest;
    pub mod mocha;
    pub(crate) mod object_lines;
    pub mod reportlog;
    pub(crate) mod rspec;
    pub(crate) mod xcresult;

    /// Of scenarios in plain words.
    pub(crate) mod behaviour {
        pub(crate) mod cucumber;
        pub(crate) mod messages;
    }

    /// Of programs that are compiled.
    pub(crate) mod compiled {
        pub(crate) mod bazel;
        pub(crate) mod gtest;
        pub(crate) mod meson;
    }

    /// Of JavaScript.
    pub(crate) mod javascript {
        pub(crate) mod jest;
        pub(crate) mod mocha_document;
        pub(crate) mod playwright;
    }
}

/// Reports that people read.
pub mod pages {
    pub mod csv;
    pub mod html;
    pub mod markdown;
}

/// What happened when, for programs that draw it.
pub mod traces {
    pub mod otlp;
    pub mod perfetto;
}

pub use auto::read;
pub use dotnet::{nunit, trx, xunit};
pub use format::UnknownFormat;
pub use reader::FormatReader;
pub(crate) use subunit_core::text::{ansi, controls};

// The table. To add a format, add its module above, in the room it belongs to, and here its key and its row; the row stands in the
// module.
format::formats! {
    /// Version 2 of subunit.
    Subunit: format::Row::PACKETS,
    /// Version 1 of subunit: see [`subunit_core::v1`].
    SubunitV1: subunit_v1::ROW,
    /// Our own JSON Lines: see [`json::jsonl`].
    Jsonl: json::jsonl::ROW,
    /// See [`tap`].
    Tap: tap::ROW,
    /// The kernel's dialect of TAP: see [`tap`].
    Ktap: tap::KERNEL_ROW,
    /// See [`junit`].
    Junit: junit::ROW,
    /// See [`json::gojson`].
    Gojson: json::gojson::ROW,
    /// See [`json::libtest`].
    Libtest: json::libtest::ROW,
    /// What `cargo test` prints: see [`consoles::cargo`].
    Cargo: consoles::cargo::ROW,
    /// See [`json::reportlog`].
    Reportlog: json::reportlog::ROW,
    /// See [`ci::teamcity`].
    Teamcity: ci::teamcity::ROW,
    /// See [`json::ctrf`].
    Ctrf: json::ctrf::ROW,
    /// See [`trx`].
    Trx: trx::ROW,
    /// See [`nunit`].
    Nunit: nunit::ROW,
    /// See [`xunit`].
    Xunit: xunit::ROW,
    /// See [`consoles::dejagnu`].
    Dejagnu: consoles::dejagnu::ROW,
    /// See [`consoles::automake`].
    Automake: consoles::automake::ROW,
    /// See [`consoles::lit`].
    Lit: consoles::lit::ROW,
    /// See [`json::mocha`].
    Mocha: json::mocha::ROW,
    /// The JSON of jest and vitest.
    JestJson: json::javascript::jest::ROW,
    /// The JSON of Playwright Test.
    PlaywrightJson: json::javascript::playwright::ROW,
    /// The JSON of GoogleTest.
    GtestJson: json::compiled::gtest::ROW,
    /// The JSON of RSpec.
    RspecJson: json::rspec::ROW,
    /// The JSON of mocha.
    MochaJson: json::javascript::mocha_document::ROW,
    /// The JSON of cucumber and behave.
    CucumberJson: json::behaviour::cucumber::ROW,
    /// The messages of cucumber.
    CucumberMessages: json::behaviour::messages::ROW,
    /// The log of meson.
    MesonJson: json::compiled::meson::ROW,
    /// The build events of Bazel.
    Bazel: json::compiled::bazel::ROW,
    /// The JSON of Dart and Flutter.
    Dart: json::dart::ROW,
    /// The tests of an `.xcresult`.
    Xcresult: json::xcresult::ROW,
    /// What `am instrument -r` prints.
    Instrumentation: consoles::jvm::instrumentation::ROW,
    /// The output.xml of Robot Framework.
    RobotXml: xml::robot::ROW,
    /// The XML of Catch2.
    Catch2Xml: xml::catch2::ROW,
    /// The XML of doctest.
    DoctestXml: xml::doctest::ROW,
    /// The XML of Boost.Test.
    BoostXml: xml::boost::ROW,
    /// The XML of QtTest.
    QttestXml: xml::qttest::ROW,
    /// The results of TestNG.
    TestngXml: xml::testng::ROW,
    /// The results of CTest.
    CtestXml: xml::ctest::ROW,
    /// The XML of CppUnit.
    CppunitXml: xml::cppunit::ROW,
    /// What pytest prints: see [`consoles`].
    Pytest: consoles::python::pytest::ROW,
    /// What Python's unittest prints.
    Unittest: consoles::python::unittest::ROW,
    /// What `go test` prints.
    Go: consoles::compiled::go::ROW,
    /// What jest prints.
    Jest: consoles::javascript::jest::ROW,
    /// What vitest prints.
    Vitest: consoles::javascript::vitest::ROW,
    /// What a program of GoogleTest prints.
    Gtest: consoles::compiled::gtest::ROW,
    /// What CTest prints.
    Ctest: consoles::compiled::ctest::ROW,
    /// What RSpec prints.
    Rspec: consoles::ruby::rspec::ROW,
    /// What PHPUnit prints.
    Phpunit: consoles::php::phpunit::ROW,
    /// What mocha prints.
    MochaConsole: consoles::javascript::mocha::ROW,
    /// What `node --test` prints.
    Node: consoles::javascript::node::ROW,
    /// What a program of Catch2 prints.
    Catch2: consoles::compiled::catch2::ROW,
    /// What a program of doctest prints.
    Doctest: consoles::compiled::doctest::ROW,
    /// What bats prints.
    Bats: consoles::shell::bats::ROW,
    /// What `cargo nextest` prints.
    Nextest: consoles::compiled::nextest::ROW,
    /// What minitest prints.
    Minitest: consoles::ruby::minitest::ROW,
    /// What test-unit prints.
    TestUnit: consoles::ruby::testunit::ROW,
    /// What `deno test` prints.
    Deno: consoles::javascript::deno::ROW,
    /// What Maven prints of tests.
    Surefire: consoles::jvm::surefire::ROW,
    /// What Gradle prints of tests.
    Gradle: consoles::jvm::gradle::ROW,
    /// What `meson test` prints.
    Meson: consoles::compiled::meson::ROW,
    /// What Playwright Test prints.
    Playwright: consoles::javascript::playwright::ROW,
    /// What `bun test` prints.
    Bun: consoles::javascript::bun::ROW,
    /// What behave prints.
    Behave: consoles::behaviour::behave::ROW,
    /// What cucumber prints.
    Cucumber: consoles::behaviour::cucumber::ROW,
    /// What `dotnet test` prints.
    Dotnet: consoles::compiled::dotnet::ROW,
    /// What ExUnit prints.
    Exunit: consoles::elixir::exunit::ROW,
    /// What Robot Framework prints.
    Robot: consoles::behaviour::robot::ROW,
    /// What the console launcher of JUnit prints.
    JunitConsole: consoles::jvm::junit_console::ROW,
    /// What TestNG prints.
    Testng: consoles::jvm::testng::ROW,
    /// What jasmine prints.
    Jasmine: consoles::javascript::jasmine::ROW,
    /// What AVA prints.
    Ava: consoles::javascript::ava::ROW,
    /// What a program of QtTest prints.
    Qttest: consoles::compiled::qttest::ROW,
    /// What a program of Boost.Test prints.
    Boost: consoles::compiled::boost::ROW,
}

/// The reports that can be written, in the order of the flags. To add one, add its module above, and here its row.
pub const REPORTS: &[report::Row] = &[
    junit::REPORT,
    pages::html::REPORT,
    tap::REPORT,
    json::ctrf::REPORT,
    pages::csv::REPORT,
    json::jsonl::writer::REPORT,
    pages::markdown::REPORT,
    traces::perfetto::REPORT,
    traces::otlp::REPORT,
    ci::teamcity::REPORT,
    ci::github::REPORT,
    ci::gitlab::REPORT,
    ci::rdjsonl::REPORT,
];

impl Format {
    /// The word for the format, in `--from` and in the names of commands.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Whether the verb is made of the row.
    pub const fn has_verb(self) -> bool {
        !self.row().examples.is_empty()
    }

    /// A reader of the format; `None` for version 2 of subunit, which the core's decoder reads.
    pub fn reader(self) -> Option<Box<dyn FormatReader>> {
        self.row().reader.map(|new| new())
    }

    /// Whether two formats have lines in common.
    pub(crate) fn is_akin(self, other: Self) -> bool {
        let (row, others) = (self.row(), other.row());
        self == other || row.akin == others.name || others.akin == row.name
    }
}

impl std::str::FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|format| format.name() == word).ok_or(UnknownFormat)
    }
}
