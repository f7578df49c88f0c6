//! Descriptors that commands inherit beside their standard streams.

mod digit;
mod result_pipe;
mod test_pipe;

pub use self::{
    result_pipe::{RESULT_FD, ResultPipe, ResultSlot},
    test_pipe::{TestFeed, TestPipe, TestSlot},
};
