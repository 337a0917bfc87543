//! The metrics of the exporter itself: its build, and the standard ones of a process.

use super::Of::Whole;
use super::{Row, row};
use crate::text::Type::{Counter, Gauge};
use crate::text::Value;

pub(super) const ROWS: &[Row] = &[
    row(
        "leadership_exporter_build_info",
        Gauge,
        "What this exporter was made of. Always 1.",
        Whole(|picture, out| {
            let build = picture.build;
            let labels =
                [("version", build.version), ("revision", build.revision), ("rustc", build.rustc)];
            out.with(&labels, true);
        }),
    )
    .labels(&["version", "revision", "rustc"])
    .stable(),
    row(
        "leadership_elections_cut",
        Gauge,
        "Elections that are not on this page because there would be too many series, by the limit that they exceed: that of their namespace, or that of all.",
        Whole(|picture, out| {
            let cut = picture.published.cut;
            out.with(&[("limit", "namespace")], cut.namespace);
            out.with(&[("limit", "total")], cut.total);
        }),
    )
    .labels(&["limit"])
    .most(2),
    row(
        "process_cpu_seconds_total",
        Counter,
        "Time this process spent on a processor, user and system.",
        Whole(|picture, out| out.maybe(picture.process.cpu_ticks.map(ticks))),
    )
    .stable(),
    row(
        "process_start_time_seconds",
        Gauge,
        "When this process started.",
        Whole(|picture, out| out.maybe(picture.process.start_ticks.map(ticks))),
    )
    .stable(),
    row(
        "process_resident_memory_bytes",
        Gauge,
        "Memory of this process in RAM.",
        Whole(|picture, out| out.maybe(picture.process.resident_bytes)),
    )
    .stable(),
    row(
        "process_virtual_memory_bytes",
        Gauge,
        "Memory of this process in its address space.",
        Whole(|picture, out| out.maybe(picture.process.virtual_bytes)),
    )
    .stable(),
    row(
        "process_open_fds",
        Gauge,
        "File descriptors that this process has open.",
        Whole(|picture, out| out.maybe(picture.process.open_fds)),
    )
    .stable(),
    row(
        "process_max_fds",
        Gauge,
        "The most file descriptors that this process may have open.",
        Whole(|picture, out| out.maybe(picture.process.max_fds)),
    )
    .stable(),
    row(
        "process_threads",
        Gauge,
        "Threads of this process.",
        Whole(|picture, out| out.maybe(picture.process.threads)),
    )
    .stable(),
];

/// Hundredths of a second.
fn ticks(ticks: u64) -> Value {
    Value::Micros(i64::try_from(ticks).unwrap_or(i64::MAX).saturating_mul(10_000))
}
