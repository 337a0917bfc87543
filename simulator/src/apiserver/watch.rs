//! Watches: a stream of events from a version on.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use serde_json::json;
use tokio::sync::watch as signal;
use tokio::time::{Interval, Sleep, interval, sleep};

use super::ApiServer;
use super::change::ChangeKind;
use super::encoded::Encoded;
use super::encoding::Form;
use super::fault::{Faults, StreamedLists};
use super::http::Params;
use super::resource::Resource;
use super::selector::Selector;
use super::status::Failure;

/// How long a watch lives if the client does not say; real servers take 30 to 60 minutes.
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(30);

/// Long enough for bytes to be sent.
const FLUSH: Duration = Duration::from_millis(20);

/// Answers a watch request that nothing forbids.
pub(crate) fn watch(
    server: &ApiServer,
    resource: Resource,
    selector: Selector,
    params: &Params,
) -> Result<Response, Failure> {
    if params.send_initial_events && watch_lists(server) == Some(StreamedLists::Refused) {
        return Err(Failure::no_streamed_lists());
    }
    let mut watch = Watch::new(server, resource, selector, params);
    let from = params.resource_version.as_str();
    if params.send_initial_events || matches!(from, "" | "0") {
        watch.start_with_everything(params.send_initial_events);
    } else {
        watch.cursor = from.parse().map_err(|_| {
            Failure::bad_request(format!("invalid resource version {from:?}: it is not a number"))
        })?;
        if server.0.faults.borrow().gone_as_status {
            server.store().since(resource, watch.cursor, &watch.selector, watch.form.encoding)?;
        }
    }
    server.count(resource, |traffic| traffic.open_watches += 1);
    watch.counted = true;
    watch.ended = server.0.faults.borrow().brief_watches.contains(&resource);
    let events = stream::unfold(watch, async |mut watch| {
        let chunk = watch.next().await?;
        Some((chunk, watch))
    });
    let kind = [(header::CONTENT_TYPE, params.form.encoding.stream_type())];
    Ok((kind, Body::from_stream(events)).into_response())
}

fn watch_lists(server: &ApiServer) -> Option<StreamedLists> {
    server.0.faults.borrow().streamed_lists
}

struct Watch {
    server: ApiServer,
    resource: Resource,
    selector: Selector,
    form: Form,
    /// All changes up to this version have been sent.
    cursor: u64,
    /// The list that it begins with, in two halves.
    first: VecDeque<Bytes>,
    bookmarks: Option<Interval>,
    deadline: Pin<Box<Sleep>>,
    changes: signal::Receiver<u64>,
    faults: signal::Receiver<Faults>,
    breaks: signal::Receiver<u64>,
    breaks_at_start: u64,
    ended: bool,
    counted: bool,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if self.counted {
            self.server.count(self.resource, |traffic| traffic.open_watches -= 1);
        }
    }
}

impl Watch {
    fn new(server: &ApiServer, resource: Resource, selector: Selector, params: &Params) -> Self {
        let timeout = params.timeout_seconds.map_or(DEFAULT_TIMEOUT, Duration::from_secs);
        let bookmarks = params.allow_watch_bookmarks.then(|| {
            let mut bookmarks = interval(server.0.settings.bookmarks_every);
            bookmarks.reset();
            bookmarks
        });
        let breaks = server.0.breaks.subscribe();
        let breaks_at_start = *breaks.borrow();
        Self {
            server: server.clone(),
            resource,
            selector,
            form: params.form,
            cursor: 0,
            first: VecDeque::new(),
            bookmarks,
            deadline: Box::pin(sleep(timeout)),
            changes: server.0.changes[resource as usize].subscribe(),
            faults: server.0.faults.subscribe(),
            breaks,
            breaks_at_start,
            ended: false,
            counted: false,
        }
    }

    /// Begins with an `ADDED` event for each object, and with the bookmark that ends them if it was asked for.
    fn start_with_everything(&mut self, marked: bool) {
        let (items, version) = {
            let store = self.server.store();
            (store.shown(self.resource, &self.selector), store.shown_version())
        };
        self.cursor = version;
        let encoding = self.form.encoding;
        let mut events: Vec<Bytes> =
            items.iter().map(|item| item.event_as(ChangeKind::Added, encoding)).collect();
        let unmarked = watch_lists(&self.server) == Some(StreamedLists::Unmarked);
        if marked && self.bookmarks.is_some() && !unmarked {
            events.push(self.bookmark(true));
        }
        let rest = events.split_off(events.len() / 2);
        self.first = [events, rest].into_iter().filter_map(|half| self.joined(half)).collect();
    }

