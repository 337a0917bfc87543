//! The metrics of the door.

use super::Of::Whole;
use super::{Row, row};
use crate::door::{Counts, REASONS};
use crate::text::Type::{Counter, Gauge};

pub(super) const ROWS: &[Row] = &[
    row(
        "leadership_exporter_refused_requests_total",
        Counter,
        "Requests that were sent away at the door: no good credentials, no right to the path, more than the rate of the web config file, or unknown because the API server did not say.",
        Whole(|picture, out| {
            for (reason, word) in picture.door.iter().flat_map(|_| REASONS) {
                let refused = picture.door.map_or(0, |door| door.refused(reason));
                out.with(&[("reason", word)], refused);
            }
        }),
    )
    .labels(&["reason"]),
    row(
        "leadership_exporter_web_config_current",
        Gauge,
        "1 while the web config file on disk is the one in use; 0 after a change to it was refused. Absent without --web.config.file.",
        Whole(|picture, out| out.maybe(picture.door.and_then(Counts::config_current))),
    ),
];
