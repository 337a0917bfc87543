//! What must hold of the readers, whatever comes. The fuzzers ask for it, and so do the tests of `observe`, on what lies in
//! `seeds`, whole and damaged.
#![allow(dead_code, reason = "a fuzzer needs one of them")]

use k8s_openapi::api::{coordination::v1 as openapi_leases, core::v1 as openapi_core};
use k8s_pb::api::{coordination::v1 as pb_leases, core::v1 as pb_core};
use leadership::Leadership;
use leadership::observation::Kind;
use leadership::time::Delta;
use observe::catalogue::{built_in, extend};
use observe::kinds::{ROWS, Row};
use observe::read::{Seen, Unreadable};
use observe::recording::Reader;
use observe::watch::{Encoding, objects};
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longer events are refused.
const LIMIT: usize = 1 << 16;

/// A text as an object of each kind: how many readers take it. What Kubernetes' own types can read is read as they
/// write it.
pub(crate) fn json(text: &str) -> usize {
    written_anew::<openapi_leases::Lease>(text, Kind::Lease);
    written_anew::<openapi_core::Pod>(text, Kind::Pod);
    written_anew::<openapi_core::Node>(text, Kind::Node);
    ROWS.iter().filter(|row| (row.read)(text).is_ok()).count()
}

fn written_anew<T: DeserializeOwned + Serialize>(text: &str, kind: Kind) {
    let Ok(object) = serde_json::from_str::<T>(text) else { return };
    let Ok(anew) = serde_json::to_string(&object) else { return };
    let read = Row::of(kind).read;
    let came = read(text);
    // Kubernetes' types take the last one; we refuse what may mean one thing or another. No server writes such.
    let twice = |error: &Unreadable| error.to_string().contains("duplicate field");
    if !came.as_ref().is_err_and(twice) {
        alike(came, read(&anew), text);
    }
}

/// Bytes as a message of each kind that is read in protobuf: how many readers take them. What a compiler of Kubernetes'
/// own definitions can read is read as it writes it.
pub(crate) fn protobuf(bytes: &[u8]) -> usize {
    encoded_anew::<pb_leases::Lease>(bytes, Kind::Lease);
    encoded_anew::<pb_core::Pod>(bytes, Kind::Pod);
    encoded_anew::<pb_core::Node>(bytes, Kind::Node);
    let readers = ROWS.iter().filter_map(|row| row.read_protobuf);
    readers.filter(|read| read(bytes).is_ok()).count()
}

fn encoded_anew<M: Message + Default>(bytes: &[u8], kind: Kind) {
    let Ok(message) = M::decode(bytes) else { return };
    let Some(read) = Row::of(kind).read_protobuf else { return };
    alike(read(bytes), read(&message.encode_to_vec()), bytes);
}

/// Both are the same object, or neither has a name.
fn alike(
    came: Result<Seen, Unreadable>,
    anew: Result<Seen, Unreadable>,
    whole: impl std::fmt::Debug,
) {
    match (came, anew) {
        (Err(Unreadable::Nameless), Err(Unreadable::Nameless)) => {}
        (Ok(came), Ok(anew)) => assert_eq!(came, anew, "{whole:?}"),
        (came, anew) => panic!("{came:?} and {anew:?} of {whole:?}"),
    }
}

/// Bytes as the stream of a watch: how many objects are read. It does not matter in which pieces they come.
pub(crate) fn stream(bytes: &[u8], size: usize) -> usize {
    let mut read = 0;
    for row in &ROWS {
        for encoding in [Encoding::Json, Encoding::Protobuf] {
            let whole = events(row, encoding, [bytes]);
            let pieces = events(row, encoding, bytes.chunks(size.max(1)));
            assert_eq!(format!("{whole:?}"), format!("{pieces:?}"));
            read += whole.0.into_iter().flatten().count();
        }
    }
    read
}

/// What is read of the events of a stream, and how it ends.
fn events<'a>(
    row: &Row,
    encoding: Encoding,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Result<Seen, Unreadable>>, Result<(), String>) {
    let mut read = Vec::new();
    let ended = objects(row, encoding, LIMIT, pieces, |event| read.push(event));
    (read, ended)
}

/// Bytes as a recording: how many observations are folded.
pub(crate) fn recording(bytes: &[u8]) -> usize {
    let mut fold = Leadership::new();
    let mut count = 0;
    for observation in Reader::new(bytes).map_while(Result::ok) {
        let at = observation.at;
        let events = fold.observe(observation);
        assert!(events.windows(2).all(|pair| pair[0].at <= pair[1].at));
        fold.advance(at + Delta::from_secs(3));
        fold.snapshot();
        count += 1;
    }
    while let Some(due) = fold.next_deadline() {
        fold.advance(due);
        assert_ne!(fold.next_deadline(), Some(due), "a deadline that does not pass");
    }
    fold.finish();
    count
}

/// A text as a user's catalogue: whether it is taken. If not, the error says something.
pub(crate) fn catalogue(text: &str) -> bool {
    match extend(&built_in(), text) {
        Ok(_) => true,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}
