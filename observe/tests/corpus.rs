//! The corpora of the fuzzers, as they are and damaged: what CI can do without a nightly compiler.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::path::Path;

use leadership::Leadership;
use observe::catalogue::{built_in, extend};
use observe::kinds::ROWS;
use observe::recording::Reader;
use proptest::prelude::*;

/// All files of one corpus.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    let mut files: Vec<_> = folder.read_dir().unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn read_object(bytes: &[u8]) -> usize {
    let text = String::from_utf8_lossy(bytes);
    ROWS.iter().filter(|row| (row.read)(&text).is_ok()).count()
}

fn read_recording(bytes: &[u8]) -> usize {
    let mut fold = Leadership::new();
    let observations = Reader::new(bytes).map_while(Result::ok);
    let count = observations.map(|observation| drop(fold.observe(observation))).count();
    fold.finish();
    fold.snapshot();
    count
}

fn read_catalogue(bytes: &[u8]) -> bool {
    extend(&built_in(), &String::from_utf8_lossy(bytes)).is_ok()
}

#[test]
fn what_is_whole_is_read() {
    assert!(corpus("object").iter().all(|bytes| read_object(bytes) > 0));
    assert!(corpus("recording").iter().all(|bytes| read_recording(bytes) > 3));
    let read = corpus("catalogue").iter().filter(|bytes| read_catalogue(bytes)).count();
    assert_eq!(read, 1, "one is sound, the other is not");
}

/// A place in a file, and what is put there instead of so many bytes.
fn damage() -> impl Strategy<Value = Vec<(prop::sample::Index, usize, Vec<u8>)>> {
    let pieces = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..4),
        prop::sample::select(vec![
            "\"", "{", "}", "[", "]", "null", "-1", "1e999", "\\u0000", ":", "\n", "&a", "*a"
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    prop::collection::vec((any::<prop::sample::Index>(), 0_usize..9, pieces), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn what_is_damaged_is_read_or_refused(
        which in any::<prop::sample::Index>(),
        damages in damage(),
    ) {
        for name in ["object", "recording", "catalogue"] {
            let files = corpus(name);
            let mut bytes = which.get(&files).clone();
            for (place, length, piece) in &damages {
                let from = place.index(bytes.len() + 1);
                let to = (from + length).min(bytes.len());
                bytes.splice(from..to, piece.iter().copied());
            }
            read_object(&bytes);
            read_recording(&bytes);
            read_catalogue(&bytes);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_object(&bytes);
        read_recording(&bytes);
        read_catalogue(&bytes);
    }
}
