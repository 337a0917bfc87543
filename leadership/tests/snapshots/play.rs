//! Plays a scenario up to some second.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use leadership::Leadership;
use leadership::snapshot::{Election, Snapshot};
use leadership::time::{Delta, Time};
use observe::recording::Reader;

/// Second 0 of all scenarios: the year 2026 begins.
const START: i64 = 1_767_225_600_000_000;

pub(crate) fn at(seconds: f64) -> Time {
    Time::from_micros(START) + secs(seconds)
}

#[expect(clippy::cast_possible_truncation, reason = "a few minutes")]
pub(crate) fn secs(seconds: f64) -> Delta {
    Delta::from_micros((seconds * 1e6).round() as i64)
}

/// Everything at `seconds` of a scenario.
pub(crate) fn picture(scenario: &str, seconds: f64) -> Arc<Snapshot> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{scenario}.jsonl"));
    let mut fold = Leadership::new();
    for observation in Reader::new(BufReader::new(File::open(path).unwrap())) {
        let observation = observation.unwrap();
        if observation.at <= at(seconds) {
            fold.observe(observation);
        }
    }
    fold.advance(at(seconds));
    fold.snapshot()
}

/// Its one election.
pub(crate) fn election(scenario: &str, seconds: f64) -> Arc<Election> {
    Arc::clone(&picture(scenario, seconds).elections[0])
}
