//! The binary: hands over to the shell.

/// Much of a check is the making of small trees, and most allocators of systems are slow at that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    crosswalk::cli::main()
}
