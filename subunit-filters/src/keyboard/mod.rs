//! A person's keyboard, where keys come one by one.

#[cfg(unix)]
mod terminal;
pub(crate) mod typing;

#[cfg(unix)]
pub(crate) use self::terminal::Keyboard;
