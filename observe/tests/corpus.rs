//! The corpora of the fuzzers, as they are and damaged: what takes seconds and no other build.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "../../fuzz/laws.rs"]
mod laws;

use std::path::Path;

use proptest::prelude::*;

/// All files of one corpus.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(name);
    let mut files: Vec<_> = folder.read_dir().unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// A corpus, and how many things of a file are read.
type Reader = (&'static str, fn(&[u8]) -> usize);

const READERS: [Reader; 5] = [
    ("object", |bytes| laws::json(&String::from_utf8_lossy(bytes))),
    ("protobuf", laws::protobuf),
    ("stream", |bytes| laws::stream(bytes, 7)),
    ("recording", laws::recording),
    ("catalogue", |bytes| laws::catalogue(&String::from_utf8_lossy(bytes)).into()),
];

#[test]
fn what_is_whole_is_read() {
    for (name, read) in READERS {
        let files = corpus(name);
        let read = files.iter().filter(|bytes| read(bytes) > 0).count();
        // One catalogue is there for being refused.
        let refused = usize::from(name == "catalogue");
        assert_eq!(read, files.len() - refused, "{name}");
    }
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
        for (name, read) in READERS {
            let files = corpus(name);
            let mut bytes = which.get(&files).clone();
            for (place, length, piece) in &damages {
                let from = place.index(bytes.len() + 1);
                let to = (from + length).min(bytes.len());
                bytes.splice(from..to, piece.iter().copied());
            }
            read(&bytes);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for (_, read) in READERS {
            read(&bytes);
        }
    }
}
