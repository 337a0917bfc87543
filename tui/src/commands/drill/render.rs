//! A drill's report for people, programs and continuous integration.

use std::fmt::Write;

use leadership::time::Delta;

use super::report::{Report, Run, Verdict};
use crate::args::DrillFormat;
use crate::format::{measured, stamp};
use crate::wording;

/// The report in this format, with a line feed at its end.
pub(super) fn render(report: &Report, format: DrillFormat) -> anyhow::Result<String> {
    Ok(match format {
        DrillFormat::Text => text(report),
        DrillFormat::Markdown => markdown(report),
        DrillFormat::Junit => junit(report),
        DrillFormat::Json => serde_json::to_string_pretty(report)? + "\n",
    })
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::AsPromised => "as promised",
        Verdict::Slower => "SLOWER",
        Verdict::Unmeasured => "not judged",
        Verdict::NoFailover => "NO FAILOVER",
    }
}

/// What is known of a run: a name, a length of time, what it is of.
fn phases(run: &Run) -> Vec<(&'static str, Delta, &'static str)> {
    let Some(it) = &run.failover else { return Vec::new() };
    let phases = [
        ("going", it.going_seconds, "from the request to the old leader's last write"),
        ("wait", it.wait_seconds, "until its claim ended"),
        ("takeover", it.takeover_seconds, "until another one took it"),
        ("ready", it.ready_seconds, "until that one's pod was ready"),
        ("total", Some(it.total_seconds), "from the request to the new leader's first write"),
    ];
    phases.into_iter().filter_map(|(name, length, what)| Some((name, length?, what))).collect()
}

/// What is known of a run beside its lengths of time.
fn facts(run: &Run) -> Vec<(&'static str, String)> {
    let on = run.node.as_ref().map_or(String::new(), |node| format!(" on {node}"));
    let standbys = run.standbys.map_or("not known".into(), |number| format!("{number} ready"));
    let mut facts = vec![("pod", format!("{}{on}", run.pod)), ("standbys", standbys)];
    if let Some(it) = &run.failover {
        let sure = format!("{} ({})", it.cause.label(), it.confidence.label());
        facts.push(("change", format!("{} to {}", run.from, it.to)));
        facts.push(("ended by", wording::end(it.end).to_owned()));
        facts.push(("cause", sure));
    }
    for probe in &run.probes {
        facts.push(("probe", told(probe)));
    }
    facts
}

fn told(probe: &super::probes::Availability) -> String {
    let super::probes::Availability { target, asked, failed, .. } = probe;
    if *asked == 0 {
        return format!("{target}: it was never asked");
    }
    let Some(error) = &probe.first_error else {
        return format!("{target}: available all along, asked {asked} times");
    };
    let away = measured(probe.longest_outage_seconds);
    format!("{target}: {failed} of {asked} answers failed, away for up to {away}: {error}")
}

fn headline(report: &Report) -> String {
    let how = match (report.how, report.grace_period_seconds) {
        ("evict", _) => "evicting",
        (_, Some(0)) => "killing",
        _ => "deleting",
    };
    format!("drill of {} in {} by {how} the leader's pod", report.lease, report.source)
}

fn summary(report: &Report) -> String {
    let summary = &report.summary;
    let windows = (
        summary.leaderless_min_seconds,
        summary.leaderless_mean_seconds,
        summary.leaderless_max_seconds,
    );
    let result = if summary.passed { "passed" } else { "FAILED" };
    let measured_runs = format!("{} of {} failovers measured", summary.measured, summary.runs);
    match windows {
        (Some(min), Some(mean), Some(max)) => format!(
            "{result}: {measured_runs}, without a leader for {} at least, {} in the mean, {} at most",
            measured(min),
            measured(mean),
            measured(max)
        ),
        _ => format!("{result}: {measured_runs}"),
    }
}

