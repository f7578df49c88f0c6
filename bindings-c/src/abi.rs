//! Checks that the structs are what the header says: both sides are compared with `tests/abi.txt`.

#![cfg(test)]

use std::{fmt::Write as _, mem::offset_of};

use crate::{
    event::CEvent,
    options::COptions,
    parser::{CCallbacks, CItem},
};

macro_rules! layout {
    ($out:ident, $name:literal, $type:ty, $($field:ident)+) => {
        writeln!($out, "{} {} {}", $name, size_of::<$type>(), align_of::<$type>()).unwrap();
        $(writeln!($out, "{}.{} {}", $name, stringify!($field), offset_of!($type, $field)).unwrap();)+
    };
}

#[test]
#[cfg(target_pointer_width = "64")]
fn structs_are_as_listed() {
    let mut out = String::new();
    layout!(out, "subunit_event", CEvent,
        struct_size flags status sec nsec reserved test_id tags tag_count file_name file_bytes
        file_size mime_type route_code);
    layout!(out, "subunit_writer_options", COptions,
        struct_size flags max_packet route_code tags tag_count);
    layout!(out, "subunit_item", CItem,
        struct_size kind damage offset bytes size event message);
    layout!(out, "subunit_callbacks", CCallbacks, struct_size event text damage);
    assert_eq!(out, include_str!("../tests/abi.txt"));
}
