//! Any text as a filter of elections, labels and all: it is taken or refused in words.
#![no_main]

use std::sync::{Arc, LazyLock};

use fleet_top::filter::Filter;
use leadership::Leadership;
use leadership::snapshot::Snapshot;
use libfuzzer_sys::fuzz_target;
use observe::recording::Reader;

/// Some elections to filter.
static PICTURE: LazyLock<Arc<Snapshot>> = LazyLock::new(|| {
    let mut fold = Leadership::new();
    let recording = include_bytes!("../seeds/recording/break.jsonl");
    for observation in Reader::new(recording.as_slice()).map_while(Result::ok) {
        fold.observe(observation);
    }
    fold.snapshot()
});

fuzz_target!(|text: &str| {
    let filter = Filter::parse(text);
    let mut scratch = String::new();
    for election in &PICTURE.elections {
        let _ = filter.admits(election, &mut scratch);
        let _ = filter.admits_line(text, Some(election), &mut scratch);
    }
    assert!(filter.error().is_none_or(|error| !error.is_empty()));
    let _ = fleet_top::filter::suggestions(text, &PICTURE);
});
