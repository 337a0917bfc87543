//! Each way in which a leader can be ended on a real control plane is named as what it was.

use std::path::Path;

use anyhow::{Result, ensure};

#[test]
#[ignore = "needs Go: run e2e/run"]
fn each_failover_is_given_its_true_cause() -> Result<()> {
    let report = e2e::causes::run(Path::new(env!("CARGO_TARGET_TMPDIR")))?;
    println!("{}", report.table());
    let wrong = report.wrong();
    ensure!(wrong.is_empty(), "{} causes are wrong:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}
