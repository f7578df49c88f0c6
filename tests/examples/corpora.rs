#![allow(missing_docs, clippy::all, clippy::unwrap_used, clippy::print_stdout, clippy::use_self)]
#![allow(elided_lifetimes_in_paths, unused_qualifications)]
#![allow(clippy::semicolon_if_nothing_returned, reason = "kept as it was shared")]
// Deterministic subunit v2 corpus generator.  No dependencies.
// Build:  rustc --edition 2021 -O -o gen gen.rs
// Use:    gen KIND --packets N [--seed S] [--bytes B] [--damage P] [--mode flip|del|ins|torn|trunc|mix]
//             [--no-utf8-b3] [--truth FILE] -o FILE
// KIND:   small | listing | attach | mixed | corrupt | tap | v1
//
// Every packet of small/mixed/corrupt/attach carries a unique timestamp
// (base + serial microseconds), so `serial` identifies a packet after a parser
// has read it, even one that (as python does) truncates to microseconds.
// --truth FILE writes one byte per serial: 1 = packet is in the stream intact,
// 0 = damaged (only `corrupt` damages), and prints a one-line JSON summary to stdout.
use std::fs::File;
use std::io::{BufWriter, Write};

// ---------------------------------------------------------------- prng
#[derive(Clone)]
struct Rng([u64; 4]);
impl Rng {
    fn new(seed: u64) -> Rng {
        let mut z = seed.wrapping_add(0x9E3779B97F4A7C15);
        let mut s = [0u64; 4];
        for x in s.iter_mut() {
            z = z.wrapping_add(0x9E3779B97F4A7C15);
            let mut y = z;
            y = (y ^ (y >> 30)).wrapping_mul(0xBF58476D1CE4E5B9);
            y = (y ^ (y >> 27)).wrapping_mul(0x94D049BB133111EB);
            *x = y ^ (y >> 31);
        }
        Rng(s)
    }
    #[inline]
    fn u64(&mut self) -> u64 {
        let s = &mut self.0;
        let r = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        r
    }
    #[inline]
    fn below(&mut self, n: u64) -> u64 {
        ((self.u64() as u128 * n as u128) >> 64) as u64
    }
    fn range(&mut self, a: u64, b: u64) -> u64 {
        a + self.below(b - a + 1)
    }
    fn f(&mut self) -> f64 {
        (self.u64() >> 11) as f64 / (1u64 << 53) as f64
    }
    fn pick<'a>(&mut self, v: &[&'a str]) -> &'a str {
        v[self.below(v.len() as u64) as usize]
    }
}

// ---------------------------------------------------------------- crc32 (slice by 8)
struct Crc([[u32; 256]; 8]);
impl Crc {
    fn new() -> Crc {
        let mut t = [[0u32; 256]; 8];
        for i in 0..256u32 {
            let mut c = i;
            for _ in 0..8 {
                c = if c & 1 != 0 { (c >> 1) ^ 0xEDB88320 } else { c >> 1 };
            }
            t[0][i as usize] = c;
        }
        for i in 0..256 {
            let mut c = t[0][i];
            for k in 1..8 {
                c = t[0][(c & 255) as usize] ^ (c >> 8);
                t[k][i] = c;
            }
        }
        Crc(t)
    }
    fn sum(&self, b: &[u8]) -> u32 {
        let t = &self.0;
        let mut c = !0u32;
        let mut it = b.chunks_exact(8);
        for w in &mut it {
            let lo = u32::from_le_bytes([w[0], w[1], w[2], w[3]]) ^ c;
            c = t[7][(lo & 255) as usize]
                ^ t[6][((lo >> 8) & 255) as usize]
                ^ t[5][((lo >> 16) & 255) as usize]
                ^ t[4][(lo >> 24) as usize]
                ^ t[3][w[4] as usize]
                ^ t[2][w[5] as usize]
                ^ t[1][w[6] as usize]
                ^ t[0][w[7] as usize];
        }
        for &x in it.remainder() {
            c = t[0][((c ^ x as u32) & 255) as usize] ^ (c >> 8);
        }
        !c
    }
}