    /// The next half of the list; none while it does not come.
    async fn half(&mut self) -> Option<io::Result<Bytes>> {
        let rest = self.first.len() == 1;
        match watch_lists(&self.server).filter(|_| rest) {
            Some(StreamedLists::Stalled) => return None,
            Some(StreamedLists::Cut) => {
                self.ended = true;
                // What came before is to arrive.
                sleep(FLUSH).await;
                return Some(Err(io::ErrorKind::ConnectionReset.into()));
            }
            Some(StreamedLists::Expired) => {
                self.first.clear();
                return Some(Ok(self.error(&Failure::expired("too old resource version"))));
            }
            Some(StreamedLists::Refused | StreamedLists::Unmarked) | None => {}
        }
        self.first.pop_front().map(Ok)
    }

    /// The event that ends a watch.
    fn error(&mut self, failure: &Failure) -> Bytes {
        self.ended = true;
        self.form.encoding.event(self.resource, "ERROR", &failure.to_json())
    }

    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            if self.ended {
                return None;
            }
            if *self.breaks.borrow() != self.breaks_at_start {
                self.ended = true;
                return Some(Err(io::ErrorKind::ConnectionReset.into()));
            }
            let mut silent =
                self.faults.borrow_and_update().silent_watches.contains(&self.resource);
            if !silent && !self.first.is_empty() {
                match self.half().await {
                    None => silent = true,
                    half => return half,
                }
            }
            if !silent && let Some(chunk) = self.pending() {
                return Some(Ok(chunk));
            }
            if let Some(chunk) = self.wait(silent).await {
                return Some(Ok(chunk));
            }
        }
    }

    /// Waits until there may be something to send; returns what time alone brings.
    async fn wait(&mut self, silent: bool) -> Option<Bytes> {
        tokio::select! {
            biased;
            _ = self.breaks.changed() => None,
            _ = self.faults.changed() => None,
            _ = self.changes.changed(), if !silent => None,
            () = &mut self.deadline, if !silent => {
                self.ended = true;
                self.bookmarks.is_some().then(|| self.bookmark(false))
            }
            () = tick(self.bookmarks.as_mut()), if !silent => Some(self.bookmark(false)),
        }
    }

    /// The events that happened since we last looked.
    fn pending(&mut self) -> Option<Bytes> {
        self.changes.borrow_and_update();
        let since = {
            let store = self.server.store();
            let since = store.since(self.resource, self.cursor, &self.selector, self.form.encoding);
            self.cursor = self.cursor.max(store.shown_version());
            since
        };
        match since {
            Ok(events) => self.joined(events),
            Err(gone) => Some(self.error(&gone.into())),
        }
    }

    /// Events in the form that was asked for.
    fn joined(&self, mut events: Vec<Bytes>) -> Option<Bytes> {
        if self.form.metadata_only {
            for event in &mut events {
                *event = Encoded::metadata_line(event);
            }
        }
        joined(events)
    }

    fn bookmark(&self, ends_initial: bool) -> Bytes {
        let row = self.resource.row();
        let mut metadata =
            json!({"resourceVersion": self.cursor.to_string(), "creationTimestamp": null});
        if ends_initial {
            metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        let object =
            json!({"kind": row.kind, "apiVersion": row.api_version(), "metadata": metadata});
        let event = self.form.encoding.event(self.resource, "BOOKMARK", &object);
        if self.form.metadata_only { Encoded::metadata_line(&event) } else { event }
    }
}

async fn tick(bookmarks: Option<&mut Interval>) {
    match bookmarks {
        Some(bookmarks) => {
            bookmarks.tick().await;
        }
        None => std::future::pending().await,
    }
}

fn joined(mut events: Vec<Bytes>) -> Option<Bytes> {
    match events.len() {
        0 => None,
        1 => events.pop(),
        _ => Some(events.concat().into()),
    }
}
