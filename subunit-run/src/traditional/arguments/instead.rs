//! What is done instead of calling a verb.

/// What is done instead of calling a verb, which is a `V`.
#[derive(Debug)]
pub(in crate::traditional) enum Instead<V> {
    /// Show help for all.
    Overview,
    /// Show help for a verb.
    Help(V),
    /// Show the version.
    Version,
    /// There is no such verb.
    NoVerb(String),
    /// Something is wrong with the options of a verb, or with those before it.
    Misuse(Option<V>, String),
    /// These arguments are not taken.
    Unexpected(Vec<String>),
}
