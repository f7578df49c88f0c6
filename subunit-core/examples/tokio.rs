//! The same decoder under tokio: `cargo run --features tokio --example tokio < run.subunit`
use std::io::Write;

use subunit_core::{Codec, ItemBuf};
use tokio_stream::StreamExt;
use tokio_util::codec::FramedRead;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let mut items = FramedRead::new(tokio::io::stdin(), Codec::default());
    let mut out = std::io::stdout();
    while let Some(item) = items.next().await {
        match item? {
            ItemBuf::Packet(packet) => {
                let packet = packet.as_packet();
                let event = packet.event();
                writeln!(out, "{:?} {:?}", event.test_id, event.status)?;
            }
            other => writeln!(out, "{other:?}")?,
        }
    }
    Ok(())
}
