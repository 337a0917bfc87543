//! Shows live Kubernetes leadership in a terminal.

use std::process::ExitCode;

fn main() -> ExitCode {
    fleet_top::run(std::env::args_os())
}
