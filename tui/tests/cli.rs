//! Commands as scripts use them: output, messages, exit codes.

#![cfg(test)]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use simulator::{Faults, Resource, Scene};
use tempfile::TempDir;

/// A lease that its holder gave up, and one that is held.
const RECORDING: &str = r#"{"at":"2026-11-22T15:00:00.000000Z","fact":"listed","kind":"Lease","objects":[{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"namespace":"a","name":"held","uid":"u1"},"spec":{"holderIdentity":"x_1","leaseDurationSeconds":15,"acquireTime":"2026-11-22T14:00:00.000000Z","renewTime":"2026-11-22T15:00:00.000000Z","leaseTransitions":3}},{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"namespace":"b","name":"free","uid":"u2"},"spec":{"holderIdentity":"y_1","leaseDurationSeconds":15,"acquireTime":"2026-11-22T14:00:00.000000Z","renewTime":"2026-11-22T15:00:00.000000Z","leaseTransitions":3}}]}
{"at":"2026-11-22T15:00:02.000000Z","fact":"applied","object":{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"namespace":"a","name":"held","uid":"u1"},"spec":{"holderIdentity":"x_1","leaseDurationSeconds":15,"acquireTime":"2026-11-22T14:00:00.000000Z","renewTime":"2026-11-22T15:00:02.000000Z","leaseTransitions":3}}}
{"at":"2026-11-22T15:00:02.100000Z","fact":"applied","object":{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"namespace":"b","name":"free","uid":"u2"},"spec":{"holderIdentity":"","leaseDurationSeconds":1,"acquireTime":"2026-11-22T15:00:02.100000Z","renewTime":"2026-11-22T15:00:02.100000Z","leaseTransitions":3}}}
"#;

fn fleet_top(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fleet-top"));
    command.args(args).stdin(Stdio::null());
    // Neither a kubeconfig nor a pod's account.
    command.env_remove("KUBECONFIG").env("HOME", "/nonexistent");
    command.env_remove("KUBERNETES_SERVICE_HOST");
    command
}

