//! A command as a leaf that takes tests while it runs.

mod input;

pub use input::Intake;
