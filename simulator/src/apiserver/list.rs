//! Lists, whole or page by page over one snapshot.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::{BufMut, Bytes, BytesMut};
use futures::stream;
use serde_json::{Value, json};

use super::change::Encoded;
use super::http::Params;
use super::resource::Resource;
use super::selector::Selector;
use super::status::Failure;
use super::{ApiServer, locked};

/// Lists with pages to come that are kept; older ones are told 410.
const SNAPSHOTS: usize = 64;

/// Bytes of a body's blocks.
const BLOCK: usize = 64 * 1024;

/// What a list's first page saw; its later pages see the same.
#[derive(Debug)]
pub(crate) struct Snapshot {
    id: u64,
    version: u64,
    items: Vec<Encoded>,
    /// Whether only metadata was asked for.
    metadata_only: bool,
    /// With a selector the API server does not say how many remain.
    counted: bool,
}

/// The snapshots of lists which have pages to come.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    last_id: u64,
    snapshots: VecDeque<Arc<Snapshot>>,
}

impl Pages {
    pub(crate) fn clear(&mut self) {
        self.snapshots.clear();
    }

    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    fn keep(&mut self, snapshot: &Arc<Snapshot>) {
        self.snapshots.push_back(Arc::clone(snapshot));
        if self.snapshots.len() > SNAPSHOTS {
            self.snapshots.pop_front();
        }
    }

    /// The snapshot and offset of a `continue` token.
    fn resume(&self, token: &str) -> Option<(Arc<Snapshot>, usize)> {
        let (id, offset) = token.split_once('-')?;
        let (id, offset): (u64, usize) = (id.parse().ok()?, offset.parse().ok()?);
        let snapshot = self.snapshots.iter().find(|snapshot| snapshot.id == id)?;
        Some((Arc::clone(snapshot), offset))
    }
}

pub(crate) fn list(
    server: &ApiServer,
    resource: Resource,
    selector: &Selector,
    params: &Params,
) -> Result<Response, Failure> {
    let (snapshot, offset) = if params.r#continue.is_empty() {
        (Arc::new(snapshot(server, resource, selector, params.metadata_only)), 0)
    } else {
        let resumed = locked(&server.0.pages).resume(&params.r#continue);
        resumed.ok_or_else(|| Failure::expired("The provided continue parameter is too old"))?
    };
    // As the watch cache does, which answers version 0 whole.
    let limit = if params.resource_version == "0" { 0 } else { params.limit };
    let left = snapshot.items.len().saturating_sub(offset);
    let count = if limit == 0 { left } else { left.min(limit) };
    if offset == 0 && count < left {
        locked(&server.0.pages).keep(&snapshot);
    }
    Ok(page(resource, snapshot, offset, count))
}

fn snapshot(
    server: &ApiServer,
    resource: Resource,
    selector: &Selector,
    metadata_only: bool,
) -> Snapshot {
    let id = locked(&server.0.pages).next_id();
    let store = server.store();
    let mut items = store.list(resource, selector);
    if metadata_only {
        items = items.iter().map(|item| item.metadata_only(resource)).collect();
    }
    Snapshot { id, version: store.version(), items, metadata_only, counted: selector.is_open() }
}

fn page(resource: Resource, snapshot: Arc<Snapshot>, offset: usize, count: usize) -> Response {
    let end = offset + count;
    let mut metadata = json!({"resourceVersion": snapshot.version.to_string()});
    let left = snapshot.items.len().saturating_sub(end);
    if left > 0 {
        metadata["continue"] = json!(format!("{}-{end}", snapshot.id));
        if snapshot.counted {
            metadata["remainingItemCount"] = json!(left);
        }
    }
    let body = Body::from_stream(stream::iter(blocks(resource, &metadata, snapshot, offset, end)));
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// The body in blocks, made as they are sent: no second copy of a large list.
fn blocks(
    resource: Resource,
    metadata: &Value,
    snapshot: Arc<Snapshot>,
    offset: usize,
    end: usize,
) -> impl Iterator<Item = Result<Bytes, Infallible>> + Send + 'static {
    let row = resource.row();
    let (kind, api_version) = if snapshot.metadata_only {
        ("PartialObjectMetadata", "meta.k8s.io/v1".to_owned())
    } else {
        (row.kind, row.api_version())
    };
    let head = format!(
        "{{\"kind\":\"{kind}List\",\"apiVersion\":\"{api_version}\",\"metadata\":{metadata},\"items\":["
    );
    let mut head = Some(head);
    let mut next = offset;
    std::iter::from_fn(move || {
        let mut block = BytesMut::new();
        if let Some(head) = head.take() {
            block.put(head.as_bytes());
        } else if next > end {
            return None;
        }
        while next < end && block.len() < BLOCK {
            block.put(if next == offset { &b"{"[..] } else { b",{" });
            block.put(snapshot.items[next].item_after_brace());
            next += 1;
        }
        if next == end && block.len() < BLOCK {
            block.put(&b"]}\n"[..]);
            next = end + 1;
        }
        Some(Ok(block.freeze()))
    })
}
