//! The multiplexer without any I/O: output of inputs, packets from upstream, silence and ends in any order.
//! Not part of the public interface.

mod chosen;

use std::time::Duration;

use subunit_core::{
    Decoder, Event, FileChunk, Item, Packet, RouteCode, TagsBuf, Timestamp,
    conventions::{CLOCK, DAMAGED_BYTES, ToldDamage, is_aside},
    fuzzing::{Body, Choices},
    items,
};

use self::chosen::{NAMES, capabilities, order, packet, said, torn};
use crate::{
    Annotations, Ending, Hub, InputId, Moment, NEVER_RUN, Options, Outbox, Stream, UNDELIVERED,
    worker::WorkerInput,
};

/// Nothing but whole packets comes out, and under each input's name all that it has said: its packets,
/// and its text as files, in their order.
pub fn hub(input: &[u8]) {
    hub_with(input, &mut Machine);
}

/// As [`hub`], with a person who sees what comes out and types lines.
pub fn hub_with(input: &[u8], person: &mut dyn Person) {
    let mut choices = Choices::new(input);
    let mut run = Run::new(&mut choices, person);
    for _ in 0..400 {
        if choices.is_over() {
            break;
        }
        run.step(&mut choices);
    }
    while let Some(input) = run.inputs.pop() {
        run.detach(input, Ending::Read);
    }
    run.hub.receive_end(&mut run.out);
    run.drain(1 << 16);
}

/// A person at the upper end.
pub trait Person {
    /// Sees what an input said, at a time.
    fn sees(&mut self, event: &Event<'_>, now: Duration);

    /// Has seen all that there is by now.
    fn settles(&mut self);

    /// Types a line: the packet that this makes, if it makes one.
    fn types(&mut self, line: &str, now: Duration) -> Option<Vec<u8>>;
}

/// A program instead, which sends everything to the first input.
struct Machine;

impl Person for Machine {
    fn sees(&mut self, _: &Event<'_>, _: Duration) {}

    fn settles(&mut self) {}

    fn types(&mut self, line: &str, _: Duration) -> Option<Vec<u8>> {
        let file = FileChunk { name: "stdin", bytes: line.as_bytes() };
        let route_code = Some(RouteCode::new(NAMES[0]));
        Some(packet(&Event { file: Some(file), route_code, ..Event::default() }.to_buf()))
    }
}

/// The bodies of this crate, by the names of their targets.
pub const BODIES: [(&str, Body); 1] = [("hub", hub)];

/// An input, what it was fed, and what came out under its name.
struct Fed {
    id: InputId,
    name: &'static str,
    fed: [Vec<u8>; 2],
    out: [Vec<u8>; 2],
}

impl Fed {
    /// A packet came out. Some of its bytes, or all, may have been let go as text before.
    fn say(&mut self, packet: &[u8]) {
        let ([fed, _], [out, _]) = (&self.fed, &mut self.out);
        let begins = |at: &usize| fed.get(*at..).is_some_and(|rest| rest.starts_with(packet));
        let at = (0..=out.len()).rev().find(begins).unwrap_or(out.len());
        if at + packet.len() > out.len() {
            out.truncate(at);
            out.extend_from_slice(packet);
        }
    }
}

struct Run<'p> {
    hub: Hub,
    out: Outbox,
    written: Vec<u8>,
    inputs: Vec<Fed>,
    orders: Decoder,
    person: &'p mut dyn Person,
    now: Duration,
    time: Option<Timestamp>,
    adorned: bool,
}

impl<'p> Run<'p> {
    fn new(choices: &mut Choices<'_>, person: &'p mut dyn Person) -> Self {
        let how = choices.byte();
        let tags: TagsBuf = ["added"].into_iter().filter(|_| how & 1 == 1).collect();
        // Times that are not ours are moved.
        let adorned = how & 11 != 0;
        let annotations = Annotations { timestamps: how & 2 == 2, tags };
        Self {
            hub: Hub::new(Options { annotations, watch_tests: how & 4 == 4 }),
            out: Outbox::new(),
            written: Vec::new(),
            inputs: Vec::new(),
            orders: Decoder::new(),
            person,
            now: Duration::ZERO,
            time: (how & 8 == 8).then(|| Timestamp::new(1_700_000_000, 5)),
            adorned,
        }
    }

    fn moment(&self) -> Moment {
        Moment { elapsed: self.now, time: self.time }
    }

