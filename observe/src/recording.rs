//! Recordings: JSON Lines, one observation a line, objects as the API server writes them.
//!
//! ```json
//! {"at":"2026-11-22T15:00:00.000000Z","fact":"listed","kind":"Lease","objects":[]}
//! {"at":"2026-11-22T15:00:02.020000Z","fact":"applied","object":{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"namespace":"a","name":"b"}}}
//! {"at":"2026-11-22T15:00:10.000000Z","fact":"lost","kind":"Lease","namespace":"kube-node-lease","error":"connection reset"}
//! {"at":"2026-11-22T15:00:11.000000Z","fact":"alive","kind":"Pod"}
//! {"at":"2026-11-22T15:00:12.000000Z","fact":"page","kind":"Pod","part":"first","objects":[]}
//! {"at":"2026-11-22T15:01:00.000000Z","fact":"tick"}
//! ```

mod line;
mod object;
mod reader;
mod writer;

pub use line::BadLine;
pub use reader::{LINE_LIMIT, Reader, RecordingError};
pub use writer::Writer;

#[cfg(test)]
mod tests;