fn text(report: &Report) -> String {
    let mut out = headline(report) + "\n";
    for run in &report.runs {
        let (at, word) = (stamp(run.at), word(run.verdict));
        let _ = writeln!(out, "\nrun {}  {at}  {word}: {}", run.number, run.told);
        for (name, what) in facts(run) {
            let _ = writeln!(out, "  {name:<9} {what}");
        }
        for (name, length, what) in phases(run) {
            let _ = writeln!(out, "  {name:<9} {:>7}  {what}", measured(length));
        }
    }
    out + "\n" + &summary(report) + "\n"
}

fn markdown(report: &Report) -> String {
    let mut out = format!("# {}\n\n{}\n", plain(&headline(report)), plain(&summary(report)));
    for run in &report.runs {
        let at = stamp(run.at);
        let _ = write!(out, "\n## Run {}, {at}: {}\n\n", run.number, word(run.verdict));
        let _ = write!(out, "{}.\n\n| | |\n| --- | --- |\n", plain(&run.told));
        for (name, what) in facts(run) {
            let _ = writeln!(out, "| {name} | {} |", plain(&what));
        }
        for (name, length, what) in phases(run) {
            let _ = writeln!(out, "| {name} | {} {what} |", measured(length));
        }
    }
    out
}

/// Names are chosen by strangers: what Markdown would take for markup is escaped.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_[]<>|#".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn junit(report: &Report) -> String {
    let cases: Vec<Case> = report.runs.iter().flat_map(cases).collect();
    let failed = cases.iter().filter(|case| case.failure.is_some()).count();
    let name = xml(&headline(report));
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let counts = format!("tests=\"{}\" failures=\"{failed}\"", cases.len());
    let _ = writeln!(out, "<testsuites name=\"fleet-top drill\" {counts}>");
    let at = xml(&report.at.to_string());
    let _ = writeln!(
        out,
        "  <testsuite name=\"{name}\" {counts} errors=\"0\" skipped=\"0\" timestamp=\"{at}\">"
    );
    let class = xml(&report.lease.to_string());
    for Case { name, seconds, told, failure } in &cases {
        let name = xml(name);
        let _ = writeln!(
            out,
            "    <testcase classname=\"{class}\" name=\"{name}\" time=\"{seconds:.3}\">"
        );
        if let Some(failure) = failure {
            let _ = writeln!(out, "      <failure message=\"{}\"/>", xml(failure));
        }
        let _ = writeln!(out, "      <system-out>{}</system-out>", xml(told));
        let _ = writeln!(out, "    </testcase>");
    }
    out + "  </testsuite>\n</testsuites>\n"
}

/// A test case, as continuous integration counts it.
struct Case {
    name: String,
    seconds: f64,
    told: String,
    failure: Option<String>,
}

fn cases(run: &Run) -> Vec<Case> {
    let slow = matches!(run.verdict, Verdict::Slower | Verdict::NoFailover);
    let total = run.failover.as_ref().map(|it| it.total_seconds);
    let lines = facts(run).into_iter().map(|(name, what)| format!("{name}: {what}"));
    let lengths = phases(run).into_iter();
    let lengths =
        lengths.map(|(name, length, what)| format!("{name}: {} {what}", measured(length)));
    let mut cases = vec![Case {
        name: format!("run {}: failover", run.number),
        seconds: total.map_or(0.0, Delta::as_secs_f64),
        told: lines.chain(lengths).collect::<Vec<_>>().join("\n"),
        failure: slow.then(|| run.told.clone()),
    }];
    cases.extend(run.probes.iter().map(|probe| Case {
        name: format!("run {}: {} stays available", run.number, probe.target),
        seconds: probe.longest_outage_seconds.as_secs_f64(),
        told: told(probe),
        failure: (!probe.available).then(|| told(probe)),
    }));
    cases
}

/// Text as XML takes it; characters that it cannot hold at all become `�`.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('�'),
            c => out.push(c),
        }
    }
    out
}
