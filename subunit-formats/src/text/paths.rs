//! What do we call a file whose whole path a report has?

use std::sync::LazyLock;

/// The folder that the program was started in, with a separator after it.
static HERE: LazyLock<Option<String>> = LazyLock::new(|| {
    let here = std::env::current_dir().ok()?.into_os_string().into_string().ok()?;
    Some(here + std::path::MAIN_SEPARATOR_STR)
});

/// The path as runners print it: relative to the folder that the program was started in, where it lies below it.
pub(crate) fn relative(path: &str) -> &str {
    let here = HERE.as_deref().and_then(|here| path.strip_prefix(here));
    here.filter(|rest| !rest.is_empty()).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_below_is_relative() {
        let here = std::env::current_dir().unwrap();
        let below = here.join("a").join("b.test.js");
        let expected = std::path::Path::new("a").join("b.test.js");
        assert_eq!(relative(below.to_str().unwrap()), expected.to_str().unwrap());
        assert_eq!(relative("/nowhere/b.test.js"), "/nowhere/b.test.js");
    }
}
