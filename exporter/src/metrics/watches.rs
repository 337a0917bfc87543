//! The metrics of our own watches, and of what they tell of the control plane.

use leadership::observation::Kind;
use leadership::snapshot::Watch;
use observe::watch::{KindStats, LookUp};

use super::Of::Whole;
use super::{Picture, Row, row};
use crate::text::Samples;
use crate::text::Type::{Counter, Gauge};
use crate::text::Value;

pub(super) const ROWS: &[Row] = &[
    row(
        "leadership_control_plane_silent",
        Gauge,
        "1 while four fifths of all held elections, three at least, fell late within five seconds of each other and most are not renewed again: what they write to stands still, not they.",
        Whole(|picture, out| out.put(picture.snapshot.control_plane_silent.is_some())),
    ),
    row(
        "leadership_watch_up",
        Gauge,
        "1 while the watch is live, or while look-ups are answered where pods are looked up. Everything else on this page is as old as the watch while it is 0.",
        Whole(|picture, out| {
            for kind in Kind::ALL {
                let watch = picture.snapshot.watch(kind);
                if watch.is_some() || picture.expected.contains(&kind) {
                    let up = watch.is_some_and(|watch| watch.up);
                    out.with(&[("resource", kind.label())], up);
                }
            }
        }),
    )
    .labels(&["resource"]),
    row(
        "leadership_watch_lag_seconds",
        Gauge,
        "How late the events of the last ten seconds were, by the clocks of those who wrote them.",
        Whole(|picture, out| each(picture, out, |watch| watch.lag.map(Value::from))),
    )
    .labels(&["resource"]),
    row(
        "leadership_watch_blind_seconds_total",
        Counter,
        "Time without a live watch, or without an answer to look-ups, the present gap included.",
        Whole(|picture, out| each(picture, out, |watch| Some(watch.blind.into()))),
    )
    .labels(&["resource"]),
    row(
        "leadership_watch_events_total",
        Counter,
        "Objects that were seen to be applied (created or changed) or deleted.",
        Whole(|picture, out| {
            for watch in picture.snapshot.watches.iter().filter(|watch| !watch.looked_up) {
                let resource = ("resource", watch.kind.label());
                out.with(&[resource, ("event", "applied")], watch.applied);
                out.with(&[resource, ("event", "deleted")], watch.deleted);
            }
        }),
    )
    .labels(&["resource", "event"])
    .most(2),
    row(
        "leadership_watch_relists_total",
        Counter,
        "Complete lists after the first one.",
        Whole(|picture, out| each(picture, out, |watch| whole(watch, watch.lists.saturating_sub(1)))),
    )
    .labels(&["resource"]),
    row(
        "leadership_watch_errors_total",
        Counter,
        "What went wrong: broken, the watch itself; unreadable, an object that was passed over.",
        Whole(|picture, out| {
            for watch in &picture.snapshot.watches {
                let resource = ("resource", watch.kind.label());
                out.with(&[resource, ("reason", "broken")], watch.losses);
                if let Some(stats) = picture.stats {
                    let unreadable = stats.of(watch.kind).unreadable.get();
                    out.with(&[resource, ("reason", "unreadable")], unreadable);
                }
            }
        }),
    )
    .labels(&["resource", "reason"])
    .most(2),
    row(
        "leadership_lookups_total",
        Counter,
        "Pods that were looked up, where they are not watched: found, not_found, or failed, which counts each try that got no such answer.",
        Whole(|picture, out| {
            let Some(stats) = picture.stats else { return };
            for kind in Kind::ALL {
                let counts = LookUp::ALL.map(|ended| (ended, stats.of(kind).look_ups(ended)));
                let any = counts.iter().any(|(_, count)| *count > 0);
                for (ended, count) in counts.into_iter().filter(|_| any) {
                    out.with(&[("resource", kind.label()), ("result", ended.label())], count);
                }
            }
        }),
    )
    .labels(&["resource", "result"])
    .most(3),
    row(
        "leadership_watch_encoding_info",
        Gauge,
        "What the API server writes the watch in: protobuf, which costs both sides a fraction, or json. Always 1.",
        Whole(|picture, out| {
            for watch in &picture.snapshot.watches {
                let stats = picture.stats.map(|stats| stats.of(watch.kind));
                if let Some(encoding) = stats.and_then(KindStats::encoding) {
                    let resource = ("resource", watch.kind.label());
                    out.with(&[resource, ("encoding", encoding.label())], true);
                }
            }
        }),
    )
    .labels(&["resource", "encoding"]),
    row(
        "leadership_watch_list_info",
        Gauge,
        "How the last complete list came: by stream, as the beginning of its watch, or by pages, where the API server or \
         something before it does not let a stream through. Always 1.",
        Whole(|picture, out| {
            for watch in &picture.snapshot.watches {
                let stats = picture.stats.map(|stats| stats.of(watch.kind));
                if let Some(by) = stats.and_then(KindStats::listed_by) {
                    out.with(&[("resource", watch.kind.label()), ("by", by.label())], true);
                }
            }
        }),
    )
    .labels(&["resource", "by"]),
    row(
        "leadership_objects",
        Gauge,
        "Objects that are known now.",
        Whole(|picture, out| each(picture, out, |watch| whole(watch, watch.objects))),
    )
    .labels(&["resource"]),
];

/// What a complete list alone can tell.
fn whole<T>(watch: &Watch, value: T) -> Option<Value>
where
    Value: From<T>,
{
    (!watch.looked_up).then(|| value.into())
}

/// One sample for each watch.
fn each(picture: &Picture<'_>, out: &mut Samples<'_>, value: fn(&Watch) -> Option<Value>) {
    for watch in &picture.snapshot.watches {
        if let Some(value) = value(watch) {
            out.with(&[("resource", watch.kind.label())], value);
        }
    }
}
