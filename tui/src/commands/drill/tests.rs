use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use leadership::event::{End, Failover};
use leadership::snapshot::{Election, Snapshot};
use leadership::time::Delta;
use serde_json::Value;

use super::probes::{Sample, availability};
use super::report::{Run, Verdict};
use super::*;
use crate::args::{Cli, Command, DrillFormat};
use crate::samples::{self, NOW};

fn args(more: &[&str]) -> DrillArgs {
    let line = ["fleet-top", "drill", "gitjob"].iter().chain(more);
    match Cli::try_parse_from(line).unwrap().command {
        Some(Command::Drill(args)) => args,
        other => panic!("{other:?} is no drill"),
    }
}

fn planned(lease: &str, more: &[&str]) -> anyhow::Result<Plan> {
    let fleet = samples::fleet();
    Plan::new(&fleet, lease::find(&fleet, lease).unwrap(), &args(more))
}

fn refused(lease: &str, more: &[&str]) -> String {
    planned(lease, more).unwrap_err().to_string()
}

/// gitjob, changed.
fn gitjob(edit: impl FnOnce(&mut Election)) -> Snapshot {
    let fleet = samples::fleet();
    let mut election = Election::clone(lease::find(&fleet, "gitjob").unwrap());
    edit(&mut election);
    Snapshot { elections: vec![Arc::new(election)], ..Snapshot::default() }
}

fn plan_of(snapshot: &Snapshot, more: &[&str]) -> anyhow::Result<Plan> {
    Plan::new(snapshot, &snapshot.elections[0], &args(more))
}

#[test]
fn the_leaders_pod_is_named_by_its_identity() {
    let plan = planned("gitjob", &["--evict"]).unwrap();
    assert_eq!(plan.order.uid, "uid-of-the-pod");
    assert_eq!(plan.order.how, observe::evict::How::Evict);
    assert_eq!(plan.order.pod.to_string(), "cattle-fleet-system/gitjob-8fb8698c-x2x4k");
    insta::assert_snapshot!(plan.told("test"));
}

#[test]
fn nobody_is_ended_who_does_not_lead_for_certain() {
    assert!(refused("fleet-controller-lock", &["--force"]).contains("nobody is proven to lead"));
    let none = refused("kube-controller-manager", &["--force"]);
    assert!(none.contains("nobody is proven to lead"), "{none}");
    let unsure = gitjob(|it| it.term.as_mut().unwrap().leader.confidence = 400);
    let error = plan_of(&unsure, &[]).unwrap_err().to_string();
    assert!(error.contains("not sure which pod"), "{error}");
    assert!(plan_of(&unsure, &["--force"]).is_ok());
    let no_pod = gitjob(|it| it.term.as_mut().unwrap().leader.uid = None);
    assert!(plan_of(&no_pod, &["--force"]).is_err(), "no force finds a pod");
}

#[test]
fn without_a_ready_standby_only_force_helps() {
    let alone = gitjob(|it| {
        let mut candidates = it.candidates.as_deref().unwrap().clone();
        (candidates.ready, candidates.tolerance) = (1, 0);
        candidates.list.truncate(1);
        it.candidates = Some(Arc::new(candidates));
    });
    let error = plan_of(&alone, &[]).unwrap_err().to_string();
    assert!(error.contains("no standby is ready") && error.contains("--force"), "{error}");
    assert!(plan_of(&alone, &["--force"]).is_ok());
    let blind = gitjob(|it| it.candidates = None);
    let error = plan_of(&blind, &[]).unwrap_err().to_string();
    assert!(error.contains("not known") && error.contains("list pods"), "{error}");
}

fn sample(second: f64, error: Option<&str>) -> Sample {
    let at = samples::ago(100.0 - second);
    Sample { at, done: at + Delta::from_millis(100), error: error.map(str::to_owned) }
}

