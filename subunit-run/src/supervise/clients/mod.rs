//! Who is connected to the run from outside: `attach` and `running`. Each gets a snapshot of the run, then the
//! stream from there on, and may send text to workers.

mod connections;
mod input;
mod snapshot;

pub(super) use self::connections::Clients;
