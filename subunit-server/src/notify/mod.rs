//! Who is told when tests begin or cease to fail: webhooks and people by mail.
//!
//! ```text
//! watch.rs     each run that has come in --policies of the project--> notice.rs    what is said
//!                                                                        |
//!                                          outbox.rs   a file for each receiver, until it is sent
//!                                                                        |
//!                                 webhook.rs: POST, signed    mail.rs: text --> smtp.rs
//! ```

mod connection;
mod mail;
mod notice;
mod outbox;
mod place;
mod receiver;
mod secret;
mod settings;
mod smtp;
mod watch;
mod webhook;

pub(crate) use self::{settings::NotifySettings, watch::start};
