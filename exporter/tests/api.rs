//! What programs read is what `docs/openapi.yaml` says.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that failed")]

mod fixture;

use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use clap::Parser as _;
use flate2::read::GzDecoder;
use http_body_util::BodyExt as _;
use jsonschema::Validator;
use leadership::event::{Event, What};
use leadership::lock::LockKey;
use leadership::snapshot::{Chapter, Snapshot};
use leadership_exporter::args::Args;
use leadership_exporter::feed::{Feed, KEPT};
use leadership_exporter::http::router;
use leadership_exporter::source::Source;
use rstest::rstest;
use serde_json::{Value, json};
use tower::ServiceExt as _;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// Nothing here takes that long.
const BOUND: Duration = Duration::from_secs(20);

fn described() -> Value {
    let text = std::fs::read_to_string(format!("{ROOT}/docs/openapi.yaml")).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

/// The schema of this name, in which nothing may be that it does not tell.
fn schema(name: &str) -> Validator {
    let mut components = described()["components"].clone();
    tighten(&mut components);
    let root = json!({"$ref": format!("#/components/schemas/{name}"), "components": components});
    jsonschema::draft202012::options().should_validate_formats(true).build(&root).unwrap()
}

fn tighten(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(tighten);
            if map.get("type") == Some(&json!("object")) && map.contains_key("properties") {
                map.insert("additionalProperties".to_owned(), json!(false));
            }
        }
        Value::Array(list) => list.iter_mut().for_each(tighten),
        _ => {}
    }
}

fn fits(name: &str, value: &Value) {
    let validator = schema(name);
    let wrong: Vec<String> =
        validator.iter_errors(value).map(|it| format!("{}: {it}", it.instance_path())).collect();
    assert!(wrong.is_empty(), "{name}: {}", wrong.join("\n"));
}

fn source(snapshot: Snapshot) -> Source {
    Source::fixed("a test".to_owned(), Arc::new(snapshot))
}

async fn ask(router: &Router, path: &str, headers: &[(&str, &str)]) -> (StatusCode, Body, String) {
    let mut request = Request::builder().uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (answer.status(), answer.into_body(), kind)
}

async fn json(router: &Router, path: &str) -> Value {
    let (status, body, kind) = ask(router, path, &[]).await;
    assert_eq!((status, &*kind), (StatusCode::OK, "application/json"));
    serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap()
}

/// Every scenario of the model, folded to its end.
fn scenarios() -> Vec<(String, Arc<Snapshot>)> {
    let folder = Path::new(ROOT).join("leadership/scenarios");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_none_or(|it| it != "jsonl") || name.ends_with(".events") {
            continue;
        }
        let file = BufReader::new(std::fs::File::open(&path).unwrap());
        if let Ok(snapshot) = observe::drive::replay(file, |_| {}) {
            found.push((name, snapshot));
        }
    }
    assert!(found.len() > 20, "{} scenarios", found.len());
    found
}

#[tokio::test]
async fn leases_are_as_described_and_can_be_read_back() {
    let snapshot = fixture::snapshot();
    let router = router(source(snapshot.clone()));
    let answer = json(&router, "/api/v1/leases").await;
    fits("Leases", &answer);
    let back: Snapshot = serde_json::from_value(answer["snapshot"].clone()).unwrap();
    assert_eq!(back, snapshot);
}

#[tokio::test]
async fn whatever_happened_the_answers_are_as_described() {
    let (leases, failovers) = (schema("Leases"), schema("Failovers"));
    let mut told = 0;
    for (name, snapshot) in scenarios() {
        let router = router(Source::fixed(name.clone(), snapshot));
        for (path, schema) in [("/api/v1/leases", &leases), ("/api/v1/failovers", &failovers)] {
            let answer = json(&router, path).await;
            let wrong =
                schema.validate(&answer).map_err(|it| format!("{}: {it}", it.instance_path()));
            assert_eq!(wrong, Ok(()), "{name}: {path}");
            told += answer["failovers"].as_array().map_or(0, Vec::len);
        }
    }
    assert!(told > 20, "only {told} failovers");
}

