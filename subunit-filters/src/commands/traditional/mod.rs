//! The traditional tools: the names, options, output and exit statuses of python-subunit's filters, so
//! that scripts need no change. Where the reference crashes or loses data, the result it should have had.

use crate::command::Entry;

/// All traditional tools, by the names of their links.
pub const TOOLS: &[Entry] = &[];
