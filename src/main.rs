//! The binary: hands over to the shell.

fn main() -> std::process::ExitCode {
    crosswalk::cli::main()
}
