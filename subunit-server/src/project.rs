//! Where are projects on a server of several?

/// What stands before the name of a project in all its addresses.
pub(crate) const PROJECTS: &str = "/p/";