// ---------------------------------------------------------------- packets
const TS: u16 = 0x0200;
const ID: u16 = 0x0800;
const ROUTE: u16 = 0x0400;
const RUNNABLE: u16 = 0x0100;
const TAGS: u16 = 0x0080;
const FILE: u16 = 0x0040;
const MIME: u16 = 0x0020;
const EOFF: u16 = 0x0010;
const EXISTS: u16 = 1;
const INPROGRESS: u16 = 2;
const SUCCESS: u16 = 3;
const UXSUCCESS: u16 = 4;
const SKIP: u16 = 5;
const FAIL: u16 = 6;
const XFAIL: u16 = 7;

#[derive(Default)]
struct P<'a> {
    status: u16,
    ts_us: Option<u64>,
    id: Option<&'a str>,
    tags: &'a [&'a str],
    mime: Option<&'a str>,
    file: Option<(&'a str, &'a [u8])>,
    route: Option<&'a str>,
    runnable: bool,
    eof: bool,
}
fn varint(o: &mut Vec<u8>, v: usize) {
    if v < 1 << 6 {
        o.push(v as u8)
    } else if v < 1 << 14 {
        o.extend_from_slice(&((v as u16) | 0x4000).to_be_bytes())
    } else if v < 1 << 22 {
        o.extend_from_slice(&((v as u32) | 0x800000).to_be_bytes()[1..])
    } else {
        o.extend_from_slice(&((v as u32) | 0xC0000000).to_be_bytes())
    }
}
fn s(o: &mut Vec<u8>, v: &str) {
    varint(o, v.len());
    o.extend_from_slice(v.as_bytes());
}
fn packet(crc: &Crc, body: &mut Vec<u8>, out: &mut Vec<u8>, p: &P) {
    body.clear();
    out.clear();
    let mut f = 0x2000 | p.status;
    if let Some(us) = p.ts_us {
        f |= TS;
        body.extend_from_slice(&((us / 1_000_000) as u32).to_be_bytes());
        varint(body, (us % 1_000_000) as usize * 1000);
    }
    if let Some(i) = p.id {
        f |= ID;
        s(body, i);
    }
    if !p.tags.is_empty() {
        f |= TAGS;
        varint(body, p.tags.len());
        for t in p.tags {
            s(body, t);
        }
    }
    if let Some(m) = p.mime {
        f |= MIME;
        s(body, m);
    }
    if let Some((n, d)) = p.file {
        f |= FILE;
        s(body, n);
        varint(body, d.len());
        body.extend_from_slice(d);
    }
    if let Some(r) = p.route {
        f |= ROUTE;
        s(body, r);
    }
    if p.runnable {
        f |= RUNNABLE;
    }
    if p.eof {
        f |= EOFF;
    }
    let base = 1 + 2 + body.len() + 4;
    let len = if base <= 62 {
        base + 1
    } else if base <= 16381 {
        base + 2
    } else {
        base + 3
    };
    assert!(len < 1 << 22, "packet too long: {len}");
    out.push(0xB3);
    out.extend_from_slice(&f.to_be_bytes());
    varint(out, len);
    out.extend_from_slice(body);
    let c = crc.sum(out);
    out.extend_from_slice(&c.to_be_bytes());
    assert_eq!(out.len(), len);
}

// ---------------------------------------------------------------- words
const PKG: [&str; 12] = [
    "nova",
    "neutron",
    "cinder",
    "swift",
    "keystone",
    "tempest",
    "bzrlib",
    "samba",
    "launchpad",
    "glance",
    "ironic",
    "heat",
];
const MOD: [&str; 24] = [
    "api",
    "compute",
    "network",
    "scheduler",
    "objects",
    "db",
    "virt",
    "libvirt",
    "image",
    "volume",
    "servers",
    "security_groups",
    "drivers",
    "manager",
    "rpc",
    "policy",
    "quota",
    "migrations",
    "conductor",
    "cells",
    "console",
    "agent",
    "plugins",
    "utils",
];
const CLS: [&str; 16] = [
    "Server", "Flavor", "Volume", "Attach", "Network", "Port", "Quota", "Policy", "Image",
    "Snapshot", "Keypair", "Router", "Token", "Role", "Region", "Object",
];
const VERB: [&str; 16] = [
    "create", "delete", "list", "show", "update", "attach", "detach", "migrate", "resize",
    "rebuild", "confirm", "revert", "lock", "unlock", "suspend", "resume",
];
const ADJ: [&str; 16] = [
    "with_invalid_name",
    "no_permission",
    "twice",
    "when_locked",
    "while_busy",
    "with_tags",
    "over_quota",
    "and_verify",
    "by_admin",
    "as_guest",
    "without_token",
    "in_parallel",
    "after_reboot",
    "with_unicode",
    "with_pagination",
    "detail",
];
const TAGW: [&str; 6] = ["slow", "gate", "smoke", "network", "py3", "flaky"];

