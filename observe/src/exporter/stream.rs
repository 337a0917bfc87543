//! Server-sent events.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, header};
use http_body_util::BodyExt;
use kube::client::Body;
use leadership::event::Event;
use tokio::sync::broadcast;
use tokio::time::{sleep, timeout};

use super::Exporter;
use crate::ask;

/// A stream that says nothing for so long is dead: a comment comes every fifteen seconds.
const SILENCE: Duration = Duration::from_secs(40);

/// The pause before a stream is opened anew.
const AGAIN: Duration = Duration::from_secs(2);

/// Bytes of a line that are kept.
const LONGEST: usize = 4 << 20;

/// Reads events for ever, each once.
pub(super) async fn follow(exporter: Exporter, out: broadcast::Sender<Arc<Event>>) {
    let mut reader = Reader::default();
    let uri = format!("{}/events", exporter.root);
    loop {
        let last = reader.last.clone();
        let request = || {
            let mut request = Request::get(&uri)
                .header(header::ACCEPT, "text/event-stream")
                // Compressed streams wait for blocks to fill.
                .header(header::ACCEPT_ENCODING, "identity");
            if !last.is_empty() {
                request = request.header("last-event-id", &last);
            }
            request.body(Body::empty())
        };
        match ask::ask(&exporter.server, request).await {
            Ok(body) => read(body, &mut reader, &out).await,
            Err(refusal) => tracing::warn!(error = refusal.told(), "no events from the exporter"),
        }
        reader.begin();
        sleep(AGAIN).await;
    }
}

async fn read(mut body: Body, reader: &mut Reader, out: &broadcast::Sender<Arc<Event>>) {
    while let Ok(Some(Ok(frame))) = timeout(SILENCE, body.frame()).await {
        for event in reader.take(&frame.into_data().unwrap_or_default()) {
            // Nobody may be listening.
            let _ = out.send(Arc::new(event));
        }
    }
}

/// Takes a stream apart, however it is cut.
#[derive(Debug, Default)]
struct Reader {
    /// The id of the last event that was told whole.
    last: String,
    rest: Vec<u8>,
    id: String,
    kind: String,
    data: String,
}

impl Reader {
    /// Another stream begins: what was not whole is not told.
    fn begin(&mut self) {
        *self = Self { last: std::mem::take(&mut self.last), ..Self::default() };
    }

    fn take(&mut self, bytes: &[u8]) -> Vec<Event> {
        self.rest.extend_from_slice(bytes);
        let mut events = Vec::new();
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            events.extend(self.line(line.trim_end_matches(['\r', '\n'])));
        }
        if self.rest.len() > LONGEST {
            self.rest.clear();
        }
        events
    }

    fn line(&mut self, line: &str) -> Option<Event> {
        if line.is_empty() {
            return self.end();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => value.clone_into(&mut self.id),
            "event" => value.clone_into(&mut self.kind),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            _ => {}
        }
        None
    }

    /// An empty line ends an event. One that cannot be read is passed over.
    fn end(&mut self) -> Option<Event> {
        let data = std::mem::take(&mut self.data);
        let kind = std::mem::take(&mut self.kind);
        if !self.id.is_empty() {
            self.last = std::mem::take(&mut self.id);
        }
        match kind.as_str() {
            "leadership" => match serde_json::from_str(&data) {
                Ok(event) => Some(event),
                Err(error) => {
                    tracing::warn!(%error, "an event of the exporter cannot be read");
                    None
                }
            },
            "gap" => {
                tracing::warn!(gap = data, "events of the exporter were missed");
                None
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "retry: 2000\nid: 5-0\n\n: still here\n\n\
        id: 5-1\nevent: leadership\ndata: {\"schema_version\":1,\"at\":\"2026-11-22T15:00:00.000000Z\",\
        \"lease\":{\"kind\":\"Lease\",\"namespace\":\"a\",\"name\":\"b\"},\"event\":\"term\",\"holder\":\"x\",\"how\":\"first\"}\n\n\
        id: 5-2\nevent: leadership\ndata: nonsense\n\n\
        id: 5-3\nevent: gap\ndata: {}\n\nid: 5-4\nevent: lead";

    #[test]
    fn events_do_not_depend_on_how_the_stream_is_cut() {
        for cut in [1, 2, 7, 4096] {
            let mut reader = Reader::default();
            let chunks = STREAM.as_bytes().chunks(cut);
            let events: Vec<Event> = chunks.flat_map(|chunk| reader.take(chunk)).collect();
            assert_eq!(events.len(), 1);
            assert_eq!(events[0].lease.as_ref().unwrap().to_string(), "a/b");
            assert_eq!(reader.last, "5-3", "what is not whole comes again");
            reader.begin();
            assert_eq!((reader.last.as_str(), reader.id.as_str()), ("5-3", ""));
        }
    }
}
