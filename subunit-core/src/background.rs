//! Work on a second processor, if there is one.

use std::{
    sync::mpsc::{Receiver, Sender, channel},
    thread,
};

/// A second thread, which does one piece of work at a time. It ends when this does.
#[derive(Debug)]
pub struct BackgroundThread<T> {
    to_do: Sender<T>,
    done: Receiver<T>,
}

impl<T: Send + 'static> BackgroundThread<T> {
    /// Starts a thread that does `work` to what it is given. `None` if there is only one processor, or no
    /// thread can be started.
    pub fn start(mut work: impl FnMut(&mut T) + Send + 'static) -> Option<Self> {
        if thread::available_parallelism().map_or(1, usize::from) < 2 {
            return None;
        }
        let (to_do, given) = channel::<T>();
        let (finished, done) = channel();
        let help = move || {
            for mut it in given {
                work(&mut it);
                if finished.send(it).is_err() {
                    break;
                }
            }
        };
        thread::Builder::new().name("background".into()).spawn(help).ok()?;
        Some(Self { to_do, done })
    }

    /// Hands it work. Ask for the result before handing it more.
    ///
    /// # Panics
    ///
    /// If the work before has panicked; [`BackgroundThread::finish`] panics then, too.
    pub fn begin(&self, it: T) {
        self.to_do.send(it).expect("it waits for work, unless it has panicked");
    }

    /// Waits for the result.
    ///
    /// # Panics
    ///
    /// See [`BackgroundThread::begin`].
    pub fn finish(&self) -> T {
        self.done.recv().expect("it has work, unless it has panicked")
    }
}
