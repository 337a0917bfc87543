//! What must not be overlooked: one row a condition.

use leadership::observation::Kind;
use leadership::snapshot::Watch;
use leadership::time::Time;
use ratatui::text::Line;

use crate::format;
use crate::keymap::Command;
use crate::remedy;
use crate::theme::Tone;
use crate::view::Look;

/// A condition: its text while it holds.
type Condition = fn(&Look) -> Option<String>;

const CONDITIONS: &[(Tone, Condition)] = &[
    (Tone::Alarm, frozen),
    (Tone::Alarm, leases_blind),
    (Tone::Alarm, clusters_missing),
    (Tone::Alarm, control_plane_silent),
    (Tone::Warn, pods_missing),
];

/// The banners of the present, wrapped, in `most` lines at most.
pub(crate) fn lines(look: &Look, width: u16, most: u16) -> Vec<Line<'static>> {
    let width = usize::from(width);
    let mut lines = Vec::new();
    for (tone, condition) in CONDITIONS {
        let Some(text) = condition(look) else {
            continue;
        };
        for line in format::wrap(&text, width) {
            let padding = " ".repeat(width.saturating_sub(format::width(&line)));
            lines.push(Line::from(look.span(line + &padding, *tone)));
        }
    }
    lines.truncate(usize::from(most));
    lines
}

fn since(look: &Look, since: Time) -> String {
    format!("{} ago at {}", format::age(look.now - since), format::clock(since))
}

fn frozen(look: &Look) -> Option<String> {
    let since = since(look, look.app.frozen?);
    let key = look.app.keymap.key(Command::Freeze).unwrap_or_else(|| ":freeze".to_owned());
    Some(format!("FROZEN {since}: {key} lets it go on"))
}

/// The watches of leases: one for each cluster.
fn leases<'a>(look: &'a Look) -> impl Iterator<Item = &'a Watch> {
    look.app.snapshot.watches.iter().filter(|watch| watch.kind == Kind::Lease)
}

fn leases_blind(look: &Look) -> Option<String> {
    let blind = |watch: &'_ Watch| watch.blind_since.filter(|_| watch.listed);
    let (lost, watch) = leases(look).find_map(|watch| Some((blind(watch)?, watch)))?;
    let (since, error) = (since(look, lost), told(watch));
    Some(format!("LEASES NOT SEEN: the watch broke {since}{error}. What is shown is as of then."))
}

/// Of several clusters, those that were never seen. Where none was, the empty table says so.
fn clusters_missing(look: &Look) -> Option<String> {
    // What to do is told with the health of the watches: banners are short.
    let missing = leases(look).filter(|watch| !watch.listed);
    let missing: Vec<&str> = missing.filter_map(|watch| watch.last_error.as_deref()).collect();
    let others = leases(look).any(|watch| watch.listed);
    let errors = missing.join("; ");
    (others && !missing.is_empty())
        .then(|| format!("NOT ALL CLUSTERS SEEN ({errors}). Counted and shown are the others."))
}

fn control_plane_silent(look: &Look) -> Option<String> {
    let since = since(look, look.app.snapshot.control_plane_silent?);
    Some(format!("CONTROL PLANE SILENT: most elections fell late together {since}"))
}

fn pods_missing(look: &Look) -> Option<String> {
    let watch = look.app.snapshot.watch(Kind::Pod)?;
    let leases = look.app.snapshot.watch(Kind::Lease)?;
    // What ails both watches is told of the leases.
    let leases_work = leases.listed && leases.blind_since.is_none();
    let pods_work = watch.up || (watch.listed && watch.blind_since.is_none());
    if pods_work || !leases_work || watch.last_error.is_none() {
        return None;
    }
    let seen = if watch.looked_up { "looked up" } else { "watched" };
    Some(format!(
        "Pods cannot be {seen}{}: leases still work; the pods and nodes of holders are missing or old.",
        told(watch)
    ))
}

/// What broke a watch and what to do, as far as that is known.
fn told(watch: &Watch) -> String {
    let Some(error) = &watch.last_error else {
        return String::new();
    };
    match remedy::advice(error) {
        "" => format!(" ({error})"),
        advice => format!(" ({error}; {advice})"),
    }
}
