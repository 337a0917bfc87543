//! Every recording in `scenarios/` must give the events that lie beside it.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use leadership::Leadership;
use leadership::event::Event;
use leadership::snapshot::Snapshot;
use observe::catalogue::built_in;
use observe::recording::Reader;

fn events(recording: &Path) -> Vec<Event> {
    let file = BufReader::new(fs::File::open(recording).unwrap());
    let mut fold = Leadership::with_catalogue(built_in());
    let mut events = Vec::new();
    for observation in Reader::new(file) {
        events.extend(fold.observe(observation.unwrap()));
    }
    events.extend(fold.finish());
    events
}

fn lines(events: &[Event]) -> String {
    events.iter().map(|event| serde_json::to_string(event).unwrap() + "\n").collect()
}

fn recordings() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.to_string_lossy();
            name.ends_with(".jsonl") && !name.ends_with(".events.jsonl")
        })
        .collect();
    found.sort();
    assert!(found.len() > 40, "the scenarios are gone");
    found
}

#[test]
fn every_scenario_gives_its_events() {
    let mut wrong = Vec::new();
    for recording in recordings() {
        let beside = recording.with_extension("events.jsonl");
        let got = lines(&events(&recording));
        if std::env::var_os("BLESS").is_some() {
            fs::write(&beside, &got).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if got != expected {
            let name = recording.file_name().unwrap_or_default().to_string_lossy().into_owned();
            wrong.push(format!("{name}\n--- expected\n{expected}--- got\n{got}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Sums of fractions may come back with another last bit.
fn rounded(mut picture: Snapshot) -> Snapshot {
    for election in &mut picture.elections {
        let gaps = &mut Arc::make_mut(election).gaps.sum;
        *gaps = (*gaps * 1e9).round();
    }
    picture
}

/// What the exporter serves, another program must be able to read: no digit of it may be lost.
#[test]
fn events_and_pictures_survive_json() {
    for recording in recordings() {
        let file = BufReader::new(fs::File::open(&recording).unwrap());
        let mut fold = Leadership::with_catalogue(built_in());
        for observation in Reader::new(file) {
            for event in fold.observe(observation.unwrap()) {
                let line = serde_json::to_string(&event).unwrap();
                assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event, "{line}");
            }
            let picture = fold.snapshot();
            let text = serde_json::to_string(&*picture).unwrap();
            let read: Snapshot = serde_json::from_str(&text).unwrap();
            assert_eq!(rounded(read), rounded((*picture).clone()), "{}", recording.display());
        }
    }
}
