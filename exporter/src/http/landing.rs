//! The page at `/`, for people: it needs nothing from anywhere else and runs no script.

use std::fmt::Write as _;
use std::sync::Arc;

use leadership::snapshot::Election;

use crate::build::BUILD;
use crate::source::Source;

/// Nothing may be loaded, and nothing may run, whatever a name in the cluster looks like.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// How many elections are listed.
const ROWS: usize = 200;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}\
    table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.2rem .8rem .2rem 0;\
    border-bottom:1px solid #8884;overflow-wrap:anywhere}code{font-size:.9em}:root{color-scheme:light dark}";

/// The page.
pub(super) fn page(source: &Source) -> String {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>leadership-exporter</title><style>{STYLE}</style></head><body>\n\
         <h1>leadership-exporter</h1>\n\
         <p>Who leads in Kubernetes, since when, and how long nobody did. Version {}, watching {}.</p>\n\
         <p><a href=\"/metrics\">Metrics</a> · <a href=\"/readyz\">Ready?</a> · <a href=\"/livez\">Alive?</a></p>\n",
        Escaped(BUILD.version),
        Escaped(source.name()),
    );
    let snapshot = source.snapshot();
    elections(&mut out, source.selection().elections(&snapshot));
    out.push_str("</body></html>\n");
    out
}

fn elections<'s>(out: &mut String, elections: impl Iterator<Item = &'s Arc<Election>>) {
    let elections: Vec<_> = elections.collect();
    let all = elections.len();
    if all == 0 {
        out.push_str("<p>No elections are known yet.</p>\n");
        return;
    }
    out.push_str(
        "<table><thead><tr><th>Namespace<th>Lease<th>State<th>Leader<th>Node<th>Since</tr></thead><tbody>\n",
    );
    for election in elections.into_iter().take(ROWS) {
        row(out, election);
    }
    out.push_str("</tbody></table>\n");
    if all > ROWS {
        let _ = writeln!(out, "<p>These are the first {ROWS} of {all}; the metrics have all.</p>");
    }
}

fn row(out: &mut String, election: &Election) {
    let term = election.term.as_ref();
    let _ = write!(
        out,
        "<tr><td>{}<td>{}<td>{}",
        Escaped(&election.key.namespace),
        Escaped(&election.key.name),
        election.phase.label()
    );
    let _ = match term.filter(|_| election.leaderless != Some(true)) {
        Some(term) => writeln!(
            out,
            "<td>{}<td>{}<td>{}</tr>",
            Escaped(term.leader.pod.as_deref().unwrap_or(&term.holder)),
            Escaped(term.leader.node.as_deref().unwrap_or("")),
            term.start
        ),
        None => writeln!(out, "<td><td><td></tr>"),
    };
}

/// Text that cannot become markup.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
