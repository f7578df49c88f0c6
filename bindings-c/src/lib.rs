//! The C library of subunit. `include/subunit.h` documents every function, type and field.
//!
//! Everything that is exported goes through `guard`, which keeps panics inside and errno as it was; turns
//! pointers into references and strings, which is where unsafe code is; and calls safe code.

#![deny(unsafe_op_in_unsafe_fn)]
#![deny(clippy::undocumented_unsafe_blocks)]

mod abi;
mod error;
mod event;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod handle;
mod open;
mod options;
mod parser;
mod scratch;
mod version;
mod writer;

// The static library holds the old functions as well.
#[cfg(feature = "drop-in")]
use subunit as _;
