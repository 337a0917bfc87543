//! `leadership-exporter`: publishes Kubernetes leadership for Prometheus.

use std::process::ExitCode;

use clap::Parser as _;
use leadership_exporter::{args::Args, log, run};
use mimalloc::MiMalloc;

/// A snapshot is thousands of small pieces that come and go together, which the system's allocator answers slowly, and that of
/// musl, on which the image is built, slower still.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let args = Args::parse();
    log::start(args.log_format, args.log_level);
    match run::run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("leadership-exporter: error: {error}");
            ExitCode::FAILURE
        }
    }
}
