//! A person's end of a tree of multiplexers: what it shows, and whom a typed line is for.

#[cfg(unix)]
mod joined;
#[cfg(unix)]
mod session;
#[cfg(unix)]
mod shown;
#[cfg_attr(not(unix), expect(dead_code, reason = "there are no sessions"))]
mod view;

#[cfg(unix)]
pub(crate) use joined::{bridge, command_of_run};
#[cfg(unix)]
pub(crate) use session::{AttachPlan, run_attach};
#[cfg(feature = "fuzzing")]
pub(crate) use view::{AttachView, Typed};