#[test]
fn an_outage_lasts_from_the_first_bad_answer_to_the_next_good_one() {
    let away = Some("it answered 503");
    let samples = [
        sample(0.0, None),
        sample(1.0, away),
        sample(2.0, away),
        sample(3.0, None),
        sample(4.0, away),
    ];
    let told = availability("x", &samples, samples::ago(100.0 - 4.5));
    assert_eq!((told.asked, told.failed, told.available), (5, 3, false));
    assert_eq!(told.longest_outage_seconds, Delta::from_millis(2_100));
    let open = availability("x", &samples[3..], samples::ago(50.0));
    assert_eq!(open.longest_outage_seconds, Delta::from_secs(46), "it has not come back");
    assert!(!availability("x", &[], NOW).available, "nobody asked");
}

fn run(edit: impl FnOnce(&mut Failover)) -> Run {
    let plan = planned("gitjob", &[]).unwrap();
    let mut failover = Failover::clone(&samples::failover(&plan.holder, "next_1", 5.0));
    edit(&mut failover);
    let samples =
        [sample(0.0, None), sample(1.0, Some("it answered 503 <&\">")), sample(2.0, None)];
    let probes = vec![
        availability("https://example.com/", &samples, NOW),
        availability("service/a/b", &samples[..1], NOW),
    ];
    Run::new(1, &plan, samples::ago(23.0), Some(&failover), probes)
}

#[test]
fn a_window_is_judged_by_what_the_timing_promises_for_its_end() {
    let verdict = |edit: fn(&mut Failover)| run(edit).verdict;
    assert_eq!(verdict(|_| ()), Verdict::AsPromised);
    assert_eq!(verdict(|it| it.end = End::Release), Verdict::Slower, "a release promises 4.4s");
    assert_eq!(verdict(|it| it.leaderless_seconds = None), Verdict::Unmeasured);
    assert_eq!(verdict(|it| it.leaderless_seconds = Some(Delta::from_secs(30))), Verdict::Slower);
    let plan = planned("gitjob", &[]).unwrap();
    let none = Run::new(1, &plan, NOW, None, Vec::new());
    assert_eq!((none.verdict, none.passed()), (Verdict::NoFailover, false));
}

fn report() -> Report {
    let mut second = run(|it| it.leaderless_seconds = Some(Delta::from_secs(30)));
    second.number = 2;
    let plan = planned("gitjob", &[]).unwrap();
    Report::new("test".into(), &plan, vec![run(|_| ()), second])
}

fn rendered(format: DrillFormat) -> String {
    render::render(&report(), format).unwrap()
}

#[test]
fn the_report_for_people() {
    insta::assert_snapshot!(rendered(DrillFormat::Text));
}

#[test]
fn the_report_for_issues() {
    insta::assert_snapshot!(rendered(DrillFormat::Markdown));
}

#[test]
fn the_report_for_continuous_integration() {
    insta::assert_snapshot!(rendered(DrillFormat::Junit));
}

fn keys(object: &Value) -> BTreeSet<String> {
    object.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_schema_names_every_field() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/drill.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let json: Value = serde_json::from_str(&rendered(DrillFormat::Json)).unwrap();
    let run = &json["runs"][0];
    for (part, value) in [
        (&schema, &json),
        (&schema["$defs"]["run"], run),
        (&schema["$defs"]["failover"], &run["failover"]),
        (&schema["$defs"]["promise"], &run["promised"]),
        (&schema["$defs"]["probe"], &run["probes"][0]),
        (&schema["$defs"]["summary"], &json["summary"]),
    ] {
        assert_eq!(keys(&part["properties"]), keys(value));
        let required = part["required"].as_array().unwrap().iter();
        let required: BTreeSet<String> = required.map(|it| it.as_str().unwrap().into()).collect();
        assert_eq!(required, keys(value), "what is not known is null, and never left away");
    }
    assert_eq!(json["summary"]["passed"], false);
    assert_eq!(json["summary"]["leaderless_mean_seconds"], 23.75);
}

#[test]
fn probes_may_be_frequent_and_runs_may_be_many() {
    let args = args(&["--probe-every", "100ms", "--runs", "10", "--grace-period", "0"]);
    assert_eq!(args.probe_every, Duration::from_millis(100));
    assert_eq!((args.runs, args.grace_period), (10, Some(0)));
    assert!(Cli::try_parse_from(["fleet-top", "drill", "x", "--runs", "0"]).is_err());
}