#[rstest]
#[case("", &["absent", "blind", "fleet-controller-lock", "gitjob", "hostile"])]
#[case("?namespace=default", &["absent", "hostile"])]
#[case("?component=billing", &["gitjob"])]
#[case("?component=", &["absent", "blind", "fleet-controller-lock", "hostile"])]
#[case("?state=held&namespace=default", &["hostile"])]
#[case("?lease=blind", &["blind"])]
#[case("?namespace=nowhere", &[])]
#[tokio::test]
async fn leases_are_asked_for_by_what_they_are(#[case] query: &str, #[case] wanted: &[&str]) {
    let router = router(source(fixture::snapshot()));
    let answer = json(&router, &format!("/api/v1/leases{query}")).await;
    let elections = answer["snapshot"]["elections"].as_array().unwrap();
    let mut names: Vec<&str> =
        elections.iter().map(|it| it["key"]["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, wanted);
}

#[rstest]
#[case("/api/v1/leases?name=x", "name")]
#[case("/api/v1/leases?state=asleep", "asleep")]
#[case("/api/v1/failovers?limit=-1", "limit")]
#[case("/api/v1/failovers?limit=10001", "10000")]
#[case("/api/v1/events?history=maybe", "history")]
#[tokio::test]
async fn what_cannot_be_asked_is_refused_and_why(#[case] path: &str, #[case] says: &str) {
    let router = router(source(fixture::snapshot()));
    let (status, body, kind) = ask(&router, path, &[]).await;
    let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    assert_eq!((status, &*kind), (StatusCode::BAD_REQUEST, "text/plain; charset=utf-8"));
    assert!(text.contains(says), "{text}");
}

#[tokio::test]
async fn what_is_denied_is_not_told_to_programs_either() {
    let flags = ["leadership-exporter", "--namespace-denylist=default"];
    let selection = Args::try_parse_from(flags).unwrap().published.selection();
    let router = router(source(fixture::snapshot()).publish(selection));
    let text = json(&router, "/api/v1/leases").await.to_string();
    assert!(text.contains("gitjob") && !text.contains("hostile"), "{text}");
}

#[tokio::test]
async fn failovers_come_newest_first_and_no_more_than_asked_for() {
    let mut snapshot = fixture::snapshot();
    let mut expected = Vec::new();
    for (number, election) in snapshot.elections.iter_mut().enumerate() {
        let mut with_history = (**election).clone();
        let Some(last) = with_history.last_failover.clone() else { continue };
        let second = i64::try_from(number).unwrap();
        let mut failover = (*last).clone();
        failover.first_write = failover.first_write + leadership::time::Delta::from_secs(second);
        expected.insert(0, with_history.key.name.to_string());
        let mut reign: Chapter = serde_json::from_value(json!({
            "entry": "reign", "holder": "old", "from": "2026-11-22T10:00:00Z", "from_seen": true,
            "to": "2026-11-22T11:00:00Z", "ended": "expired", "end": "silent", "failover": null,
        }))
        .unwrap();
        if let Chapter::Reign(reign) = &mut reign {
            reign.failover = Some(Arc::new(failover));
        }
        with_history.ledger = Arc::new([reign]);
        *election = Arc::new(with_history);
    }
    assert_eq!(expected.len(), 3);
    let router = router(source(snapshot));
    let answer = json(&router, "/api/v1/failovers").await;
    fits("Failovers", &answer);
    let names = |answer: &Value| -> Vec<String> {
        let list = answer["failovers"].as_array().unwrap();
        list.iter().map(|it| it["lease"]["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&answer), expected);
    let answer = json(&router, "/api/v1/failovers?limit=1").await;
    assert_eq!((names(&answer), &answer["total"]), (expected[..1].to_vec(), &json!(3)));
    let answer = json(&router, "/api/v1/failovers?component=billing").await;
    assert_eq!(names(&answer), ["gitjob"]);
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_ask() {
    let router = router(source(fixture::many(50)));
    let (_, body, _) = ask(&router, "/api/v1/leases", &[("accept-encoding", "gzip")]).await;
    let zipped = body.collect().await.unwrap().to_bytes();
    let answer: Value = serde_json::from_reader(GzDecoder::new(&*zipped)).unwrap();
    assert_eq!(answer["snapshot"]["elections"].as_array().unwrap().len(), 50);
    assert!(zipped.len() * 10 < answer.to_string().len());
}

#[tokio::test]
async fn the_description_is_served_and_names_every_route() {
    let router = router(source(fixture::snapshot()));
    let (status, body, _) = ask(&router, "/api/v1/openapi.yaml", &[]).await;
    let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let described: Value = serde_saphyr::from_str(&text).unwrap();
    assert_eq!(status, StatusCode::OK);
    for path in described["paths"].as_object().unwrap().keys() {
        assert_eq!(ask(&router, path, &[]).await.0, StatusCode::OK, "{path}");
    }
    assert_eq!(described["paths"].as_object().unwrap().len(), 3);
}

fn happened(name: &str) -> Event {
    Event { at: fixture::NOW, lease: Some(LockKey::lease("n", name)), what: What::ExpiredRetracted }
}

/// Reads until the text is as wanted.
async fn until(body: &mut Body, wanted: &str) -> String {
    let mut text = String::new();
    let read = async {
        while !text.contains(wanted) {
            let frame = body.frame().await.unwrap().unwrap();
            text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        }
    };
    let found = tokio::time::timeout(BOUND, read).await;
    assert!(found.is_ok(), "no {wanted} in {text}");
    text
}

fn follow(count: usize) -> (Router, Arc<Feed>) {
    let source = source(fixture::snapshot());
    let feed = Arc::clone(source.feed());
    for number in 0..count {
        feed.push(&happened(&format!("l{number}.")));
    }
    (router(source), feed)
}

#[tokio::test]
async fn events_are_as_described_and_are_taken_up_where_they_broke_off() {
    let (router, feed) = follow(3);
    let (status, mut body, kind) = ask(&router, "/api/v1/events", &[]).await;
    assert_eq!((status, &*kind), (StatusCode::OK, "text/event-stream"));
    let text = until(&mut body, "\n\n").await;
    assert!(text.starts_with("retry: 2000\nid: ") && text.ends_with("-3\n\n"), "{text}");
    feed.push(&happened("later"));
    let text = until(&mut body, "later").await;
    assert!(text.contains("\nevent: leadership\ndata: {") && text.ends_with("}\n\n"), "{text}");
    let schema = std::fs::read_to_string(format!("{ROOT}/docs/event.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let data = text.split("data: ").nth(1).unwrap().trim();
    assert!(schema.is_valid(&serde_json::from_str(data).unwrap()), "{data}");

    let id = text.split("id: ").nth(1).unwrap().lines().next().unwrap().to_owned();
    assert!(id.ends_with("-4"), "{id}");
    drop(body);
    feed.push(&happened("missed"));
    let (_, mut body, _) = ask(&router, "/api/v1/events", &[("last-event-id", &id)]).await;
    let text = until(&mut body, "missed").await;
    assert!(!text.contains("later") && !text.contains("gap"), "{text}");
    let epoch = id.split('-').next().unwrap();
    assert!(text.contains(&format!("id: {epoch}-5\n")), "{text}");
}

#[tokio::test]
async fn history_comes_on_request() {
    let (router, _feed) = follow(3);
    let (_, mut body, _) = ask(&router, "/api/v1/events?history=true", &[]).await;
    let text = until(&mut body, "l2.").await;
    assert!(text.contains("l0.") && text.contains("-0\n\n"), "{text}");
}

#[tokio::test]
async fn a_gap_is_told() {
    let (router, _feed) = follow(KEPT + 2);
    let described = schema("Gap");
    for (last, expected) in [("1-1", "restarted"), ("OURS-1", "forgotten")] {
        let (_, mut body, _) = ask(&router, "/api/v1/events", &[]).await;
        let first = until(&mut body, "\n\n").await;
        let epoch = first.split("id: ").nth(1).unwrap().split('-').next().unwrap().to_owned();
        let last = last.replace("OURS", &epoch);
        let (_, mut body, _) = ask(&router, "/api/v1/events", &[("last-event-id", &last)]).await;
        let text = until(&mut body, "event: gap").await;
        let data = text.split("event: gap\ndata: ").nth(1).unwrap().lines().next().unwrap();
        let gap: Value = serde_json::from_str(data).unwrap();
        assert!(described.is_valid(&gap), "{gap}");
        assert_eq!(gap["reason"], expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_says_that_it_lives_and_ends_when_there_is_nothing_more() {
    let (router, feed) = follow(0);
    let (_, mut body, _) = ask(&router, "/api/v1/events", &[]).await;
    until(&mut body, "id: ").await;
    let early = tokio::time::timeout(Duration::from_millis(14_900), body.frame()).await;
    assert!(early.is_err(), "nothing for 15 seconds: {early:?}");
    let beat = tokio::time::timeout(Duration::from_millis(200), until(&mut body, ": ")).await;
    assert_eq!(beat.unwrap(), ": still here\n\n");
    feed.close();
    assert!(body.frame().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_after_an_hour() {
    let (router, _feed) = follow(0);
    let (_, mut body, _) = ask(&router, "/api/v1/events", &[]).await;
    let mut frames = 0;
    while body.frame().await.is_some() {
        frames += 1;
    }
    assert!((239..=241).contains(&frames), "the first id, and a beat each 15 seconds: {frames}");
}

#[tokio::test]
async fn only_so_many_follow_at_once() {
    let (router, _feed) = follow(0);
    let mut following = Vec::new();
    for _ in 0..64 {
        let (status, body, _) = ask(&router, "/api/v1/events", &[]).await;
        assert_eq!(status, StatusCode::OK);
        following.push(body);
    }
    let (status, ..) = ask(&router, "/api/v1/events", &[]).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    following.pop();
    let (status, ..) = ask(&router, "/api/v1/events", &[]).await;
    assert_eq!(status, StatusCode::OK, "who leaves makes room");
}
