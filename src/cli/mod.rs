//! The shell: the only reader of arguments, environment variables, the clock and mapping files,
//! and the only printer.
//!
//! It finds a mapping set and its environment, has them compiled, connects what they name, and
//! shows what planning and applying say. Every failure becomes text and an exit code in one place,
//! `fault`; connectors and ledgers are named in one place, `connect`.

mod account;
mod actions;
mod args;
pub mod cases;
mod chain;
mod check;
pub mod checked;
mod clock;
mod connect;
mod drawing;
mod embedded;
mod emit;
mod environment;
mod examples;
mod explain;
mod fault;
mod findings;
mod lineage;
mod lsp;
mod plan;
mod preview;
mod progress;
mod record;
mod records;
mod run;
mod sandbox;
mod schema;
mod screen;
mod session;
mod set;
mod summary;
mod test;

use std::process::ExitCode;

use args::{Command, CommandLine};
use clap::Parser as _;
use fault::{Ending, Fault};
use screen::Screen;

/// Reads the command line, does what it says, and gives the exit code.
pub fn main() -> ExitCode {
    let CommandLine { command } = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(fault) => {
            // A closed pipe while help is printed is no fault.
            let _ = fault.print();
            return ExitCode::from(if fault.use_stderr() { Ending::Wrong.code() } else { 0 });
        }
    };
    let screen = Screen::new(command.look());
    let ending = match done(&command, &screen) {
        Ok(ending) => ending,
        Err(fault) => {
            fault::show(&fault, &screen);
            fault.ending()
        }
    };
    match screen.finish() {
        Ok(()) => ExitCode::from(ending.code()),
        Err(_) => ExitCode::from(ending.code().max(Ending::Unusable.code())),
    }
}

fn done(command: &Command, screen: &Screen) -> Result<Ending, Fault> {
    match command {
        Command::Check(asked) => check::check(asked, screen),
        Command::Explain(asked) if asked.record().is_some() => {
            waiting(chain::explain(asked.record().unwrap_or_default(), asked, screen))
        }
        Command::Explain(asked) => explain::explain_code(asked, screen),
        Command::Lsp(asked) => lsp::lsp(asked),
        Command::Plan(asked) => waiting(plan::plan(asked, screen)),
        Command::Preview(asked) => waiting(preview::preview(asked, screen)),
        Command::Apply(asked) => waiting(run::apply(asked, screen)),
        Command::Run(asked) => waiting(run::run(asked, screen)),
        Command::Record(asked) => waiting(record::record(asked, screen)),
        Command::Lineage(asked) => lineage::lineage(asked, screen),
        Command::Test(asked) => waiting(test::test(asked, screen)),
        Command::Schema(asked) => waiting(schema::schema(&asked.command, screen)),
        Command::Sandbox(asked) => waiting(sandbox::sandbox(asked, screen)),
    }
}

/// Does what has to wait for others.
fn waiting(work: impl Future<Output = Result<Ending, Fault>>) -> Result<Ending, Fault> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| Fault::file("the scheduler", &fault))?;
    let ending = runtime.block_on(work);
    // What still runs beside it (an embedded service that waits for a client) is not waited for.
    runtime.shutdown_background();
    ending
}
