//! `drill`: a leader is ended on purpose, and what follows is measured.

mod plan;
mod probes;
mod render;
mod report;
mod run;

use std::fs::File;
use std::io::{BufRead, IsTerminal, Write, stdin};
use std::path::Path;

use anyhow::Context;
use observe::drive::Live;
use observe::evict;
use rustix::termios::{QueueSelector, tcflush};

use super::{Exit, lease};
use crate::args::{DrillArgs, SourceArgs};
use crate::first_list::{self, newest};
use crate::out::out;
use crate::source::{self, Watched};
use plan::Plan;
use report::Report;
use run::Drill;

/// Asks, ends the leader, measures, reports.
pub(super) async fn run(source: &SourceArgs, args: &DrillArgs) -> anyhow::Result<Exit> {
    anyhow::ensure!(
        source.replay.is_none(),
        "nobody can be ended in a recording: leave --replay away to drill in a cluster"
    );
    let watched = source::connect(source).await?;
    let probes = probes::open(watched.cluster("a drill")?, &args.probes).await?;
    let mut live = watched.watch(None)?;
    first_list::wait(&mut live, &watched.address(), source.request_timeout).await?;
    // A mistake in the name is told before we learn anything.
    lease::find(&newest(&live), &args.lease)?;
    tell!("fleet-top: learning how often {} is renewed", args.lease);
    first_list::learn(&mut live, Some(&args.lease), args.settle).await;
    let plan = plan(&live, args)?;
    crate::tell::part(format_args!("{}", plan.told(&watched.name())));
    if args.dry_run {
        return dry_run(&watched, &plan).await;
    }
    if !args.yes && !agreed(&plan)? {
        tell!("fleet-top: nothing was done");
        return Ok(Exit::Failed);
    }
    let first = again(&live, args, &plan)?;
    // Nobody is ended for a report that cannot be written.
    let file = args.report.as_deref().map(create).transpose()?;
    let mut drill = Drill { watched: &watched, live, args, probes };
    let runs = drill.all(first).await?;
    let report = Report::new(watched.name(), &plan, runs);
    let text = render::render(&report, args.output)?;
    match file {
        Some(mut file) => file.write_all(text.as_bytes())?,
        None => out().write_all(text.as_bytes())?,
    }
    Ok(if report.summary.passed { Exit::Fine } else { Exit::Failed })
}

fn plan(live: &Live, args: &DrillArgs) -> anyhow::Result<Plan> {
    let snapshot = newest(live);
    Plan::new(&snapshot, lease::find(&snapshot, &args.lease)?, args)
}

/// While the user thought, the leader may have changed.
fn again(live: &Live, args: &DrillArgs, asked: &Plan) -> anyhow::Result<Plan> {
    let now = plan(live, args)?;
    anyhow::ensure!(
        now.order == asked.order && now.holder == asked.holder,
        "pod {} leads {} by now; nothing was done, look again",
        now.order.pod,
        now.key
    );
    Ok(now)
}

async fn dry_run(watched: &Watched, plan: &Plan) -> anyhow::Result<Exit> {
    evict::send_away(watched.cluster("a drill")?, &plan.order).await?;
    let what = plan.question();
    writeln!(out(), "{what} The API server would do it. Nothing was done: a dry run.")?;
    Ok(Exit::Fine)
}

/// Asks a person. What was typed before the question is no answer to it.
fn agreed(plan: &Plan) -> anyhow::Result<bool> {
    anyhow::ensure!(
        stdin().is_terminal(),
        "nobody is there to agree: pass --yes to end the leader without a question"
    );
    tcflush(stdin(), QueueSelector::IFlush)?;
    crate::tell::part(format_args!("{} [y/N] ", plan.question()));
    let mut answer = String::new();
    stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn create(path: &Path) -> anyhow::Result<File> {
    File::create(path).with_context(|| format!("cannot write the report to {}", path.display()))
}

#[cfg(test)]
mod tests;