    fn step(&mut self, choices: &mut Choices<'_>) {
        let which = choices.byte();
        let nth = usize::from(which >> 4) % self.inputs.len().max(1);
        match which & 15 {
            0 => self.attach(choices),
            1..=6 => self.feed(nth, choices),
            7 => self.now += Duration::from_millis(u64::from(choices.byte()) * 2),
            8 | 9 => self.hub.tick(self.moment(), &mut self.out),
            10 | 11 => self.receive(&order(choices)),
            12 => self.tell(nth, choices),
            13 => self.type_line(choices),
            14 => self.ask(nth),
            _ => self.end(nth, choices),
        }
        self.drain(1 + choices.index(9000));
    }

    fn attach(&mut self, choices: &mut Choices<'_>) {
        let name = NAMES[choices.below(NAMES.len())];
        let taken = self.inputs.iter().any(|input| input.name == name);
        match self.hub.attach(name) {
            Ok(id) => {
                assert!(!taken);
                self.inputs.push(Fed {
                    id,
                    name,
                    fed: Default::default(),
                    out: Default::default(),
                });
            }
            Err(_) => assert!(taken),
        }
    }

    fn feed(&mut self, nth: usize, choices: &mut Choices<'_>) {
        let moment = self.moment();
        let Some(input) = self.inputs.get_mut(nth) else { return };
        let kind = choices.below(8);
        let bytes = match kind {
            0 | 1 => choices.bytes().to_vec(),
            2 => choices.content(),
            3 => torn(choices),
            4 => capabilities(),
            _ => packet(&said(choices)),
        };
        let stream = if kind == 1 { Stream::Stderr } else { Stream::Stdout };
        input.fed[stream as usize].extend_from_slice(&bytes);
        self.hub.feed(input.id, stream, &bytes, moment, &mut self.out);
    }

    /// Each item from above is delivered or reported back.
    fn receive(&mut self, bytes: &[u8]) {
        self.orders.feed(bytes);
        let mut came = 0;
        while self.orders.next_item().is_some() {
            came += 1;
        }
        let (undelivered, waiting) = (self.hub.undelivered(), self.waiting());
        self.hub.receive(bytes, &mut self.out);
        let refused = self.hub.undelivered() - undelivered;
        assert!(refused <= came, "{refused} of {came} were not delivered");
        if refused == came {
            assert_eq!(self.waiting(), waiting, "refused, and delivered all the same");
        }
    }

    fn waiting(&self) -> usize {
        self.inputs.iter().map(|input| self.hub.inbox(input.id).len()).sum()
    }

    /// An input takes some of its inbox; a worker makes tests and text of it, however it is cut.
    fn tell(&mut self, nth: usize, choices: &mut Choices<'_>) {
        let Some(input) = self.inputs.get(nth) else { return };
        let inbox = self.hub.inbox(input.id).to_vec();
        let [mut whole, mut cut] = [WorkerInput::default(), WorkerInput::default()];
        whole.take(&inbox);
        inbox.chunks(3).for_each(|piece| cut.take(piece));
        [&mut whole, &mut cut].into_iter().for_each(WorkerInput::finish);
        assert_eq!((&whole.tests, &whole.text), (&cut.tests, &cut.text));
        assert_eq!((&whole.refused, whole.text_ends), (&cut.refused, cut.text_ends));
        let took = choices.index(4096);
        self.hub.consumed(input.id, took);
        assert_eq!(self.hub.inbox(input.id), &inbox[took.min(inbox.len())..]);
    }

    /// The person types a line.
    fn type_line(&mut self, choices: &mut Choices<'_>) {
        let line = choices.string();
        if let Some(packet) = self.person.types(&line, self.now) {
            assert!(Packet::parse(&packet).is_ok());
            self.receive(&packet);
        }
    }

    /// What can be asked, whatever has happened.
    fn ask(&mut self, nth: usize) {
        let moment = self.moment();
        let _ =
            (self.hub.due(), self.hub.is_backlogged(), self.hub.verdict(), self.hub.take_reports());
        let Some(input) = self.inputs.get(nth) else { return };
        let limit = Duration::from_millis(100);
        let hung = self.hub.overdue(input.id, limit, moment);
        assert!(hung.iter().all(|test| test.running_for >= limit));
        let running = self.hub.running(input.id, moment);
        assert!(hung.len() <= running.len());
        assert!(self.hub.counts(input.id).is_some());
    }

    fn end(&mut self, nth: usize, choices: &mut Choices<'_>) {
        if nth >= self.inputs.len() {
            return;
        }
        match choices.below(5) {
            0 => self.hub.close_stdin(self.inputs[nth].id, &mut self.out),
            1 => {
                let input = self.inputs.remove(nth);
                self.detach(input, Ending::Read);
            }
            2 => {
                let input = self.inputs.remove(nth);
                self.detach(input, Ending::Gone { cause: "exit status 0" });
            }
            3 => {
                let input = self.inputs.remove(nth);
                let crashed = choices.yes();
                self.detach(input, Ending::Broken { cause: "killed", crashed });
            }
            _ => {}
        }
    }

