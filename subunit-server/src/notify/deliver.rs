//! Sends what is in the outbox: each receiver has a thread, so that none waits for another one that does not answer.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    thread,
    time::Duration,
};

use super::{
    now,
    outbox::{Letter, NextTry, NoticeOutbox},
    receiver::NoticeReceiver,
    say,
};

/// What sends to all receivers.
#[derive(Debug)]
pub(super) struct NoticeDelivery {
    wake: Vec<SyncSender<()>>,
}

impl NoticeDelivery {
    /// Begins to send what is in the outbox. `every` is how often it is looked for what is due.
    ///
    /// # Errors
    ///
    /// If there are no threads.
    pub(super) fn start(
        receivers: &Arc<[NoticeReceiver]>,
        outbox: &NoticeOutbox,
        every: Duration,
    ) -> io::Result<Self> {
        let mut wake = Vec::new();
        for nth in 0..receivers.len() {
            // It is woken once, however often it is told to look while it sends.
            let (waker, woken) = mpsc::sync_channel(1);
            let (receivers, outbox) = (Arc::clone(receivers), outbox.clone());
            let named = thread::Builder::new().name("notify one".into());
            named.spawn(move || {
                if let Some(receiver) = receivers.get(nth) {
                    ReceiverDelivery { receiver, outbox, every }.run(&woken);
                }
            })?;
            wake.push(waker);
        }
        Ok(Self { wake })
    }

    /// There is something new in the outbox.
    pub(super) fn wake(&self) {
        for one in &self.wake {
            // One that is full is woken already.
            let _ = one.try_send(());
        }
    }
}

/// What sends to one receiver.
struct ReceiverDelivery<'r> {
    receiver: &'r NoticeReceiver,
    outbox: NoticeOutbox,
    every: Duration,
}

impl ReceiverDelivery<'_> {
    fn run(self, woken: &Receiver<()>) {
        let mut said = String::new();
        loop {
            let what = self.send().err().map(|error| format!("the outbox: {error}"));
            let what = what.unwrap_or_default();
            if !what.is_empty() && what != said {
                say(&what);
            }
            said = what;
            if woken.recv_timeout(self.every) == Err(RecvTimeoutError::Disconnected) {
                return;
            }
        }
    }

    /// Sends what is due. After the first letter that is not taken, the others wait for the next time.
    fn send(&self) -> io::Result<()> {
        for letter in self.outbox.due(&self.receiver.key(), now())? {
            match self.receiver.send(&letter.id, &letter.notice) {
                Ok(refused) => {
                    self.outbox.remove(&letter)?;
                    let name = self.receiver.name();
                    refused.iter().for_each(|what| say(&format!("{name}: {what}")));
                }
                Err(error) => {
                    return self.put_back(letter, &format!("{}: {error}", self.receiver.name()));
                }
            }
        }
        Ok(())
    }

    fn put_back(&self, letter: Letter, what: &str) -> io::Result<()> {
        match self.outbox.put_back(letter, self.every, now())? {
            NextTry::After(pause) => say(&format!("{what}: it is sent again in {pause:?}")),
            NextTry::Never => say(&format!("{what}: it is given up after three days")),
        }
        Ok(())
    }
}
