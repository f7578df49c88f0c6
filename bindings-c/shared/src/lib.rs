//! What the new C library and the drop-in for the old one have in common: packets without allocation,
//! whole writes, C's stdout, errno, and panics that stay inside.
//!
//! All rooms of `bindings-c` keep two rules: no lock is held across a call and nothing is kept back, so
//! that a process may fork at any moment; and no entry lets a panic out.

#![deny(unsafe_op_in_unsafe_fn)]
#![deny(clippy::undocumented_unsafe_blocks)]

mod c_text;
mod errno;
mod output;
mod packets;
mod panic;
mod text;
pub mod v1;

pub use c_text::CText;
pub use errno::Errno;
pub use output::{
    append_to, close, environment, identity, is_open, is_terminal, stdout_descriptor, write_stderr,
    write_stdout, write_whole,
};
pub use packets::{CTags, NoMemory, PIPE_LIMIT, Refused, packets, with_buffer};
pub use panic::guard;
pub use text::{TEXT_TYPE, escaped, text_type};
