//! The binary: hands over to the shell.

fn main() {}
