//! The connections of clients, and the supervisor above, if there is one.

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

/// A client that does not read is disconnected when more than this waits for it, in bytes.
const MAX_UNREAD: usize = 4 << 20;

/// How many clients may be connected.
const MAX_CLIENTS: usize = 16;

/// The most that is read of a client at once, in bytes.
const BLOCK: usize = 16 * 1024;

/// All clients.
#[derive(Debug, Default)]
pub(in crate::supervise) struct Clients {
    socket: Option<RunSocket>,
    clients: Vec<Client>,
    /// A supervisor above, which writes to our standard input.
    upstream: Option<Decoder>,
}

#[derive(Debug)]
struct Client {
    stream: UnixStream,
    /// What it has not read yet.
    unread: Vec<u8>,
    received: Decoder,
    /// It sends nothing more, and may still read.
    has_ended: bool,
    is_gone: bool,
}

impl Clients {
    /// Those who connect to this socket and, if there is one, the supervisor above.
    pub(in crate::supervise) fn new(socket: Option<RunSocket>, has_upstream: bool) -> Self {
        Self { socket, clients: Vec::new(), upstream: has_upstream.then(Decoder::new) }
    }

    /// What to wait for, each with whether it is to be written to, too.
    pub(in crate::supervise) fn descriptors(&self) -> impl Iterator<Item = (BorrowedFd<'_>, bool)> {
        let upstream = self.upstream.iter().map(|_| (rustix::stdio::stdin(), false));
        let socket = self.socket.as_ref().map(|socket| (socket.as_fd(), false));
        let clients = self.clients.iter().filter(|client| !client.has_ended || client.is_slow());
        let clients = clients.map(|client| (client.stream.as_fd(), client.is_slow()));
        upstream.chain(socket).chain(clients)
    }

    /// Accepts those who wait to connect. Each gets what `snapshot` makes first.
    pub(super) fn accept(&mut self, snapshot: impl Fn() -> Vec<u8>) {
        let Some(socket) = &self.socket else { return };
        while let Some(stream) = socket.accept() {
            if self.clients.len() < MAX_CLIENTS {
                self.clients.push(Client::new(stream, snapshot()));
            }
        }
    }

    /// Sends the next bytes of the stream to all clients.
    pub(in crate::supervise) fn broadcast(&mut self, bytes: &[u8]) {
        for client in &mut self.clients {
            client.unread.extend_from_slice(bytes);
            client.write();
        }
    }

    /// Reads and writes what is possible. `take` gets what clients and the supervisor above send. Whether
    /// the latter has just ended its stream.
    pub(super) fn transfer(&mut self, mut take: impl FnMut(&Event<'_>)) -> bool {
        for client in &mut self.clients {
            client.read(&mut take);
            client.write();
        }
        self.clients.retain(|client| !client.is_gone);
        let Some(upstream) = &mut self.upstream else { return false };
        if !is_readable(rustix::stdio::stdin()) {
            return false;
        }
        let buffer = upstream.space(BLOCK);
        match rustix::io::read(rustix::stdio::stdin(), &mut buffer[..BLOCK]) {
            Ok(length @ 1..) => {
                take_events(upstream, length, &mut take);
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

/// Decodes bytes that have been read into the room of a decoder.
fn take_events(decoder: &mut Decoder, length: usize, take: &mut impl FnMut(&Event<'_>)) {
    decoder.filled(length);
    while let Some(item) = decoder.next_item() {
        if let Item::Packet(packet) = item {
            take(packet.event());
        }
    }
}

impl Client {
    fn new(stream: UnixStream, unread: Vec<u8>) -> Self {
        Self { stream, unread, received: Decoder::new(), has_ended: false, is_gone: false }
    }

    fn is_slow(&self) -> bool {
        !self.unread.is_empty()
    }

    fn write(&mut self) {
        let mut written = 0;
        while written < self.unread.len() && !self.is_gone {
            match (&self.stream).write(&self.unread[written..]) {
                Ok(length) => written += length,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => self.is_gone = true,
            }
        }
        self.unread.drain(..written);
        self.is_gone |= self.unread.len() > MAX_UNREAD;
    }

    /// Reads one block: a client that sends without end does not keep the supervisor from its run.
    fn read(&mut self, take: &mut impl FnMut(&Event<'_>)) {
        if self.has_ended {
            return;
        }
        let buffer = self.received.space(BLOCK);
        match (&self.stream).read(&mut buffer[..BLOCK]) {
            Ok(0) => self.has_ended = true,
            Ok(length) => take_events(&mut self.received, length, take),
            Err(error)
                if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            Err(_) => self.is_gone = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use subunit_core::{FileChunk, conventions};

    use super::*;

    fn connected() -> (Clients, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let mut clients = Clients::new(None, false);
        clients.clients.push(Client::new(ours, b"snapshot ".to_vec()));
        (clients, theirs)
    }

    #[test]
    fn a_client_gets_the_snapshot_and_what_comes_then() {
        let (mut clients, mut theirs) = connected();
        clients.broadcast(b"stream");
        drop(clients);
        let mut text = String::new();
        theirs.read_to_string(&mut text).unwrap();
        assert_eq!(text, "snapshot stream");
    }

    #[test]
    fn a_client_that_does_not_read_is_disconnected() {
        let (mut clients, theirs) = connected();
        clients.broadcast(&vec![0; MAX_UNREAD / 2]);
        clients.transfer(|_| {});
        assert_eq!(clients.descriptors().map(|(_, is_slow)| is_slow).collect::<Vec<_>>(), [true]);
        clients.broadcast(&vec![0; MAX_UNREAD]);
        clients.transfer(|_| {});
        assert_eq!(clients.descriptors().count(), 0);
        drop(theirs);
    }

    #[test]
    fn what_a_client_sends_is_taken_until_it_ends() {
        let (mut clients, mut theirs) = connected();
        let file = Some(FileChunk { name: conventions::STDIN, bytes: b"next\n" });
        let mut packet = Vec::new();
        Event { file, ..Event::default() }.encode(&mut packet).unwrap();
        theirs.write_all(&packet).unwrap();
        theirs.shutdown(std::net::Shutdown::Write).unwrap();
        let mut taken = Vec::new();
        for _ in 0..2 {
            clients.transfer(|event| taken.push(event.to_buf()));
        }
        assert_eq!(taken.len(), 1);
        assert_eq!(taken[0].as_event().file, file);
        // It is not waited for, and gets the stream as before.
        assert_eq!(clients.descriptors().count(), 0);
        clients.broadcast(b"more");
        drop(clients);
        let mut text = String::new();
        theirs.read_to_string(&mut text).unwrap();
        assert_eq!(text, "snapshot more");
    }
}
