//! A release in a folder, instead of one at an address.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use crate::runner::{Job, root, write_script};

/// The version of the manifest.
pub(crate) fn version() -> String {
    manifest("version")
}

/// The value of a line `KEY = "VALUE"` of the workspace's manifest.
pub(crate) fn manifest(key: &str) -> String {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let line = manifest.lines().find_map(|line| line.strip_prefix(&format!("{key} = \"")));
    line.unwrap().trim_end_matches('"').to_owned()
}

/// Archives for targets, with programs that say what they are, and the sums of all.
pub(crate) fn release(job: &Job, version: &str, targets: &[&str]) -> PathBuf {
    let folder = job.folder("release");
    for target in targets {
        let bin = folder.join(format!("subunit-{version}-{target}/bin"));
        for program in ["subunit", "subunit-run"] {
            write_script(&bin.join(program), &format!("#!/bin/sh\necho {program} of {target}\n"));
        }
    }
    pack(&folder);
    folder
}

/// The archive of the programs of this build, and its sum. It has links to them, as they are large.
pub(crate) fn real_release(job: &Job, version: &str, target: &str) -> PathBuf {
    let folder = job.folder("release");
    let bin = folder.join(format!("subunit-{version}-{target}/bin"));
    fs::create_dir_all(&bin).unwrap();
    for program in ["subunit", "subunit-run"] {
        let there = job.folder("programs/bin").join(program).canonicalize().unwrap();
        symlink(there, bin.join(program)).unwrap();
    }
    pack(&folder);
    folder
}

/// Makes an archive of each folder, and SHA256SUMS.
fn pack(release: &Path) {
    let script = r#"
        for name in subunit-*; do tar -czf "$name.tar.gz" "$name" && rm -r "$name"; done
        for file in *.tar.gz; do sha256sum "$file" || shasum -a 256 "$file"; done > SHA256SUMS
    "#;
    let packed = Command::new("sh").args(["-ec", script]).current_dir(release).status().unwrap();
    assert!(packed.success());
}

/// A `curl` that takes files from a release in a folder, and the file in which it notes the addresses.
pub(crate) fn shadow_curl(job: &mut Job, release: &Path) -> PathBuf {
    let asked = job.folder("asked");
    let script = format!(
        "#!/bin/sh
for url; do :; done
echo \"$url\" >> '{}'
while [ \"$1\" != -o ]; do shift; done
cp '{}'/\"${{url##*/}}\" \"$2\"
",
        asked.display(),
        release.display()
    );
    job.shadow("curl", &script);
    asked
}
