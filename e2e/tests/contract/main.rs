//! The simulator's scripted electors leave the traces that real ones leave: the same kinds of
//! events, in the same order, for each way in which a leader ends or comes back.

mod real;
mod simulated;
mod stage;
mod trace;

use anyhow::{Context, Result, ensure};

use real::Real;
use simulated::Simulated;
use stage::{ACTS, World};
use trace::Traces;

/// Plays all acts, and returns what an exporter makes of each.
fn traces(world: &dyn World) -> Result<Traces> {
    stage::play(world)?;
    trace::of_all(&world.exporter().recording)
}

#[test]
#[ignore = "needs Go: run e2e/run"]
fn simulated_electors_leave_the_traces_of_real_ones() -> Result<()> {
    let real = traces(&Real::start()?).context("real")?;
    let simulated = traces(&Simulated::start()?).context("simulated")?;
    println!("real: {real:#?}\nsimulated: {simulated:#?}");
    for act in &ACTS {
        let (real, simulated) = (real.get(act.name), simulated.get(act.name));
        ensure!(real.is_some(), "no trace of {}", act.name);
        ensure!(real == simulated, "{}: {real:#?} is not {simulated:#?}", act.name);
    }
    Ok(())
}
