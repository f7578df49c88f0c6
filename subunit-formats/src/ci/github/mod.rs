//! What GitHub's actions show of a run: annotations beside the code, and a summary in Markdown.
//!
//! Facts: the pages "Workflow commands for GitHub Actions" of docs.github.com; the runner shows 10 errors and 10
//! warnings of a step (actions/toolkit, issue 734).

mod annotations;
mod summary;

pub use annotations::GithubWriter;
pub(crate) use annotations::REPORT;
pub use summary::{STEP_SUMMARY_LIMIT, open_step_summary};
