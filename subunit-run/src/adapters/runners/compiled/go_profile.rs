//! How do the profiles that programs of Go write become one? In a line each block of code: where it is, how many
//! statements it has, and how often it has run.

use std::{
    collections::HashMap,
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::config::COVERAGE;

/// The file of the next process of a program, by its number. None outside of a run that measures.
pub(super) fn new_file(program: usize) -> Option<PathBuf> {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let nth = MADE.fetch_add(1, Ordering::Relaxed);
    let folder = env::var_os(COVERAGE)?;
    Some(Path::new(&folder).join(format!("{program}.{}.{nth}.out", process::id())))
}

/// Joins the profiles of a run into `profile`, and prints how much of each package has run, as go does.
///
/// # Errors
///
/// If a profile is none, or the new one cannot be written.
pub(super) fn join(
    programs: &[&str],
    untested: &Path,
    profile: Option<&str>,
    of: &str,
) -> Result<(), String> {
    let folder = env::var_os(COVERAGE).ok_or_else(|| format!("{COVERAGE} is not set"))?;
    let mut joined: Vec<Profile> = programs.iter().map(|_| Profile::default()).collect();
    for path in files(Path::new(&folder)).map_err(|error| error.to_string())? {
        let Some(profile) = number_of(&path).and_then(|nth| joined.get_mut(nth)) else { continue };
        profile.add(&text(&path)?, &path)?;
    }
    for (program, profile) in programs.iter().zip(&joined) {
        if profile.mode.is_some() {
            writeln!(io::stdout(), "{program}\t{}{of}", profile.summary())
                .map_err(|error| error.to_string())?;
        }
    }
    let mut rest = Profile::default();
    if untested.is_file() {
        rest.add(&text(untested)?, untested)?;
    }
    joined.push(rest);
    let Some(path) = profile else { return Ok(()) };
    fs::write(path, whole(&joined)).map_err(|error| format!("{path}: {error}"))
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries: io::Result<Vec<_>> = fs::read_dir(folder)?.collect();
    let mut paths: Vec<PathBuf> = entries?.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    Ok(paths)
}

/// The number of the program that has written a file of this name.
fn number_of(path: &Path) -> Option<usize> {
    path.file_name()?.to_str()?.split('.').next()?.parse().ok()
}

fn text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// All profiles, one after another, as go writes those of several packages.
fn whole(profiles: &[Profile]) -> String {
    let mode = profiles.iter().find_map(|profile| profile.mode.as_deref()).unwrap_or("set");
    let mut text = format!("mode: {mode}\n");
    for block in profiles.iter().flat_map(|profile| &profile.blocks) {
        text.push_str(&format!("{} {} {}\n", block.place, block.statements, block.count));
    }
    text
}

/// What is known of the code of one program.
#[derive(Debug, Default)]
struct Profile {
    mode: Option<String>,
    blocks: Vec<Block>,
    /// Which block is at a place.
    places: HashMap<String, usize>,
}

#[derive(Debug)]
struct Block {
    place: String,
    statements: u64,
    count: u64,
}

impl Profile {
    fn add(&mut self, text: &str, path: &Path) -> Result<(), String> {
        for (nth, line) in text.lines().enumerate() {
            if let Some(mode) = line.strip_prefix("mode: ") {
                self.mode.get_or_insert_with(|| mode.to_owned());
                continue;
            }
            let wrong = || format!("{}: line {}: this is no profile", path.display(), nth + 1);
            self.add_block(line).ok_or_else(wrong)?;
        }
        Ok(())
    }

    /// Adds `FILE:LINE.COLUMN,LINE.COLUMN STATEMENTS COUNT`.
    fn add_block(&mut self, line: &str) -> Option<()> {
        let mut words = line.rsplitn(3, ' ');
        let count: u64 = words.next()?.parse().ok()?;
        let statements = words.next()?.parse().ok()?;
        let place = words.next()?;
        let Some(&known) = self.places.get(place) else {
            self.places.insert(place.to_owned(), self.blocks.len());
            self.blocks.push(Block { place: place.to_owned(), statements, count });
            return Some(());
        };
        let is_set = self.mode.as_deref() == Some("set");
        let block = self.blocks.get_mut(known)?;
        let sum = block.count.saturating_add(count);
        block.count = if is_set { sum.min(1) } else { sum };
        Some(())
    }

    fn summary(&self) -> String {
        let all: u64 = self.blocks.iter().map(|block| block.statements).sum();
        let run = self.blocks.iter().filter(|block| block.count > 0);
        let run: u64 = run.map(|block| block.statements).sum();
        if all == 0 {
            return "coverage: [no statements]".to_owned();
        }
        // Statements are far fewer than what a float counts exactly.
        #[allow(clippy::cast_precision_loss, reason = "see above")]
        let percent = 100.0 * run as f64 / all as f64;
        format!("coverage: {percent:.1}% of statements")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ran_in_any_process_has_run_and_counts_are_added() {
        for (mode, expected) in [("set", "1"), ("count", "7")] {
            let mut joined = Profile::default();
            for counts in [["0", "3"], ["0", "4"]] {
                let [a, b] = counts.map(|count| {
                    count.replace(['3', '4'], if mode == "set" { "1" } else { count })
                });
                let text = format!("mode: {mode}\nx/a.go:1.2,3.4 2 {a}\nx/a b.go:5.2,6.3 1 {b}\n");
                joined.add(&text, Path::new("p")).unwrap();
            }
            let text = format!("mode: {mode}\nx/a.go:1.2,3.4 2 0\nx/a b.go:5.2,6.3 1 {expected}\n");
            assert_eq!(joined.summary(), "coverage: 33.3% of statements");
            assert_eq!(whole(&[joined, Profile::default()]), text);
        }
        assert_eq!(Profile::default().summary(), "coverage: [no statements]");
    }

    #[test]
    fn what_is_no_profile_is_told_with_its_place() {
        for line in ["", "x", "a.go:1.2,3.4 2", "a.go:1.2,3.4 2 -1"] {
            let text = format!("mode: set\n{line}\n");
            let said = Profile::default().add(&text, Path::new("p.out")).unwrap_err();
            assert_eq!(said, "p.out: line 2: this is no profile", "{line}");
        }
        assert_eq!(number_of(Path::new("/x/12.345.0.out")), Some(12));
        assert_eq!(number_of(Path::new("/x/a.out")), None);
    }
}
