//! What would serve the election better.

use leadership::advice;
use leadership::snapshot::Election;

use super::{Row, labelled};
use crate::columns::{Cell, Lens};
use crate::theme::Tone;

pub(super) fn rows(election: &Election, _: &Lens, room: usize) -> Vec<Row> {
    let findings = advice::advise(election).map(|advice| advice.findings).unwrap_or_default();
    let row = |text: String| labelled("*", &Cell::new(text, Tone::Plain), room);
    findings.into_iter().flat_map(|finding| row(finding.text)).collect()
}
