//! What to say where filters take no test at all.

use std::path::Path;

use super::SelectArgs;
use crate::adapters;

impl SelectArgs {
    /// That no test matches the filters, if there are any, and what may have been meant by them.
    pub(in crate::commands) fn no_match(&self, folder: &Path) -> Option<String> {
        if self.filters.is_empty() {
            return None;
        }
        let named: Vec<String> = self.filters.iter().map(|word| format!("`{word}`")).collect();
        let others = Self { filters: Vec::new(), ..self.clone() };
        let also = others.given().map(|option| format!(" and {option}")).unwrap_or_default();
        let meant = adapters::meant_by(&self.filters, folder)
            .map(|line| format!("; did you mean `subunit run -- {line}`?"))
            .unwrap_or_default();
        Some(format!("no test matches {}{also}{meant}", named.join(" or ")))
    }
}
