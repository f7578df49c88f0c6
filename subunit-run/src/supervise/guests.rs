//! Who is connected to the run from outside: `attach` and `running`. Each gets the stream from now on, after
//! what it needs to know, and may send text to workers.

use std::{
    io::{ErrorKind, Read, Write},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::net::UnixStream,
    },
};

use rustix::io::Errno;
use subunit_core::{Decoder, Event, Item};
use subunit_mux::process::{is_readable, run_socket::RunSocket};

/// A guest that does not read is let go when so much waits for it.
const MOST: usize = 4 << 20;

/// How many may be connected.
const GUESTS: usize = 16;

/// What is read of a guest at once.
const BLOCK: usize = 16 * 1024;

/// All who are connected.
#[derive(Debug, Default)]
pub(super) struct Guests {
    socket: Option<RunSocket>,
    all: Vec<Guest>,
    /// A supervisor above, which writes to our standard input.
    upstream: Option<Decoder>,
}

#[derive(Debug)]
struct Guest {
    stream: UnixStream,
    waiting: Vec<u8>,
    said: Decoder,
    /// Nothing more comes from it.
    is_silent: bool,
    is_gone: bool,
}

impl Guests {
    /// Those who find this socket and, if there is a supervisor above, that one.
    pub(super) fn of(socket: Option<RunSocket>, has_upstream: bool) -> Self {
        Self { socket, all: Vec::new(), upstream: has_upstream.then(Decoder::new) }
    }

    /// What to wait for: the socket, who may say something, and who is slow to read.
    pub(super) fn descriptors(&self) -> impl Iterator<Item = (BorrowedFd<'_>, bool)> {
        let upstream = self.upstream.iter().map(|_| (rustix::stdio::stdin(), false));
        let socket = self.socket.as_ref().map(|socket| (socket.as_fd(), false));
        let guests = self.all.iter().filter(|guest| !guest.is_silent || guest.is_slow());
        upstream.chain(socket).chain(guests.map(|guest| (guest.stream.as_fd(), guest.is_slow())))
    }

    /// Lets those in who wait, with what `greeting` tells them.
    pub(super) fn welcome(&mut self, greeting: impl Fn() -> Vec<u8>) {
        let Some(socket) = &self.socket else { return };
        while let Some(stream) = socket.accept() {
            if self.all.len() < GUESTS {
                let (waiting, said) = (greeting(), Decoder::new());
                let guest = Guest { stream, waiting, said, is_silent: false, is_gone: false };
                self.all.push(guest);
            }
        }
    }

    /// What the stream says next.
    pub(super) fn tell(&mut self, bytes: &[u8]) {
        for guest in &mut self.all {
            guest.waiting.extend_from_slice(bytes);
            guest.write();
        }
    }

    /// Reads and writes what can be, and passes on what they send. Whether the supervisor above has just
    /// ended what it sends.
    pub(super) fn turn(&mut self, mut send: impl FnMut(&Event<'_>)) -> bool {
        for guest in &mut self.all {
            guest.read(&mut send);
            guest.write();
        }
        self.all.retain(|guest| !guest.is_gone);
        let Some(upstream) = &mut self.upstream else { return false };
        if !is_readable(rustix::stdio::stdin()) {
            return false;
        }
        let room = upstream.space(BLOCK);
        match rustix::io::read(rustix::stdio::stdin(), &mut room[..BLOCK]) {
            Ok(length @ 1..) => {
                upstream.filled(length);
                while let Some(item) = upstream.next_item() {
                    if let Item::Packet(packet) = item {
                        send(packet.event());
                    }
                }
                false
            }
            Err(Errno::AGAIN | Errno::INTR) => false,
            Ok(0) | Err(_) => {
                self.upstream = None;
                true
            }
        }
    }
}

impl Guest {
    fn is_slow(&self) -> bool {
        !self.waiting.is_empty()
    }

    fn write(&mut self) {
        while !self.waiting.is_empty() && !self.is_gone {
            match (&self.stream).write(&self.waiting) {
                Ok(length) => drop(self.waiting.drain(..length)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => self.is_gone = true,
            }
        }
        self.is_gone |= self.waiting.len() > MOST;
    }

    fn read(&mut self, send: &mut impl FnMut(&Event<'_>)) {
        while !self.is_silent {
            let room = self.said.space(BLOCK);
            match (&self.stream).read(&mut room[..BLOCK]) {
                Ok(0) => {
                    // It may still read.
                    self.is_silent = true;
                }
                Ok(length) => {
                    self.said.filled(length);
                    while let Some(item) = self.said.next_item() {
                        if let Item::Packet(packet) = item {
                            send(packet.event());
                        }
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => {
                    self.is_gone = true;
                    return;
                }
            }
        }
    }
}
