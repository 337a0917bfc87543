//! Each way in which a leader can be ended on a real control plane is named as what it was.
//! `UPDATE=1` writes what came out into docs/causes.md.

use std::path::Path;

use anyhow::{Result, ensure};
use e2e::process::folder;

#[test]
#[ignore = "needs Go: run e2e/run"]
fn each_failover_is_given_its_true_cause() -> Result<()> {
    let report = e2e::causes::run(Path::new(env!("CARGO_TARGET_TMPDIR")))?;
    println!("{}", report.table());
    if std::env::var_os("UPDATE").is_some() {
        report.publish(&folder().join("../docs/causes.md"))?;
    }
    let wrong = report.wrong();
    ensure!(wrong.is_empty(), "{} causes are wrong:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}
