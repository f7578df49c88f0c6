//! Writes a stream of known shape: what the measurements read.
//!
//! ```text
//! corpora KIND [--packets N] [--seed S] [--damage RATE] [--mode MODE] -o FILE
//! ```
//!
//! KIND is `small`, `listing`, `mixed`, `attach`, `open`, `tap` or `v1`: see `tests/src/corpus`. MODE is `flip`, `del`,
//! `ins`, `torn`, `trunc` or `mix`; RATE is the probability that a byte is hit.
#![allow(clippy::print_stdout, reason = "an example")]

use std::{
    error::Error,
    fs::File,
    io::{BufWriter, Write},
    str::FromStr,
};

use subunit_tests::corpus::{self, Damage, Kind, Mode};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let kind: Kind = arguments.next().ok_or("which kind of stream?")?.parse()?;
    let (mut packets, mut seed, mut rate, mut mode) = (1_000_000, 1, 0.0, Mode::Flip);
    let mut path = None;
    while let Some(flag) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{flag} needs a value"))?;
        match &*flag {
            "--packets" => packets = parse(&value)?,
            "--seed" => seed = parse(&value)?,
            "--damage" => rate = parse(&value)?,
            "--mode" => mode = value.parse()?,
            "-o" => path = Some(value),
            _ => return Err(format!("{flag} is no flag").into()),
        }
    }
    let damage = (rate > 0.0).then(|| Damage::new(mode, rate, seed));
    let path = path.ok_or("where to? -o FILE")?;
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&path)?);
    let intact = corpus::write(kind, packets, seed, damage, &mut out)?;
    out.flush()?;
    let unhurt = intact.iter().filter(|intact| **intact).count();
    println!("{path}: {unhurt} intact packets of {}", intact.len());
    Ok(())
}

fn parse<T: FromStr<Err: Error + 'static>>(value: &str) -> Result<T, Box<dyn Error>> {
    Ok(value.parse()?)
}
