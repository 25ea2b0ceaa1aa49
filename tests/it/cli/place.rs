//! A folder of its own for each test, and runs of the binary in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

pub struct Place {
    pub folder: PathBuf,
}

/// How a run ended, and what it said.
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Place {
    /// An empty folder.
    pub fn empty(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("crosswalk-cli-{}-{name}", std::process::id()));
        // A process of the same number may have left one.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self { folder }
    }

    /// A folder with the shipped set for Salesforce and Zuora in it.
    pub fn shipped(name: &str) -> Self {
        let place = Self::empty(name);
        place.also_shipped("salesforce-cpq-to-zuora");
        place
    }

    /// Adds another shipped set.
    pub fn also_shipped(&self, set: &str) {
        let set = format!("mappings/{set}");
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(&set);
        copy(&from, &self.folder.join(&set));
    }

    /// Writes a file below the folder.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The text of a file below the folder.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(path)).unwrap()
    }

    /// The binary with these arguments, in this folder, knowing nothing of the test's own shell.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crosswalk"));
        command.args(arguments).current_dir(&self.folder).env_clear().stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, &[])
    }

    pub fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
        let output = self.command(arguments).envs(variables.iter().copied()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap();
        Run { code, out: text(output.stdout), err: text(output.stderr) }
    }

    /// The exit code of a run whose output nobody reads.
    pub fn run_unread(&self, arguments: &[&str]) -> i32 {
        let mut command = self.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        drop(child.stdout.take());
        child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Run {
    /// The JSON lines of the output.
    pub fn json(&self) -> Vec<Value> {
        let line =
            |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        self.out.lines().map(line).collect()
    }

    /// The JSON lines of a format: one for each mapping of the set.
    pub fn all(&self, format: &str) -> Vec<Value> {
        self.json().into_iter().filter(|value| value["format"] == format).collect()
    }

    /// The only JSON line of a format.
    pub fn only(&self, format: &str) -> Value {
        let mut found = self.all(format);
        assert_eq!(found.len(), 1, "{format} in {}{}", self.out, self.err);
        found.remove(0)
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() { copy(&from, &to) } else { assert!(fs::copy(from, to).is_ok()) }
    }
}