fn run(args: &[&str]) -> (i32, String, String) {
    let output: Output = fleet_top(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn written(directory: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = directory.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

fn as_str(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// One message, and nothing that only a programmer reads.
fn assert_clear(errors: &str) {
    assert!(errors.starts_with("fleet-top: "), "{errors}");
    for noise in ["panicked", "RUST_BACKTRACE", "Error {"] {
        assert!(!errors.contains(noise), "{errors}");
    }
    assert!(errors.lines().count() <= 3, "{errors}");
}

#[test]
fn a_leaderless_lease_makes_the_list_exit_with_3() {
    let directory = TempDir::new().unwrap();
    let recording = written(&directory, "r.jsonl", RECORDING);
    let (code, out, errors) = run(&["list", "--replay", as_str(&recording)]);
    assert_eq!((code, errors.as_str()), (3, ""));
    assert!(out.contains("released") && out.contains("a/held"), "{out}");
    let (code, out, _) = run(&["list", "--replay", as_str(&recording), "-n", "a", "-o", "name"]);
    assert_eq!((code, out.as_str()), (0, "a/held\n"));
}

#[test]
fn without_a_terminal_the_list_is_printed_once() {
    let directory = TempDir::new().unwrap();
    let recording = written(&directory, "r.jsonl", RECORDING);
    let (code, out, _) = run(&["--replay", as_str(&recording)]);
    assert_eq!(code, 3);
    assert!(out.starts_with("STATE"), "{out}");
}

#[test]
fn events_of_a_recording_are_objects_one_a_line() {
    let directory = TempDir::new().unwrap();
    let recording = written(&directory, "r.jsonl", RECORDING);
    let (code, out, errors) = run(&["events", "--replay", as_str(&recording), "-o", "json"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    let lines: Vec<serde_json::Value> =
        out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert!(lines.iter().all(|line| line["schema_version"] == 1));
    assert!(
        lines.iter().any(|line| line["event"] == "released" && line["lease"]["name"] == "free")
    );
}

#[test]
fn a_recording_whose_writer_was_killed_is_shown_up_to_there() {
    let directory = TempDir::new().unwrap();
    let whole = written(&directory, "whole.jsonl", RECORDING);
    let cut = written(&directory, "cut.jsonl", &format!(r#"{RECORDING}{{"at":"2026-11-"#));
    for command in ["list", "events"] {
        let (code, out, errors) = run(&[command, "--replay", as_str(&cut)]);
        let expected = run(&[command, "--replay", as_str(&whole)]);
        assert_eq!((code, &out), (expected.0, &expected.1));
        assert!(errors.contains("line 4 of the recording, the last one, is not"), "{errors}");
        assert_eq!(errors.lines().count(), expected.2.lines().count() + 1, "{errors}");
    }
}

#[test]
fn a_bad_line_loses_nothing_before_it() {
    let directory = TempDir::new().unwrap();
    let good = written(&directory, "good.jsonl", RECORDING);
    let bad = written(&directory, "bad.jsonl", &format!("{RECORDING}no json\n"));
    let (_, whole, _) = run(&["events", "--replay", as_str(&good)]);
    let (code, out, errors) = run(&["events", "--replay", as_str(&bad)]);
    assert_eq!(code, 1);
    assert_eq!(out, whole);
    assert_clear(&errors);
    assert!(errors.contains("line 4"), "{errors}");
}

#[test]
fn a_missing_recording_is_named() {
    let (code, _, errors) = run(&["list", "--replay", "/nonexistent/r.jsonl"]);
    assert_eq!(code, 1);
    assert_clear(&errors);
    assert!(errors.contains("/nonexistent/r.jsonl"), "{errors}");
}

#[test]
fn no_kubeconfig_is_told_with_what_to_do() {
    let (code, out, errors) = run(&["list"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_clear(&errors);
    assert!(errors.contains("--kubeconfig"), "{errors}");
}

#[test]
fn a_config_file_that_is_not_there_is_told_with_what_to_do() {
    let (code, _, errors) = run(&["list", "--demo", "--config", "/nowhere"]);
    assert_eq!(code, 2);
    assert!(errors.contains("/nowhere: the config file cannot be read"), "{errors}");
    assert!(errors.contains("--config"), "{errors}");
}

#[test]
fn a_closed_standard_error_ends_nothing() {
    let args = ["wait", "kube-scheduler", "--demo", "--for=failover", "--timeout=1s"];
    let mut child = fleet_top(&args)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(124));
}

#[test]
fn an_empty_list_tells_that_others_were_not_looked_at() {
    let (code, out, _) = run(&["list", "--demo", "-n", "nope"]);
    assert_eq!(code, 0);
    assert!(out.contains("No elections") && out.contains("Without -n and -l"), "{out}");
}

fn kubeconfig(directory: &TempDir, server: &str) -> PathBuf {
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: here\n\
         clusters: [{{name: here, cluster: {{server: '{server}'}}}}]\n\
         users: [{{name: here, user: {{token: x}}}}]\n\
         contexts: [{{name: here, context: {{cluster: here, user: here}}}}]\n"
    );
    written(directory, "config", &text)
}

#[test]
fn an_unknown_context_brings_the_known_ones() {
    let directory = TempDir::new().unwrap();
    let config = kubeconfig(&directory, "http://127.0.0.1:1");
    let (code, _, errors) = run(&["list", "--kubeconfig", as_str(&config), "--context", "there"]);
    assert_eq!(code, 1);
    assert_clear(&errors);
    assert!(errors.contains("there") && errors.contains("here"), "{errors}");
}

#[test]
fn a_server_that_is_away_is_named_with_the_last_error() {
    let directory = TempDir::new().unwrap();
    let config = kubeconfig(&directory, "http://127.0.0.1:1");
    let args = ["list", "--kubeconfig", as_str(&config), "--request-timeout", "1s"];
    let (code, _, errors) = run(&args);
    assert_eq!(code, 1);
    assert_clear(&errors);
    assert!(errors.contains("refused") && errors.contains("within 1s"), "{errors}");
    assert!(!errors.contains(" yet"), "{errors}");
}

#[test]
fn who_waits_for_long_is_told_what_for() {
    let directory = TempDir::new().unwrap();
    let config = kubeconfig(&directory, "http://127.0.0.1:1");
    let args = ["list", "--kubeconfig", as_str(&config), "--request-timeout", "4s"];
    let (code, _, errors) = run(&args);
    assert_eq!(code, 1);
    let told: Vec<&str> = errors.lines().collect();
    assert!(told[0].contains(" yet: ") && told[0].contains("refused"), "{errors}");
    assert!(told[1].contains("within 4s"), "{errors}");
}

#[test]
fn wrong_usage_exits_with_2() {
    assert_eq!(run(&["list", "-o", "prose"]).0, 2);
    assert_eq!(run(&["--no-such-flag"]).0, 2);
    assert_eq!(run(&["--demo", "--replay", "x"]).0, 2);
    assert_eq!(run(&["--help"]).0, 0);
}

#[test]
fn as_a_plugin_it_is_called_as_kubectl_calls_it() {
    let directory = TempDir::new().unwrap();
    let plugin = directory.path().join("kubectl-fleet_top");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_fleet-top"), &plugin).unwrap();
    let help = Command::new(plugin).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("Usage: kubectl fleet-top"), "{help}");
}

#[test]
fn a_reader_that_has_read_enough_is_no_error() {
    let directory = TempDir::new().unwrap();
    let recording = written(&directory, "r.jsonl", &RECORDING.repeat(2_000));
    let mut child = fleet_top(&["events", "--replay", as_str(&recording), "-o", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 64];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut first).unwrap();
    drop(out);
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_cannot_be_written_is_named() {
    let directory = TempDir::new().unwrap();
    let recording = written(&directory, "r.jsonl", RECORDING);
    let replay = ["--replay", as_str(&recording)];
    let commands: [&[&str]; 11] = [
        &["list"],
        &["list", "-o", "json"],
        &["list", "-o", "csv"],
        &["describe", "held"],
        &["events"],
        &["history"],
        &["advise"],
        &["leader", "held", "-o", "yaml"],
        &["--print-config"],
        &["man"],
        &["completions", "zsh"],
    ];
    for command in commands {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let args = [command, &replay].concat();
        let output = fleet_top(&args).stdout(full).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{command:?}: {errors}");
        assert!(errors.contains("cannot write to the standard output"), "{command:?}: {errors}");
    }
}

#[test]
fn completions_and_the_manual_are_printed() {
    for shell in ["bash", "zsh", "fish"] {
        let (code, out, _) = run(&["completions", shell]);
        assert!(code == 0 && out.contains("fleet-top"), "{shell}");
    }
    let (code, out, _) = run(&["man"]);
    assert!(code == 0 && out.contains(".TH fleet-top"), "{out}");
    assert!(
        out.contains(".SH \"FLEET\\-TOP DRILL\"") && out.contains("disruption budget"),
        "{out}"
    );
    assert!(!out.contains("(1)"), "it leads to no page that is not there: {out}");
}

#[test]
fn unknown_leases_bring_near_ones() {
    let directory = TempDir::new().unwrap();
    let recording = written(&directory, "r.jsonl", RECORDING);
    let (code, _, errors) = run(&["history", "hold", "--replay", as_str(&recording)]);
    assert_eq!(code, 1);
    assert_clear(&errors);
    assert!(errors.contains("a/held"), "{errors}");
}

/// A simulated cluster with these faults, and a kubeconfig for it.
fn with_faults(edit: impl FnOnce(&mut Faults), test: impl FnOnce(&str)) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let now = || observe::clock::now().into();
    let simulation = runtime.block_on(simulator::start(Scene::fleet(), now)).unwrap();
    simulation.server().faults(edit);
    let directory = TempDir::new().unwrap();
    test(as_str(&kubeconfig(&directory, &simulation.url())));
}

#[test]
fn an_expired_token_is_told_at_once() {
    with_faults(
        |faults| faults.unauthorized = true,
        |config| {
            let (code, out, errors) = run(&["list", "--kubeconfig", config]);
            assert_eq!((code, out.as_str()), (1, ""));
            assert_clear(&errors);
            assert!(errors.contains("log in again"), "{errors}");
            assert!(!errors.contains("within"), "it did not wait: {errors}");
        },
    );
}

#[test]
fn forbidden_leases_are_told_at_once() {
    with_faults(
        |faults| faults.forbidden.extend([Resource::Leases]),
        |config| {
            let (code, _, errors) = run(&["list", "--kubeconfig", config]);
            assert_eq!(code, 1);
            assert_clear(&errors);
            assert!(errors.contains("forbidden") && errors.contains("-n NAMESPACE"), "{errors}");
        },
    );
}

#[test]
fn forbidden_pods_leave_the_list_of_leases() {
    with_faults(
        |faults| faults.forbidden.extend([Resource::Pods]),
        |config| {
            let (code, out, _) = run(&["list", "--kubeconfig", config, "-o", "name"]);
            assert_eq!(code, 0);
            assert!(out.contains("kube-system/kube-scheduler"), "{out}");
        },
    );
}

#[test]
fn a_server_that_swallows_everything_is_told_after_the_timeout() {
    with_faults(
        |faults| faults.black_hole(Resource::Leases),
        |config| {
            let args = ["list", "--kubeconfig", config, "--request-timeout", "1s"];
            let (code, _, errors) = run(&args);
            assert_eq!(code, 1);
            assert_clear(&errors);
            assert!(errors.contains("within 1s"), "{errors}");
        },
    );
}

#[test]
fn the_demo_settles_into_proven_states() {
    let (code, out, errors) = run(&["list", "--demo", "--settle", "20s", "-o", "json"]);
    assert!(code == 0 || code == 3, "{errors}");
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let leases = report["leases"].as_array().unwrap();
    assert!(leases.len() > 3);
    assert!(leases.iter().all(|lease| lease["phase"] != "unknown"), "{out}");
}

#[test]
fn one_election_is_described_for_people_and_programs() {
    let directory = TempDir::new().unwrap();
    let recording = written(&directory, "r.jsonl", RECORDING);
    let (code, out, errors) = run(&["describe", "held", "--replay", as_str(&recording)]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(out.starts_with("a/held\n"), "{out}");
    let args = ["describe", "held", "--replay", as_str(&recording), "-o", "json"];
    let described: serde_json::Value = serde_json::from_str(&run(&args).1).unwrap();
    assert_eq!(described["holder"], "x_1");
    assert!(described["candidates"].is_null());
}

#[test]
fn nobody_leads_what_is_released() {
    let directory = TempDir::new().unwrap();
    let recording = written(&directory, "r.jsonl", RECORDING);
    let (code, out, errors) = run(&["leader", "b/free", "--replay", as_str(&recording)]);
    assert_eq!((code, out.as_str()), (3, ""));
    assert_clear(&errors);
    let (code, out, errors) = run(&["leader", "a/held", "--replay", as_str(&recording)]);
    assert_eq!((code, out.as_str()), (1, ""), "it has no pod");
    assert_clear(&errors);
}

#[test]
fn the_leader_of_the_demo_is_a_pod() {
    let (code, out, errors) = run(&["leader", "kube-system/kube-scheduler", "--demo"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(out.starts_with("kube-system/") && out.lines().count() == 1, "{out}");
}

#[test]
fn the_log_of_a_leader_is_printed_as_it_is() {
    let lease = "kube-system/kube-scheduler";
    let (code, out, errors) = run(&["logs", lease, "--demo", "--settle", "20s", "--tail", "2"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(out.lines().count() == 2 && out.contains("as the leader"), "{out}");
    let (code, _, errors) = run(&["logs", lease, "--demo", "-c", "none"]);
    assert_eq!(code, 1);
    assert_clear(&errors);
    assert!(errors.contains("it has: kube-scheduler"), "{errors}");
    assert_eq!(run(&["logs", lease, "--replay", "x"]).0, 1);
}

#[test]
fn a_followed_log_goes_on_with_the_next_leader() {
    let lease = "fleet-gitops-leader-election-shard";
    let mut child = fleet_top(&["logs", "-f", lease, "--demo"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut leaders: Vec<String> = Vec::new();
    // The demo's first incident kills this leader after three seconds.
    while leaders.len() < 2 {
        let mut line = String::new();
        assert!(out.read_line(&mut line).unwrap() > 0, "the log ended");
        let leader = line.split("id=").nth(1).filter(|_| line.contains("\"leads\""));
        leaders.extend(leader.map(str::to_owned));
        leaders.dedup();
    }
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(
        errors.contains("leads fleet-gitops") && errors.contains("its log follows"),
        "{errors}"
    );
}

#[test]
fn a_drill_asks_refuses_and_tries() {
    let lease = "fleet-gitops-leader-election-shard";
    let (code, out, errors) = run(&["drill", lease, "--demo"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(errors.contains("leader     pod ") && errors.contains("--yes"), "{errors}");
    let (code, out, _) = run(&["drill", lease, "--demo", "--dry-run", "--evict"]);
    assert_eq!(code, 0);
    assert!(out.starts_with("Evict pod ") && out.contains("Nothing was done"), "{out}");
    assert_eq!(run(&["drill", lease, "--replay", "x"]).0, 1);
}

#[test]
fn a_drill_measures_the_failover_that_it_makes() {
    let directory = TempDir::new().unwrap();
    let report = directory.path().join("drill.json");
    let lease = "fleet-gitops-leader-election-shard";
    let args = ["drill", lease, "--demo", "--yes", "-o", "json", "--report", as_str(&report)];
    let (code, out, errors) = run(&args);
    assert_eq!((code, out.as_str()), (0, ""), "{errors}");
    let told: serde_json::Value = serde_json::from_slice(&fs::read(&report).unwrap()).unwrap();
    let run = &told["runs"][0];
    assert_eq!(run["verdict"], "as_promised", "{told}");
    assert_eq!(run["failover"]["stage"], "final");
    // The lock lasts six seconds and is not released.
    assert_eq!(run["failover"]["end"], "silent");
    assert!(run["failover"]["leaderless_seconds"].as_f64().unwrap() > 5.0, "{told}");
    assert_eq!(told["summary"]["passed"], true);
}

/// A kubeconfig with one context for each of these servers.
fn contexts(directory: &TempDir, servers: &[(&str, &str)]) -> PathBuf {
    let each = |form: fn(&str, &str) -> String| {
        servers.iter().map(|(name, url)| form(name, url)).collect::<Vec<_>>().join(", ")
    };
    let clusters = each(|name, url| format!("{{name: {name}, cluster: {{server: '{url}'}}}}"));
    let all = each(|name, _| format!("{{name: {name}, context: {{cluster: {name}, user: me}}}}"));
    let text = format!(
        "apiVersion: v1\nkind: Config\nclusters: [{clusters}]\ncontexts: [{all}]\n\
         users: [{{name: me, user: {{token: x}}}}]\n"
    );
    written(directory, "config", &text)
}

#[test]
fn one_cluster_that_is_away_does_not_hide_the_others() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let start = || {
        let now = || observe::clock::now().into();
        runtime.block_on(simulator::start(Scene::fleet(), now)).unwrap()
    };
    let (one, two) = (start(), start());
    let directory = TempDir::new().unwrap();
    let servers = [("one", &*one.url()), ("two", &*two.url()), ("away", "http://127.0.0.1:1")];
    let config = contexts(&directory, &servers);
    let config = as_str(&config);
    let all = ["--kubeconfig", config, "--context=one", "--context=two", "--context=away"];
    let (code, out, errors) = run(&[&["list"], &all[..], &["-n", "kube-system"]].concat());
    assert_eq!(code, 0, "{errors}");
    assert!(out.starts_with("STATE") && out.contains("CLUSTER"), "{out}");
    let of = |cluster: &str| out.lines().filter(|line| line.contains(cluster)).count();
    assert_eq!((of(" one "), of(" two ")), (2, 2), "{out}");
    assert!(errors.contains("away: ") && errors.contains("refused"), "{errors}");
    let told: Vec<&str> = errors.lines().collect();
    assert_eq!(told.len(), 2, "of a cluster that is away nothing else is told: {errors}");
    assert!(told[1].starts_with("  the server does not answer"), "{errors}");
    assert_eq!(out.matches(" 2/2 ").count(), 4, "the pods of the others are waited for: {out}");
    let args = ["list", "-o", "json", "--kubeconfig", config, "--context=one", "--context=two"];
    let report: serde_json::Value = serde_json::from_str(&run(&args).1).unwrap();
    let leases = report["leases"].as_array().unwrap();
    let mine = leases.iter().filter(|lease| lease["cluster"] == "one").count();
    assert_eq!(mine * 2, leases.len());
    assert!(!out.contains("one/") && leases[0]["namespace"] == "cattle-fleet-local-system");
    let args = [&["leader", "two/kube-system/kube-scheduler"], &all[..3], &["--context=two"]];
    let (code, out, _) = run(&args.concat());
    assert!(code == 0 && out.starts_with("kube-system/"), "{out}");
    let (code, _, errors) = run(&[&["logs", "kube-scheduler"], &all[..4]].concat());
    assert!(code == 1 && errors.contains("name only one --context"), "{errors}");
}

#[test]
fn selectors_choose_by_labels_and_tell_where_they_are_wrong() {
    let directory = TempDir::new().unwrap();
    let labelled = RECORDING.replace(r#""name":"free""#, r#""labels":{"app":"x"},"name":"free""#);
    let recording = written(&directory, "r.jsonl", &labelled);
    let list = ["list", "-o", "name", "--replay", as_str(&recording), "-l"];
    let select = |selector| run(&[&list[..], &[selector]].concat());
    assert_eq!(select("app in (x, y)").1, "b/free\n");
    assert_eq!(select("!app").1, "a/held\n");
    let (_, out, _) = run(&["events", "--replay", as_str(&recording), "-l", "app"]);
    assert!(out.contains("b/free") && !out.contains("a/held"), "{out}");
    let (code, _, errors) = select("app in x");
    assert_eq!(code, 2);
    assert!(errors.contains("character 8"), "{errors}");
}

#[test]
fn waiting_ends_with_what_is_awaited_or_with_124() {
    let lease = "kube-system/kube-scheduler";
    let (code, out, errors) = run(&["wait", lease, "--for=held", "--demo", "--timeout", "20s"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(out.contains("leads"), "{out}");
    let args = ["wait", "kube-system/none", "--for=leader", "--demo", "--timeout", "1s"];
    let (code, out, errors) = run(&args);
    assert_eq!((code, out.as_str()), (124, ""));
    assert_clear(&errors);
    assert!(errors.contains("timed out after 1s") && errors.contains("none"), "{errors}");
    assert_eq!(run(&["wait", lease, "--for=peace"]).0, 2);
    assert_eq!(run(&["wait", lease, "--for=held", "--replay", "x"]).0, 1);
}

#[test]
fn a_watched_list_goes_on_with_rows_that_change_until_it_is_interrupted() {
    let mut child = fleet_top(&["list", "--watch", "--demo", "-o", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut leases = std::collections::HashMap::new();
    // The demo's first incident kills a leader after three seconds.
    for line in lines.map(Result::unwrap) {
        let lease: serde_json::Value = serde_json::from_str(&line).unwrap();
        let name = format!("{}/{}", lease["namespace"], lease["name"]);
        let seen = leases.insert(name, lease["last_failover"].clone());
        if seen.is_some_and(|before| before.is_null() && !lease["last_failover"].is_null()) {
            break;
        }
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_watched_list_refuses_what_does_not_go_on() {
    let (code, out, errors) = run(&["list", "-w", "--replay", "x"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_clear(&errors);
    assert!(errors.contains("does not go on"), "{errors}");
    assert_eq!(run(&["-w", "--once", "--demo"]).0, 2);
    assert_eq!(run(&["-w", "--lines", "--demo"]).0, 2);
}

#[test]
fn who_leads_and_what_was_awaited_are_told_to_programs() {
    let object = |out: &str| serde_json::from_str::<serde_json::Value>(out).unwrap();
    let lease = "kube-system/kube-scheduler";
    let (code, out, errors) = run(&["leader", lease, "--demo", "-o", "json"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    let told = object(&out);
    assert!(told["leads"] == true && told["pod"].is_string(), "{out}");
    let directory = TempDir::new().unwrap();
    let recording = written(&directory, "r.jsonl", RECORDING);
    let (code, out, _) = run(&["leader", "free", "--replay", as_str(&recording), "-o", "json"]);
    assert_eq!((code, &object(&out)["leads"]), (3, &false.into()));
    let args = ["wait", lease, "--for=held", "--demo", "--timeout", "20s", "-o", "json"];
    let (code, out, errors) = run(&args);
    assert_eq!((code, errors.as_str()), (0, ""));
    let told = object(&out);
    assert!(told["met"] == true && told["condition"] == "held", "{out}");
    assert_eq!(told["election"]["name"], "kube-scheduler");
    let args = ["wait", "none", "--for=leader", "--demo", "--timeout", "1s", "-o", "json"];
    let (code, out, _) = run(&args);
    assert_eq!((code, &object(&out)["met"]), (124, &false.into()));
    assert!(object(&out)["election"].is_null());
    let (code, out, _) = run(&[&args[..6], &["-o", "yaml"]].concat());
    assert!(code == 124 && out.contains("met: false\n"), "{out}");
    let (code, out, _) = run(&["events", "--replay", as_str(&recording), "-o", "table"]);
    assert!(code == 0 && out.lines().count() > 3, "what is a table in list is text here: {out}");
}
