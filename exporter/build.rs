//! Tells the binary which source and which compiler it was made of.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=LEADERSHIP_REVISION");
    println!("cargo:rerun-if-changed=build.rs");
    // Each commit and each checkout writes a line there. A file that is missing, as in a source
    // archive, would make cargo build again every time.
    let history = "../.git/logs/HEAD";
    if std::path::Path::new(history).exists() {
        println!("cargo:rerun-if-changed={history}");
    }
    let revision = std::env::var("LEADERSHIP_REVISION")
        .ok()
        .or_else(|| first_line("git", &["rev-parse", "--short=12", "HEAD"]))
        .unwrap_or_else(|| "unknown".to_owned());
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let rustc = first_line(&rustc, &["--version"]).unwrap_or_else(|| "unknown".to_owned());
    println!("cargo:rustc-env=LEADERSHIP_REVISION={revision}");
    println!("cargo:rustc-env=LEADERSHIP_RUSTC={rustc}");
}

/// The first line that a program prints, if it succeeds.
fn first_line(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.lines().next()?.trim();
    (output.status.success() && !line.is_empty()).then(|| line.to_owned())
}
