//! Values of options that are words, which shells complete.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};

/// Parses as `parser` does, messages and all, and offers the words that `words` gives.
pub(crate) fn offering<P: TypedValueParser>(
    parser: P,
    words: fn() -> Vec<&'static str>,
) -> impl TypedValueParser<Value = P::Value> {
    Offering { parser, words }
}

#[derive(Clone)]
struct Offering<P> {
    parser: P,
    words: fn() -> Vec<&'static str>,
}

impl<P: TypedValueParser> TypedValueParser for Offering<P> {
    type Value = P::Value;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<P::Value, clap::Error> {
        self.parser.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.words)().into_iter().map(PossibleValue::new)))
    }
}
