//! What inputs say and what comes from upstream, as the bytes of the target choose.

use subunit_core::{EventBuf, FileChunkBuf, RouteCode, RouteCodeBuf, fuzzing::Choices};

/// Names of inputs.
pub(super) const NAMES: [&str; 4] = ["0", "1", "a name", ""];

pub(super) fn packet(event: &EventBuf) -> Vec<u8> {
    let mut packet = Vec::new();
    event.encode(&mut packet).expect("chosen to fit the wire");
    packet
}

/// An event of an input.
pub(super) fn said(choices: &mut Choices<'_>) -> EventBuf {
    let mut event = choices.event();
    // Few ids, so that tests begin and end.
    let few = choices.below(8);
    if few > 0 || event.test_id.is_none() {
        event.test_id = Some(few.to_string());
    }
    event
}

pub(super) fn torn(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut packet = packet(&said(choices));
    packet.truncate(choices.index(packet.len()));
    packet
}

/// What a leaf says that takes tests.
pub(super) fn capabilities() -> Vec<u8> {
    let file = FileChunkBuf { name: "capabilities".into(), bytes: (&b"tests"[..]).into() };
    packet(&EventBuf { file: Some(file), ..EventBuf::default() })
}

/// Something from upstream: packets for inputs and for what is below them, and bytes that are no packet.
pub(super) fn order(choices: &mut Choices<'_>) -> Vec<u8> {
    let kind = choices.below(8);
    let mut event = choices.event();
    let name = RouteCodeBuf::new(NAMES[choices.below(NAMES.len())]);
    match kind {
        0 => return choices.bytes().to_vec(),
        1 => return torn(choices),
        2 => {}
        3 => event.route_code = Some(name.join(Some(RouteCode::new("2")))),
        _ => event.route_code = Some(name),
    }
    if kind > 5 {
        event.file = Some(FileChunkBuf { name: "stdin".into(), bytes: choices.content().into() });
    }
    packet(&event)
}
