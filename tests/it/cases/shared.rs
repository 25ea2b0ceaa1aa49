//! Real data that is no part of the repository, where it is at hand.

use std::path::PathBuf;

/// A file or folder of the published data. They are looked for in `CROSSWALK_SHARED` and in
/// `shared/` beside the repository; where they are absent, the tests that need them say so and
/// pass.
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let named = std::env::var_os("CROSSWALK_SHARED").map(PathBuf::from);
    let found = named
        .into_iter()
        .chain([root.join("../shared"), root.join("../../shared")])
        .map(|folder| folder.join("data").join(path))
        .find(|path| path.exists());
    if found.is_none() {
        println!("{path} is not at hand; nothing to compare");
    }
    found
}
