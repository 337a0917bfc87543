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

use super::encoded::Encoded;
use super::encoding::Encoding;
use super::http::Params;
use super::protobuf;
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
        (Arc::new(snapshot(server, resource, selector, params.form.metadata_only)), 0)
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
    Ok(Page { resource, encoding: params.form.encoding, snapshot, offset, end: offset + count }
        .answer())
}

fn snapshot(
    server: &ApiServer,
    resource: Resource,
    selector: &Selector,
    metadata_only: bool,
) -> Snapshot {
    let id = locked(&server.0.pages).next_id();
    let store = server.store();
    let mut items = store.shown(resource, selector);
    if metadata_only {
        items = items.iter().map(|item| item.metadata_only(resource)).collect();
    }
    Snapshot {
        id,
        version: store.shown_version(),
        items,
        metadata_only,
        counted: selector.is_open(),
    }
}

/// A part of a snapshot, in the encoding that it was asked for.
struct Page {
    resource: Resource,
    encoding: Encoding,
    snapshot: Arc<Snapshot>,
    offset: usize,
    end: usize,
}

impl Page {
    fn answer(self) -> Response {
        let kind = [(header::CONTENT_TYPE, self.encoding.media_type())];
        (kind, Body::from_stream(stream::iter(self.blocks()))).into_response()
    }

    fn metadata(&self) -> Value {
        let mut metadata = json!({"resourceVersion": self.snapshot.version.to_string()});
        let left = self.snapshot.items.len().saturating_sub(self.end);
        if left > 0 {
            metadata["continue"] = json!(format!("{}-{}", self.snapshot.id, self.end));
            if self.snapshot.counted {
                metadata["remainingItemCount"] = json!(left);
            }
        }
        metadata
    }

    /// All that comes before the items.
    fn head(&self) -> Vec<u8> {
        let row = self.resource.row();
        let (kind, api_version) = if self.snapshot.metadata_only {
            ("PartialObjectMetadataList".to_owned(), "meta.k8s.io/v1".to_owned())
        } else {
            (format!("{}List", row.kind), row.api_version())
        };
        let metadata = self.metadata();
        if self.encoding == Encoding::Protobuf {
            let items = self.snapshot.items.get(self.offset..self.end).unwrap_or_default();
            let items = items.iter().map(|item| item.item(self.encoding));
            return protobuf::list_head(&api_version, &kind, &metadata, items);
        }
        format!(
            "{{\"kind\":\"{kind}\",\"apiVersion\":\"{api_version}\",\"metadata\":{metadata},\"items\":["
        )
        .into()
    }

    fn put_item(&self, place: usize, block: &mut BytesMut) {
        let item = self.snapshot.items[place].item(self.encoding);
        match self.encoding {
            Encoding::Json => block.put(if place == self.offset { &b"{"[..] } else { b",{" }),
            Encoding::Protobuf => block.put(&*protobuf::item_head(item)),
        }
        block.put(item);
    }

    fn tail(&self) -> &'static [u8] {
        match self.encoding {
            Encoding::Json => b"]}\n",
            Encoding::Protobuf => protobuf::END,
        }
    }

    /// The body in blocks, made as they are sent: no second copy of a large list.
    fn blocks(self) -> impl Iterator<Item = Result<Bytes, Infallible>> + Send + 'static {
        let mut head = Some(self.head());
        let mut next = self.offset;
        std::iter::from_fn(move || {
            let mut block = BytesMut::new();
            if let Some(head) = head.take() {
                block.put(&*head);
            } else if next > self.end {
                return None;
            }
            while next < self.end && block.len() < BLOCK {
                self.put_item(next, &mut block);
                next += 1;
            }
            if next == self.end && block.len() < BLOCK {
                block.put(self.tail());
                next = self.end + 1;
            }
            Some(Ok(block.freeze()))
        })
    }
}
