//! The README's install, as a new user would try it, up to the first alert: real control plane, the chart by helm, electors,
//! exporter, Prometheus, Alertmanager. Rules and scrape are those of the objects that helm left in the API server.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::candidate::{Candidate, USUAL};
use e2e::operator;
use e2e::pager::{self, Page, Pager};
use e2e::plane::ControlPlane;
use e2e::process::{folder, now};
use e2e::product::Exporter;
use e2e::prometheus::{self, Prometheus};
use e2e::release::Release;
use leadership::time::Delta;

const PATIENCE: Duration = Duration::from_secs(30);
/// The rules remember a day at each full minute: until they know the lock, two of them may pass.
const KNOWN: Duration = Duration::from_secs(150);
/// 15 s until the claim ends, 15 s more for a candidate, a minute of `for`, two evaluations of 30 s.
const PROMISED: Duration = Duration::from_secs(155);
/// For a second page that should not be.
const QUIET: Duration = Duration::from_secs(5);
/// Where the README's alerts say that their runbooks are.
const RUNBOOKS: &str = "https://git.example/leadership/blob/main/";

#[test]
#[ignore = "needs Go: run e2e/run"]
fn installed_as_the_readme_says_a_death_wakes_somebody_once_and_a_handover_nobody() -> Result<()> {
    let (Some(alertmanager), Some(program)) = (pager::installed(), prometheus::programs().pop())
    else {
        println!("SKIPPED: prometheus and prometheus-alertmanager are not both installed");
        return Ok(());
    };
    let plane = ControlPlane::start()?;
    let installed = Installed::start(&plane, alertmanager, &program)?;
    // With a standby, and asked to go; without one, and killed; and a bystander.
    let rolled = planned(&plane)?;
    let leader = Candidate::start(&plane, "guarded", "cand-a", &USUAL, &[])?;
    let bystander = Candidate::start(&plane, "bystander", "cand-b", &USUAL, &[])?;
    leader.acquired(PATIENCE)?;
    bystander.acquired(PATIENCE)?;
    for lease in ["guarded", "rolled"] {
        let known = format!("lease:leadership_leaderless:min1d{{lease=\"{lease}\"}} == 0");
        installed.prometheus.until(KNOWN, &known, |_| true)?;
    }
    let early = installed.pager.page(Duration::ZERO)?;
    ensure!(early.is_none(), "nothing had happened: {early:?}");

    rolled.hand_over()?;
    let death = now();
    leader.process.signal("KILL")?;
    let mut pages = installed.pages(PROMISED)?;
    let page = pages.pop().context("nobody was woken")?;
    println!("from the death to the page: {:.1} s", (page.at - death).as_secs_f64());
    ensure!(page.at - death > Delta::from_secs(80), "before the rule's own patience");
    says_what_happened(&page)?;
    while let Some(page) = installed.pager.page(QUIET)? {
        pages.push(page);
    }
    // One death, one page; whatever is for the day is of that lock, too.
    let second = pages.iter().find(|page| page.label("severity") == "critical");
    ensure!(second.is_none(), "a second page: {second:?}");
    let other = pages.iter().find(|page| page.label("lease") != "guarded");
    ensure!(other.is_none(), "for a handover or a bystander: {other:?}");
    Ok(())
}

/// What the page must have for whoever is woken by it.
fn says_what_happened(page: &Page) -> Result<()> {
    let labels = [
        ("alertname", "LeadershipLeaderless"),
        ("severity", "critical"),
        ("namespace", "default"),
        ("lease", "guarded"),
        ("lock_kind", "lease"),
    ];
    for (label, value) in labels {
        ensure!(page.label(label) == value, "{label} is not {value}: {page:?}");
    }
    let summary = page.annotation("summary");
    ensure!(summary.contains("default/guarded") && summary.contains("cand-a"), "{summary}");
    let runbook = page.annotation("runbook_url").strip_prefix(RUNBOOKS);
    let runbook = folder().join("..").join(runbook.context("no link to a runbook")?);
    let text = std::fs::read_to_string(&runbook)
        .with_context(|| format!("{} cannot be read", runbook.display()))?;
    ensure!(text.starts_with("# LeadershipLeaderless"), "another runbook: {text}");
    Ok(())
}

/// Everything that runs once the chart is installed.
struct Installed {
    _exporter: Exporter,
    prometheus: Prometheus,
    pager: Pager,
}

impl Installed {
    /// Does what the README says; then plays kubelet, operator and Prometheus with what that left behind.
    fn start(plane: &ControlPlane, alertmanager: &str, program: &Path) -> Result<Self> {
        operator::install(plane)?;
        let release = Release::as_the_readme_says(plane)?;
        let namespace = release.namespace();
        let account = plane.account(namespace, "leadership-exporter")?;
        let flags = release.flags()?;
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let exporter = Exporter::start(&account.kubeconfig, &plane.dir(), &flags)?;
        let of = |kind| operator::spec(plane, kind, namespace, "leadership-exporter");
        let scrape = operator::scrape(&of("ServiceMonitor")?, namespace, exporter.port);
        let pager = Pager::start(alertmanager, &plane.dir(), &inhibitions()?)?;
        let rules = of("PrometheusRule")?;
        let prometheus =
            Prometheus::with_alerts(program, &plane.dir(), &scrape, &rules, pager.port)?;
        Ok(Self { _exporter: exporter, prometheus, pager })
    }

    /// What arrives until somebody is woken; that comes last.
    fn pages(&self, patience: Duration) -> Result<Vec<Page>> {
        let mut pages: Vec<Page> = Vec::new();
        while pages.last().is_none_or(|page| page.label("severity") != "critical") {
            pages.push(self.pager.page(patience)?.context("nobody was woken")?);
        }
        Ok(pages)
    }
}

/// An election that is handed over as a rollout does it.
struct Planned {
    old: Candidate,
    new: Candidate,
}

fn planned(plane: &ControlPlane) -> Result<Planned> {
    let start = |pod: &str, node: &str| {
        plane.create_pod(pod, node)?;
        Candidate::start(plane, "rolled", pod, &USUAL, &["--release-on-cancel"])
    };
    plane.create_pod("cand-a", "node-1")?;
    let old = start("cand-ccc", "node-1")?;
    old.acquired(PATIENCE)?;
    Ok(Planned { old, new: start("cand-dddd", "node-2")? })
}

impl Planned {
    fn hand_over(&self) -> Result<()> {
        self.old.process.signal("TERM")?;
        self.new.acquired(PATIENCE).map(drop)
    }
}

/// The rules that docs/alerts.md gives for what need not be sent.
fn inhibitions() -> Result<String> {
    let page = std::fs::read_to_string(folder().join("../docs/alerts.md"))?;
    let block = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    Ok(block.context("docs/alerts.md has no inhibit_rules")?.to_owned())
}