fn test_id(r: &mut Rng, n: u64, out: &mut String) {
    use std::fmt::Write;
    out.clear();
    match r.below(10) {
        0..=5 => {
            // python style, ~60-110 bytes
            let _ = write!(
                out,
                "{}.tests.unit.{}.{}.test_{}.Test{}{}.test_{}_{}_{}",
                r.pick(&PKG),
                r.pick(&MOD),
                r.pick(&MOD),
                r.pick(&MOD),
                r.pick(&CLS),
                r.pick(&CLS),
                r.pick(&VERB),
                r.pick(&ADJ),
                n
            );
            if r.below(4) == 0 {
                let _ = write!(out, "(v2.{},backend-{})", r.below(80), r.pick(&MOD));
            }
        }
        6..=8 => {
            // rust style, ~35-60
            let _ = write!(
                out,
                "{}::{}::tests::{}_{}_{}",
                r.pick(&PKG),
                r.pick(&MOD),
                r.pick(&VERB),
                r.pick(&ADJ),
                n
            );
        }
        _ => {
            if r.below(10) == 0 {
                let _ = write!(
                    out,
                    "{}.{}.Prueba{}.prueba_creación_façade_λ_{}",
                    r.pick(&PKG),
                    r.pick(&MOD),
                    r.pick(&CLS),
                    n
                );
            } else {
                let _ = write!(
                    out,
                    "go/{}/{}/Test{}{}/{}_{}",
                    r.pick(&PKG),
                    r.pick(&MOD),
                    r.pick(&CLS),
                    r.pick(&CLS),
                    r.pick(&VERB),
                    n
                );
            }
        }
    }
}

fn traceback(r: &mut Rng, size: usize, out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(b"Traceback (most recent call last):\n");
    while out.len() < size {
        let l = format!(
            "  File \"/opt/stack/{}/{}/tests/unit/{}/test_{}.py\", line {}, in test_{}_{}\n    self.assertEqual({}, self.{}_{}({}, ctx=self.context))\n",
            r.pick(&PKG),
            r.pick(&PKG),
            r.pick(&MOD),
            r.pick(&MOD),
            r.below(3000),
            r.pick(&VERB),
            r.pick(&ADJ),
            r.below(1000),
            r.pick(&VERB),
            r.pick(&MOD),
            r.below(1 << 30)
        );
        out.extend_from_slice(l.as_bytes());
    }
    out.truncate(size.max(40));
    let l = format!(
        "\ntesttools.matchers._impl.MismatchError: {} != {}\n",
        r.below(1000),
        r.below(1000)
    );
    out.extend_from_slice(l.as_bytes());
}

