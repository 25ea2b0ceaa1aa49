//! The program as a person or a script meets it: the real binary, its words and its exit codes.

mod explaining;
mod formats;
mod killed;
mod lineage;
mod orders;
pub mod place;
mod recording;
mod runs;
mod schemas;
mod serving;
mod sets;
mod testing;

use insta::assert_snapshot;
use place::Place;

#[test]
fn each_command_explains_itself() {
    let place = Place::empty("help");
    for command in [
        "", "check", "explain", "lsp", "plan", "preview", "apply", "run", "test", "lineage",
        "record", "sandbox",
    ] {
        let arguments: Vec<&str> =
            [command, "--help"].into_iter().filter(|a| !a.is_empty()).collect();
        let run = place.run(&arguments);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{command}");
        let name = if command.is_empty() { "help" } else { command };
        assert_snapshot!(format!("help_{name}"), run.out);
    }
}

#[test]
fn an_unknown_argument_is_wrong_and_named() {
    let run = Place::empty("argument").run(&["run", "--onli", "1"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("--onli") && run.err.contains("--only"), "{}", run.err);
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let place = Place::shipped("pipe");
    assert_eq!(place.run_unread(&["plan", "--verbose"]), place.run(&["plan", "--verbose"]).code);
}
