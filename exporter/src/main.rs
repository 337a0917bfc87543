//! `leadership-exporter`: publishes Kubernetes leadership for Prometheus.

use std::process::ExitCode;

use clap::Parser as _;
use leadership_exporter::{args::Args, log, run};

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