fn text_line(r: &mut Rng, out: &mut Vec<u8>, b3: bool) {
    out.clear();
    let l = match r.below(100) {
        0..=29 => format!(
            "[{}/{}] cc -O2 -g -Wall -I./include -c {}/{}/{}.c -o build/{}_{}.o\n",
            r.below(900),
            900,
            r.pick(&PKG),
            r.pick(&MOD),
            r.pick(&VERB),
            r.pick(&MOD),
            r.below(10000)
        ),
        30..=59 => format!(
            "2026-03-{:02} 12:{:02}:{:02}.{:03} {} INFO {}.{}.{} [req-{:016x}] {} {} took {} ms\n",
            r.range(1, 28),
            r.below(60),
            r.below(60),
            r.below(1000),
            r.range(1000, 32000),
            r.pick(&PKG),
            r.pick(&MOD),
            r.pick(&MOD),
            r.u64(),
            r.pick(&VERB),
            r.pick(&ADJ),
            r.below(5000)
        ),
        60..=84 => format!(
            "   Compiling {}-{} v{}.{}.{}\n",
            r.pick(&PKG),
            r.pick(&MOD),
            r.below(9),
            r.below(30),
            r.below(30)
        ),
        85..=97 => format!(
            "\x1b[33mwarning\x1b[0m: unused variable `{}_{}`\n",
            r.pick(&VERB),
            r.pick(&MOD)
        ),
        // b3 = a 0xB3 byte inside a UTF-8 character of ordinary text ("ó" = C3 B3, "γ" = CE B3, "³" = C2 B3)
        98 if b3 => format!("{} compilación de {} en 10³ pasos γ\n", r.below(100), r.pick(&MOD)),
        _ => format!("✓ {} passed – {} skipped\n", r.below(1000), r.below(100)),
    };
    out.extend_from_slice(l.as_bytes());
}

// ---------------------------------------------------------------- sink with damage + truth
struct Sink {
    w: BufWriter<File>,
    truth: Vec<u8>,
    bytes: u64,
    packets: u64,
    packet_bytes: u64,
    intact: u64,
    text_bytes: u64,
    crc: Crc,
    body: Vec<u8>,
    pkt: Vec<u8>,
    damage: f64,
    mode: String,
    next: f64, // bytes until next damaged one
    dr: Rng,
    scratch: Vec<u8>,
}
impl Sink {
    fn gap(&mut self) -> f64 {
        let u: f64 = self.dr.f().max(1e-18);
        u.ln() / (1.0 - self.damage).ln()
    }
    // Writes b, with damage at rate `damage` per byte.  Returns whether it went out intact.
    fn raw(&mut self, b: &[u8]) -> bool {
        if self.damage <= 0.0 || self.next >= b.len() as f64 {
            self.next -= b.len() as f64;
            self.w.write_all(b).unwrap();
            self.bytes += b.len() as u64;
            return true;
        }
        let mut v = std::mem::take(&mut self.scratch);
        v.clear();
        let mut whole = true; // false once a byte of b is lost or b is split
        let mut pos = 0usize;
        while self.next < (b.len() - pos) as f64 {
            let at = pos + self.next as usize;
            v.extend_from_slice(&b[pos..at]);
            pos = at;
            let mode = match self.mode.as_str() {
                "mix" => ["flip", "flip", "del", "ins", "torn"][self.dr.below(5) as usize],
                m => ["flip", "del", "ins", "torn", "trunc"]
                    .iter()
                    .find(|x| **x == m)
                    .copied()
                    .expect("mode"),
            };
            whole &= pos == 0 && (mode == "ins" || mode == "torn"); // inserted before b: b is intact
            match mode {
                "flip" => {
                    let x = b[pos] ^ (1 + self.dr.below(255) as u8); // always a different byte
                    v.push(x);
                    pos += 1;
                }
                "del" => {
                    // a lost run of 1..32 bytes
                    pos = (pos + self.dr.range(1, 32) as usize).min(b.len());
                }
                "trunc" => pos = b.len(), // the writer died: the rest of this write is lost
                "ins" => {
                    for _ in 0..self.dr.range(1, 32) {
                        let x = self.dr.u64() as u8;
                        v.push(x);
                    }
                    v.push(b[pos]);
                    pos += 1;
                }
                _ => {
                    // a line of another process torn into the middle
                    v.extend_from_slice(b"\nWARNING: interleaved write from another process\n");
                    v.push(b[pos]);
                    pos += 1;
                }
            }
            self.next = self.gap();
            if pos >= b.len() {
                break;
            }
        }
        v.extend_from_slice(&b[pos..]);
        self.next -= (b.len() - pos) as f64;
        if self.next < 0.0 {
            self.next = 0.0;
        }
        self.w.write_all(&v).unwrap();
        self.bytes += v.len() as u64;
        self.scratch = v;
        whole
    }
    fn packet(&mut self, p: &P) {
        let mut body = std::mem::take(&mut self.body);
        let mut pkt = std::mem::take(&mut self.pkt);
        packet(&self.crc, &mut body, &mut pkt, p);
        let ok = self.raw(&pkt);
        self.packets += 1;
        self.packet_bytes += pkt.len() as u64;
        self.intact += ok as u64;
        self.truth.push(ok as u8);
        self.body = body;
        self.pkt = pkt;
    }
    fn text(&mut self, b: &[u8]) {
        self.raw(b);
        self.text_bytes += b.len() as u64;
    }
}