    fn detach(&mut self, input: Fed, ending: Ending<'_>) {
        let id = input.id;
        self.inputs.push(input);
        self.hub.detach(id, ending, self.moment(), &mut self.out);
        self.drain(5000);
        assert!(self.hub.counts(id).is_none() && self.hub.inbox(id).is_empty());
        let Some(input) = self.inputs.pop() else { return };
        let [stdout, stderr] = &input.out;
        if !is_plain(&input.fed[0]) {
            return;
        }
        assert_eq!(stderr, &input.fed[1], "error output of {:?}", input.name);
        if !self.adorned {
            // What the hub says of the end comes after all that the input has said.
            let said = if ending == Ending::Read { stdout } else { prefix(stdout, &input.fed[0]) };
            assert_eq!(said, &input.fed[0], "output of {:?}", input.name);
        }
    }

    /// Writes what there is to write, in pieces, and looks at it.
    fn drain(&mut self, limit: usize) {
        while !self.out.is_empty() {
            let piece = self.out.piece(limit);
            assert!(!piece.is_empty() && piece.len() <= limit);
            let took = piece.len().min(1 + limit * 2 / 3);
            self.written.extend_from_slice(&piece[..took]);
            self.out.consume(took);
        }
        let written = std::mem::take(&mut self.written);
        for item in items(&written) {
            let Item::Packet(packet) = item else { panic!("not a packet: {item:?}") };
            self.person.sees(packet.event(), self.now);
            self.attribute(&packet);
        }
        self.person.settles();
    }

    /// Adds a packet to what its input has said, as it was before the hub got it.
    fn attribute(&mut self, packet: &Packet<'_>) {
        let event = packet.event();
        if event.file.is_some_and(|file| file.name == UNDELIVERED)
            || is_told_by_damage(event)
            || ToldDamage::of(event).is_some()
            || event.file.is_some_and(|file| file.name == CLOCK) && is_aside(event)
        {
            return;
        }
        if event.tags.is_some_and(|tags| tags.contains(NEVER_RUN)) {
            return;
        }
        let (name, rest) = event.route_code.expect("under the route of an input").split_first();
        let input = self.inputs.iter_mut().find(|input| input.name == name);
        let input = input.expect("an input of that name");
        match text(event).filter(|_| rest.is_none()) {
            Some((stream, bytes)) => input.out[stream as usize].extend_from_slice(bytes),
            None => {
                let mut said = Vec::new();
                packet.reroute(rest, &mut said).expect("shorter than it was");
                input.say(&said);
            }
        }
    }
}

/// Whether the hub wrote this of a damaged packet, which told that a test failed.
fn is_told_by_damage(event: &Event<'_>) -> bool {
    let says = |file: FileChunk<'_>| file.bytes.starts_with(b"damaged packet at byte ");
    event.file.is_some_and(|file| file.name == "reason" && says(file))
}

fn prefix<'a>(bytes: &'a [u8], of: &[u8]) -> &'a [u8] {
    &bytes[..bytes.len().min(of.len())]
}

/// The text in an event that is nothing else.
fn text<'a>(event: &Event<'a>) -> Option<(Stream, &'a [u8])> {
    let file = event.file.filter(|_| event.test_id.is_none())?;
    if file.name == DAMAGED_BYTES && is_aside(event) {
        return Some((Stream::Stdout, file.bytes));
    }
    let stream =
        [Stream::Stdout, Stream::Stderr].into_iter().find(|stream| stream.name() == file.name);
    Some((stream?, file.bytes))
}

/// Whether what came out can be told from what went in: no packet, wherever it may stand, that looks like
/// the hub's own, or that is written otherwise by us.
fn is_plain(stream: &[u8]) -> bool {
    memchr::memchr_iter(0xB3, stream).all(|at| {
        let Ok(packet) = Packet::parse(&stream[at..]) else { return true };
        let (event, mut again) = (packet.event(), Vec::new());
        event.encode(&mut again).is_ok()
            && again == packet.bytes()
            && text(event).is_none()
            && ToldDamage::of(event).is_none()
            && event.file.is_none_or(|file| file.name != CLOCK)
            && event.file.is_none_or(|file| file.name != UNDELIVERED)
            && !event.tags.is_some_and(|tags| tags.contains(NEVER_RUN))
    })
}
