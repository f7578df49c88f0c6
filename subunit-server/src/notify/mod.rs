//! Who is told when tests begin or cease to fail: webhooks and people by mail.
//!
//! ```text
//! watch.rs     each run that has come in, or gone on (seen.rs) --policies of the project--> notice.rs    what is said
//!                                                                        |
//!                                          outbox.rs   a file for each receiver, until it is sent
//!                                                                        |
//!                                         deliver.rs   a thread for each receiver
//!                                                                        |
//!                                 webhook.rs: POST, signed    mail.rs: text --> smtp.rs
//! ```

mod connection;
mod deliver;
mod mail;
mod notice;
mod outbox;
mod place;
mod receiver;
mod secret;
mod seen;
mod settings;
mod smtp;
mod watch;
mod webhook;

use std::{
    io::{self, Write as _},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

pub(crate) use self::{settings::NotifySettings, watch::start};

/// Since 1970.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn say(what: &str) {
    // There is nobody else to tell.
    let _ = writeln!(io::stderr(), "subunit serve: notify: {what}");
}
