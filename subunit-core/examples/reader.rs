//! Reads a stream and prints what fails: `cargo run --example reader < run.subunit`
use std::io::{Write, stdin, stdout};

use subunit_core::{Item, Reader, Status};

fn main() -> std::io::Result<()> {
    let mut out = stdout().lock();
    let mut reader = Reader::new(stdin().lock());
    while let Some(decoder) = reader.fill()? {
        while let Some(item) = decoder.next_item() {
            match item {
                Item::Packet(packet) if packet.event().status == Some(Status::Fail) => {
                    writeln!(out, "failed: {}", packet.event().test_id.unwrap_or("(no id)"))?;
                }
                Item::Packet(_) => {}
                Item::Text(text) => out.write_all(text)?,
                Item::Damage(damage) => writeln!(out, "{damage}")?,
            }
        }
        out.flush()?;
    }
    Ok(())
}
