//! How exact the published failover window is: hundreds of failovers of real electors on a real
//! control plane, seen through an unsteady wire, held against the electors' own journals.

pub mod lane;
pub mod relay;
pub mod table;
pub mod tail;
pub mod verdict;
pub mod windows;

use std::fmt::Write;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use leadership::time::{Delta, Time};
use tokio::runtime::{Builder, Runtime};

use crate::candidate::{CALM, QUICK};
use crate::plane::ControlPlane;
use crate::process::{now, together};
use crate::product::Exporter;
use lane::{ENDINGS, Lane, OUTAGE, SKEWS};
use relay::{Relay, UNSTEADY};
use table::{Figures, Spread};
use verdict::{Case, Published, Told, seen};
use windows::{Window, Writes};

/// Outages concern all leases at once, so a few of them are many failovers.
const OUTAGES: u32 = 3;

/// What came of a run of the bench.
#[derive(Debug)]
pub struct Report {
    /// Windows whose truth is certain, one published failover each.
    pub cases: Vec<Case>,
    /// Windows of which nothing was published.
    pub missed: Vec<Window>,
    /// What was published and did not happen.
    pub invented: Vec<Told>,
    /// Windows left out because a write may have arrived and nobody knows.
    pub doubtful: usize,
    /// By how much healthy renewals came later than the retry period.
    overdue: Spread,
    /// How long the API server took to answer a write.
    answers: Spread,
}

/// Lets each of twenty leases fail over `rounds` times, and then all of them together by an API
/// server that is away, at most three times.
///
/// # Errors
/// When something does not start, or an election stalls.
pub fn run(rounds: u32) -> Result<Report> {
    let mut plane = ControlPlane::start()?;
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let wire = Relay::start(runtime.handle(), &plane, &UNSTEADY)?;
    let mut exporter = Exporter::start(&wire.kubeconfig(&plane)?, &plane.dir(), &[])?;
    let (lanes, down) = play(&mut plane, &runtime, &exporter, rounds)?;
    exporter.process.signal("TERM")?;
    exporter.process.wait(Duration::from_secs(30)).context("the exporter")?;
    judge(&lanes, &down, &exporter.recording)
}

/// The lanes after all rounds, and when the API server was down.
fn play(
    plane: &mut ControlPlane,
    runtime: &Runtime,
    exporter: &Exporter,
    rounds: u32,
) -> Result<(Vec<Lane>, Vec<Range<Time>>)> {
    let schedule = ENDINGS.iter().flat_map(|ending| SKEWS.map(|skew| (ending, skew))).enumerate();
    let all = &*plane;
    let mut lanes = together(schedule.collect(), |(number, (ending, skew))| {
        // Each ending and each skew has one calm lane at least.
        let timing = if number % 5 == 4 { &CALM } else { &QUICK };
        let mut lane = Lane::start(all, runtime.handle(), ending, skew, timing)?;
        for _ in 0..rounds {
            lane.fail_over(all)?;
        }
        lane.settle()?;
        Ok(lane)
    })?;
    let mut down = Vec::new();
    for _ in 0..rounds.min(OUTAGES) {
        down.push(fail_over_together(plane, exporter, &mut lanes)?);
    }
    Ok((lanes, down))
}

/// The API server is away until all leaders have given up. It ends when the observer sees again.
fn fail_over_together(
    plane: &mut ControlPlane,
    exporter: &Exporter,
    lanes: &mut [Lane],
) -> Result<Range<Time>> {
    let since = now();
    plane.stop_apiserver();
    let down = now();
    together(lanes.iter_mut().collect(), Lane::give_up)?;
    let up = now();
    plane.start_apiserver()?;
    together(lanes.iter_mut().collect(), |lane| {
        lane.succeed(plane, since, &OUTAGE)?;
        lane.settle()
    })?;
    let leases = ["resource=\"leases\""];
    exporter.until(Duration::from_mins(1), "leadership_watch_up", &leases, |up| up > 0.0)?;
    together(lanes.iter_mut().collect(), Lane::go_on)?;
    Ok(down..up)
}

fn judge(lanes: &[Lane], down: &[Range<Time>], recording: &Path) -> Result<Report> {
    let seen = seen(recording)?;
    let mut published = Published::replay(recording)?;
    let (mut cases, mut missed, mut doubtful) = (Vec::new(), Vec::new(), 0);
    let (mut overdue, mut answers) = (Vec::new(), Vec::new());
    let outage = down.first().map_or(Time::MAX, |down| down.start);
    for lane in lanes {
        let (skew, retry) = (lane.skew, Delta::from_millis(lane.timing.retry_millis));
        let writes = Writes::read(lane.candidates(), &seen, down)?;
        answers.extend(writes.answers());
        overdue.extend(writes.gaps().map(|gap| gap - retry));
        for window in writes.windows() {
            let ending = if window.first.before > outage { &OUTAGE } else { lane.ending };
            let told = published.take(&lane.lease, &window);
            match told {
                // Nothing reaches the API server unseen by an observer that it does not leave.
                Some(_) if ending.name == OUTAGE.name && !window.doubts.is_empty() => doubtful += 1,
                Some(told) => cases.push(Case { ending, skew, window, told }),
                None => missed.push(window),
            }
        }
    }
    let (overdue, answers) = (Spread::of(overdue.into_iter()), Spread::of(answers.into_iter()));
    Ok(Report { cases, missed, invented: published.left(), doubtful, overdue, answers })
}

impl Report {
    /// The windows of outages, of which the observer saw at best the ends, and all others.
    #[must_use]
    pub fn by_ending(&self) -> (Vec<Case>, Vec<Case>) {
        self.cases.iter().cloned().partition(|case| case.ending.name == OUTAGE.name)
    }

    /// Everything, as Markdown.
    #[must_use]
    pub fn text(&self) -> String {
        let (outages, cases) = self.by_ending();
        let endings: Vec<&str> = ENDINGS.iter().map(|it| it.name).collect();
        let mut text = table::table(&cases, &endings, &SKEWS);
        let _ = writeln!(text, "\n{}", table::table(&outages, &[OUTAGE.name], &SKEWS));
        let blind = self.cases.iter().filter(|case| case.blind()).count();
        let unbounded = outages.iter().filter(|case| case.bounded() != Some(true)).count();
        let (late, answer) = (self.overdue, self.answers);
        let _ = writeln!(
            text,
            "Of the outages {blind} are flagged `observer_gap`; of all outages {unbounded} are out of \
             their bounds; {} are left out: a write may have arrived and nobody knows. \
             Not published: {}. Invented: {}.\n\
             Healthy renewals came late by {:.1} / {:.1} / {:.1} ms, and the API server answered \
             writes in {:.1} / {:.1} / {:.1} ms (p50 / p99 / max). \
             The median of the final error with its sign is {:.1} ms.",
            self.doubtful,
            self.missed.len(),
            self.invented.len(),
            late.p50,
            late.p99,
            late.max,
            answer.p50,
            answer.p99,
            answer.max,
            self.figures().bias,
        );
        for case in self.cases.iter().filter(|case| !case.sound()) {
            let _ = writeln!(text, "- {}", case.describe());
        }
        for what in &self.invented {
            let _ = writeln!(text, "- invented: {what:?}");
        }
        for window in &self.missed {
            let _ = writeln!(text, "- not published: {window:?}");
        }
        text
    }

    /// The figures of all windows but the outages'.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let cases = self.by_ending().1;
        Figures::of(&cases.iter().collect::<Vec<_>>())
    }
}
