//! What happens to streams: bytes change, vanish or come between.

use std::str::FromStr;

use crate::random::Random;

/// A way in which bytes go wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// One to eight bits change.
    Flip,
    /// A byte is missing.
    Delete,
    /// One to eight bytes come between.
    Insert,
    /// A line of another process comes between.
    Torn,
    /// A packet ends here: its writer was killed.
    Truncate,
    /// Each of these in turn.
    Mix,
}

impl Mode {
    /// All ways, with the words for them.
    pub const ALL: [(&str, Self); 6] = [
        ("flip", Self::Flip),
        ("del", Self::Delete),
        ("ins", Self::Insert),
        ("torn", Self::Torn),
        ("trunc", Self::Truncate),
        ("mix", Self::Mix),
    ];
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|(name, _)| *name == word);
        found.map(|(_, mode)| mode).ok_or_else(|| format!("{word} is no kind of damage"))
    }
}

/// Bytes that go wrong, each with the same probability.
#[derive(Clone, Debug)]
pub struct Damage {
    mode: Mode,
    rate: f64,
    random: Random,
    /// How many bytes pass unhurt before the next.
    unhurt: usize,
}

impl Damage {
    /// Damage that hits each byte with the probability `rate`.
    pub fn new(mode: Mode, rate: f64, seed: u64) -> Self {
        let mut damage = Self { mode, rate, random: Random::new(seed ^ 0xDA11A6E), unhurt: 0 };
        damage.unhurt = damage.gap();
        damage
    }

    /// Appends the bytes, or what becomes of them; whether they are unhurt.
    pub(super) fn apply(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) -> bool {
        let mut intact = true;
        while self.unhurt < bytes.len() {
            intact = false;
            let (before, [hit, after @ ..]) = bytes.split_at(self.unhurt) else { break };
            out.extend_from_slice(before);
            self.unhurt = self.gap();
            if !self.hit(*hit, out) {
                return false;
            }
            bytes = after;
        }
        self.unhurt -= bytes.len();
        out.extend_from_slice(bytes);
        intact
    }

    /// What becomes of one byte; whether anything follows it.
    fn hit(&mut self, byte: u8, out: &mut Vec<u8>) -> bool {
        let mode = match self.mode {
            Mode::Mix => {
                let all = [Mode::Flip, Mode::Delete, Mode::Insert, Mode::Torn, Mode::Truncate];
                self.random.pick(&all)
            }
            mode => mode,
        };
        match mode {
            Mode::Flip | Mode::Mix => out.push(byte ^ self.random.between(1, 255) as u8),
            Mode::Delete => {}
            Mode::Insert => {
                out.push(byte);
                for _ in 0..self.random.between(1, 8) {
                    out.push(self.random.below(256) as u8);
                }
            }
            Mode::Torn => {
                out.extend_from_slice(b"\nwarning: written by another process\n");
                out.push(byte);
            }
            Mode::Truncate => return false,
        }
        true
    }

    fn gap(&mut self) -> usize {
        let fraction = 1.0 - self.random.fraction();
        (fraction.ln() / (1.0 - self.rate).ln()) as usize
    }
}
