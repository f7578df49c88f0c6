//! Other formats to streams.

pub(super) mod converting;
pub(super) mod from_jsonl;
pub(super) mod from_log;
pub(super) mod one_to_two;
pub(super) mod reading;