const BASE_US: u64 = 1_767_225_600_000_000; // 2026-01-01

fn main() {
    let a: Vec<String> = std::env::args().collect();
    if a.len() < 2 {
        eprintln!(
            "usage: gen small|listing|attach|mixed|corrupt|tap|v1 --packets N [--bytes B] [--seed S] [--damage P] [--mode M] [--no-utf8-b3] [--no-text] [--truth F] -o FILE"
        );
        std::process::exit(2);
    }
    let kind = a[1].as_str();
    let get = |k: &str| a.iter().position(|x| x == k).and_then(|i| a.get(i + 1)).cloned();
    let has = |k: &str| a.iter().any(|x| x == k);
    let n: u64 = get("--packets").map(|x| x.replace('_', "").parse().unwrap()).unwrap_or(1_000_000);
    let bytes: u64 = get("--bytes").map(|x| x.parse().unwrap()).unwrap_or(1 << 30);
    let seed: u64 = get("--seed").map(|x| x.parse().unwrap()).unwrap_or(1);
    let damage: f64 = get("--damage").map(|x| x.parse().unwrap()).unwrap_or(if kind == "corrupt" {
        0.01
    } else {
        0.0
    });
    let mode = get("--mode").unwrap_or_else(|| "flip".into());
    let out = get("-o").expect("-o FILE");
    let b3 = !has("--no-utf8-b3");
    let text_on = !has("--no-text");
    let mut r = Rng::new(seed);
    let mut k = Sink {
        w: BufWriter::with_capacity(1 << 20, File::create(&out).unwrap()),
        truth: vec![],
        bytes: 0,
        packets: 0,
        packet_bytes: 0,
        intact: 0,
        text_bytes: 0,
        crc: Crc::new(),
        body: vec![],
        pkt: vec![],
        damage,
        mode,
        next: 0.0,
        dr: Rng::new(seed ^ 0xDA7A6E),
        scratch: vec![],
    };
    if damage > 0.0 {
        k.next = k.gap();
    }
    let mut id = String::new();
    let mut ser = 0u64;
    let workers: Vec<String> = (0..16).map(|w| format!("{w}")).collect();
    let wtags: Vec<String> = (0..16).map(|w| format!("worker-{w}")).collect();
    match kind {
        "small" => {
            let mut t = 0u64;
            // 16 tests in flight at a time, one per worker
            let mut live: Vec<Option<(String, u64)>> = vec![None; 16];
            while ser < n {
                let w = r.below(16) as usize;
                let (wi, wt) = (&workers[w], &wtags[w]);
                match live[w].take() {
                    None => {
                        test_id(&mut r, t, &mut id);
                        t += 1;
                        let th = r.u64();
                        live[w] = Some((id.clone(), th));
                        let tag2 = TAGW[(th % 6) as usize];
                        let tg: &[&str] = if th & 256 == 0 { &[wt] } else { &[wt, tag2] };
                        k.packet(&P {
                            status: INPROGRESS,
                            ts_us: Some(BASE_US + ser),
                            id: Some(&id),
                            tags: tg,
                            route: Some(wi),
                            runnable: true,
                            ..P::default()
                        });
                    }
                    Some((i, th)) => {
                        let st = match r.below(1000) {
                            0..=939 => SUCCESS,
                            940..=959 => FAIL,
                            960..=989 => SKIP,
                            990..=996 => XFAIL,
                            _ => UXSUCCESS,
                        };
                        let tag2 = TAGW[(th % 6) as usize];
                        let tg: &[&str] = if th & 256 == 0 { &[wt] } else { &[wt, tag2] };
                        k.packet(&P {
                            status: st,
                            ts_us: Some(BASE_US + ser),
                            id: Some(&i),
                            tags: tg,
                            route: Some(wi),
                            runnable: true,
                            ..P::default()
                        });
                    }
                }
                ser += 1;
            }
        }
        "listing" => {
            while ser < n {
                test_id(&mut r, ser, &mut id);
                k.packet(&P { status: EXISTS, id: Some(&id), runnable: true, ..P::default() });
                ser += 1;
            }
        }
        "attach" => {
            let mut pool = vec![0u8; 8 << 20];
            for c in pool.chunks_exact_mut(8) {
                c.copy_from_slice(&r.u64().to_le_bytes());
            }
            let mut txt = vec![];
            while txt.len() < 8 << 20 {
                let mut l = vec![];
                text_line(&mut r, &mut l, true);
                txt.extend_from_slice(&l);
            }
            let mut t = 0;
            while k.bytes < bytes {
                test_id(&mut r, t, &mut id);
                t += 1;
                let w = r.below(16) as usize;
                // 64KiB .. 4MiB-512, log uniform
                let size = ((65536.0f64) * (63.9f64).powf(r.f())) as usize;
                let size = size.min((4 << 20) - 512);
                let off = r.below((4 << 20) as u64) as usize;
                let (name, mime, src) = if r.below(2) == 0 {
                    ("screenshot", "image/png", &pool)
                } else {
                    ("console.log", "text/plain;charset=utf8", &txt)
                };
                let d = &src[off..off + size];
                k.packet(&P {
                    ts_us: Some(BASE_US + ser),
                    id: Some(&id),
                    mime: Some(mime),
                    file: Some((name, d)),
                    route: Some(&workers[w]),
                    runnable: true,
                    eof: r.below(4) == 0,
                    ..P::default()
                });
                ser += 1;
            }
        }
        "mixed" | "corrupt" => {
            let mut t = 0u64;
            let mut line = vec![];
            let mut tb = vec![];
            if text_on {
                for _ in 0..(n / 500).min(2000) {
                    text_line(&mut r, &mut line, b3);
                    k.text(&line);
                }
            }
            // per worker: None or (id, pending packets); text is written between packets
            let mut live: Vec<Option<(String, u64)>> = vec![None; 16];
            while ser < n {
                if text_on && r.below(10) == 0 {
                    for _ in 0..r.range(1, 3) {
                        text_line(&mut r, &mut line, b3);
                        k.text(&line);
                    }
                }
                let w = r.below(16) as usize;
                let (wi, wt) = (&workers[w], &wtags[w]);
                match live[w].take() {
                    None => {
                        test_id(&mut r, t, &mut id);
                        t += 1;
                        live[w] = Some((id.clone(), r.u64()));
                        k.packet(&P {
                            status: INPROGRESS,
                            ts_us: Some(BASE_US + ser),
                            id: Some(&id),
                            tags: &[wt],
                            route: Some(wi),
                            runnable: true,
                            ..P::default()
                        });
                        ser += 1;
                    }
                    Some((i, th)) => {
                        let st = match r.below(1000) {
                            0..=899 => SUCCESS,
                            900..=949 => FAIL,
                            950..=989 => SKIP,
                            990..=996 => XFAIL,
                            _ => UXSUCCESS,
                        };
                        let att: Option<(&str, &str, usize)> = if st == FAIL {
                            Some((
                                "traceback",
                                "text/x-traceback;charset=\"utf8\";language=\"python\"",
                                r.range(1024, 8192) as usize,
                            ))
                        } else if st == SKIP {
                            Some(("reason", "text/plain;charset=\"utf8\"", 40))
                        } else if r.below(10) == 0 {
                            Some((
                                "pythonlogging:''",
                                "text/plain;charset=\"utf8\"",
                                r.range(100, 2000) as usize,
                            ))
                        } else {
                            None
                        };
                        if let Some((name, mime, size)) = att {
                            traceback(&mut r, size, &mut tb);
                            let mut rest = &tb[..];
                            while !rest.is_empty() && ser + 2 < n {
                                let c = (r.range(256, 2048) as usize).min(rest.len());
                                k.packet(&P {
                                    ts_us: Some(BASE_US + ser),
                                    id: Some(&i),
                                    mime: Some(mime),
                                    file: Some((name, &rest[..c])),
                                    route: Some(wi),
                                    runnable: true,
                                    ..P::default()
                                });
                                rest = &rest[c..];
                                ser += 1;
                            }
                            k.packet(&P {
                                ts_us: Some(BASE_US + ser),
                                id: Some(&i),
                                mime: Some(mime),
                                file: Some((name, b"")),
                                route: Some(wi),
                                runnable: true,
                                eof: true,
                                ..P::default()
                            });
                            ser += 1;
                        }
                        let tag2 = TAGW[(th % 6) as usize];
                        let tg: &[&str] = if th & 256 == 0 { &[wt] } else { &[wt, tag2] };
                        k.packet(&P {
                            status: st,
                            ts_us: Some(BASE_US + ser),
                            id: Some(&i),
                            tags: tg,
                            route: Some(wi),
                            runnable: true,
                            ..P::default()
                        });
                        ser += 1;
                    }
                }
            }
        }
        "tap" => {
            let mut o = String::new();
            use std::fmt::Write as _;
            let _ = writeln!(o, "1..{n}");
            k.raw(o.as_bytes());
            for i in 1..=n {
                o.clear();
                test_id(&mut r, i, &mut id);
                match r.below(100) {
                    0..=89 => {
                        let _ = writeln!(o, "ok {i} - {id}");
                    }
                    90..=94 => {
                        let _ =
                            write!(o, "not ok {i} - {id}\n# expected 1\n# got {}\n", r.below(100));
                    }
                    95..=97 => {
                        let _ = writeln!(o, "ok {i} - {id} # SKIP no network");
                    }
                    _ => {
                        let _ = writeln!(o, "not ok {i} - {id} # TODO later");
                    }
                }
                k.raw(o.as_bytes());
                k.packets += 1;
            }
        }
        "v1" => {
            // `n` tests in the version 1 text protocol
            let mut o = String::new();
            let mut tb = vec![];
            use std::fmt::Write as _;
            for i in 0..n {
                o.clear();
                test_id(&mut r, i, &mut id);
                let us = BASE_US + i;
                let (sec, mic) = (us / 1_000_000 - BASE_US / 1_000_000, us % 1_000_000);
                let _ = write!(
                    o,
                    "time: 2026-01-01 {:02}:{:02}:{:02}.{:06}Z\ntags: worker-{}\ntest: {id}\n",
                    sec / 3600,
                    sec / 60 % 60,
                    sec % 60,
                    mic,
                    r.below(16)
                );
                match r.below(100) {
                    0..=93 => {
                        let _ = writeln!(o, "success: {id}");
                    }
                    94..=96 => {
                        let sz = r.range(1024, 4096) as usize;
                        traceback(&mut r, sz, &mut tb);
                        let _ = write!(
                            o,
                            "failure: {id} [ multipart\nContent-Type: text/x-traceback;charset=utf8,language=python\ntraceback\n{:X}\r\n",
                            tb.len()
                        );
                        o.push_str(std::str::from_utf8(&tb).unwrap());
                        o.push_str("0\r\n]\n");
                    }
                    _ => {
                        let _ = write!(o, "skip: {id} [\nno network\n]\n");
                    }
                }
                k.raw(o.as_bytes());
                k.packets += 1;
            }
        }
        _ => panic!("unknown kind {kind}"),
    }
    k.w.flush().unwrap();
    if let Some(t) = get("--truth") {
        std::fs::write(t, &k.truth).unwrap();
    }
    println!(
        "{{\"kind\":\"{kind}\",\"file\":\"{out}\",\"bytes\":{},\"packets\":{},\"packet_bytes\":{},\"intact\":{},\"text_bytes\":{},\"damage\":{},\"mode\":\"{}\",\"seed\":{seed}}}",
        k.bytes, k.packets, k.packet_bytes, k.intact, k.text_bytes, damage, k.mode
    );
}
