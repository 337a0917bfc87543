//! Shows live Kubernetes leadership in a terminal.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A snapshot is thousands of small pieces that come and go together, which the system's allocator answers slowly.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    fleet_top::run(std::env::args_os())
}
