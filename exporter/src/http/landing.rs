//! The page at `/`, for people with an address and no terminal. It is whole without its script, which
//! only keeps it up to date, and needs nothing from anywhere else.

use std::fmt::{self, Write as _};
use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use leadership::event::Phase;
use leadership::lock::LockKind;
use leadership::observation::Kind;
use leadership::snapshot::{Election, Snapshot};
use leadership::time::Time;
use ring::digest::{SHA256, digest};

use crate::build::BUILD;
use crate::source::Source;

const STYLE: &str = include_str!("landing/page.css");
const SCRIPT: &str = include_str!("landing/page.js");

/// Nothing may be loaded, and nothing may run or look other than what this file has, whatever a name in
/// the cluster looks like.
pub(super) static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| BASE64_STANDARD.encode(digest(&SHA256, text.as_bytes()));
    let (style, script) = (hash(STYLE), hash(SCRIPT));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

/// How many elections are listed.
const ROWS: usize = 200;

/// How many events the script begins with. The picture follows the events: the newest of them may not
/// be in it yet.
const EVENTS: u64 = 30;

/// The page.
pub(super) fn page(source: &Source) -> String {
    let after = source.feed().before_last(EVENTS);
    let snapshot = source.snapshot();
    let mut elections: Vec<_> = source.selection().elections(&snapshot).collect();
    // Those that nobody leads come first.
    elections.sort_by_key(|election| election.leaderless != Some(true));
    let mut out = head();
    let _ = writeln!(
        out,
        "<body data-at=\"{}\" data-after=\"{after}\" data-rows=\"{ROWS}\" data-whole=\"{}\" data-glyphs=\"{}\">",
        snapshot.at,
        elections.len() <= ROWS,
        Escaped(&glyphs()),
    );
    intro(&mut out, source, &elections);
    let _ = writeln!(
        out,
        "<p class=\"banner\" id=\"banner\" role=\"alert\">{}</p>",
        banner(source, &snapshot)
    );
    table(&mut out, &elections);
    out.push_str(
        "<section id=\"news\" hidden><h2>What happened</h2><ol id=\"events\" aria-live=\"polite\"></ol></section>\n",
    );
    let _ = writeln!(out, "<script>{SCRIPT}</script></body></html>");
    out
}

fn head() -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Who leads</title><style>{STYLE}</style></head>\n"
    )
}

fn intro(out: &mut String, source: &Source, elections: &[&Arc<Election>]) {
    let without = elections.iter().filter(|it| it.leaderless == Some(true)).count();
    let _ = write!(
        out,
        "<h1>Who leads</h1>\n\
         <p><strong id=\"count\">{} elections, {without} without a leader</strong> \
         <span class=\"muted\" id=\"live\"><noscript>reload the page for news</noscript></span></p>\n\
         <p class=\"muted\">{}, seen by leadership-exporter {}. <a href=\"metrics\">Metrics</a> · \
         <a href=\"api/v1/leases\">JSON</a> · <a href=\"api/v1/failovers\">Failovers</a> · \
         <a href=\"readyz\">Ready?</a></p>\n",
        elections.len(),
        Escaped(source.name()),
        Escaped(BUILD.version),
    );
}

/// What makes all of the page doubtful.
fn banner(source: &Source, snapshot: &Snapshot) -> String {
    let blind = !source.recorded() && !snapshot.watch(Kind::Lease).is_some_and(|watch| watch.up);
    let told = [
        (blind, "The exporter does not see the cluster now: what is here is as old as that."),
        (
            snapshot.control_plane_silent.is_some(),
            "Most leaders stand still at once: see the API server and etcd, not them.",
        ),
    ];
    let told: Vec<&str> = told.into_iter().filter_map(|(so, text)| so.then_some(text)).collect();
    told.join(" ")
}

fn table(out: &mut String, elections: &[&Arc<Election>]) {
    out.push_str(
        "<table><thead><tr><th scope=\"col\">State</th><th scope=\"col\">Election</th>\
         <th scope=\"col\">Leader</th><th scope=\"col\">Since</th></tr></thead><tbody>\n",
    );
    for election in elections.iter().take(ROWS) {
        row(out, election);
    }
    out.push_str("</tbody></table>\n");
    match elections.len() {
        0 => out.push_str("<p>No elections are known yet.</p>\n"),
        all if all > ROWS => {
            let _ = writeln!(
                out,
                "<p>These are the first {ROWS} of {all}; JSON and metrics have all.</p>"
            );
        }
        _ => {}
    }
}

/// A glyph for each state, so that nothing is told by colour alone.
const fn glyph(phase: Phase) -> char {
    match phase {
        Phase::Held => '✓',
        Phase::Late => '!',
        Phase::Expired => '✗',
        Phase::Vacant => '○',
        Phase::Absent => '–',
        Phase::Unknown => '?',
    }
}

/// The same for the script.
fn glyphs() -> String {
    let pairs: Vec<String> =
        Phase::ALL.iter().map(|it| format!("\"{}\":\"{}\"", it.label(), glyph(*it))).collect();
    format!("{{{}}}", pairs.join(","))
}

/// As the API names kinds.
const fn kind(kind: LockKind) -> &'static str {
    match kind {
        LockKind::Lease => "Lease",
        LockKind::ConfigMap => "ConfigMap",
        LockKind::Endpoints => "Endpoints",
    }
}

fn row(out: &mut String, election: &Election) {
    let key = &election.key;
    let leaderless = election.leaderless == Some(true);
    let (namespace, name) = (Escaped(&key.namespace), Escaped(&key.name));
    let (phase, glyph) = (election.phase.label(), glyph(election.phase));
    let _ = write!(
        out,
        "<tr class=\"{phase}\" data-key=\"{namespace}/{name}/{}\" data-led=\"{}\">\
         <td><span aria-hidden=\"true\">{glyph}</span> {phase}</td><td>{name}<small>{namespace}",
        kind(key.kind),
        !leaderless,
    );
    if let Some(component) = &election.component {
        let _ = write!(out, " · {}", Escaped(component));
    }
    out.push_str("</small></td>");
    match election.term.as_ref().filter(|_| !leaderless) {
        Some(term) => {
            let leader = term.leader.pod.as_deref().unwrap_or(&term.holder);
            let _ = write!(out, "<td>{}", Escaped(leader));
            if let Some(node) = &term.leader.node {
                let _ = write!(out, "<small>{}</small>", Escaped(node));
            }
            let _ = writeln!(out, "</td><td>{}</td></tr>", When(Some(term.start)));
        }
        None if leaderless => {
            let _ =
                writeln!(out, "<td>nobody</td><td>{}</td></tr>", When(election.leaderless_since));
        }
        None => out.push_str("<td></td><td></td></tr>\n"),
    }
}

/// A time that the script turns into an age.
struct When(Option<Time>);

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(at) => write!(f, "<time class=\"age\" datetime=\"{at}\">{at}</time>"),
            None => Ok(()),
        }
    }
}

/// Text that cannot become markup.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                _ => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
