//! Complete lists, page by page.

use std::fmt;

use bytes::Bytes;
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use leadership::observation::{Fact, Object};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::encoding::Raw;
use super::failure::{Failure, Remedy};
use super::items::Items;
use super::request::Answer;
use super::{Encoding, Watcher, request};
use crate::clock;
use crate::read::loose::{Loose, Nested};
use crate::read::proto::{self, Malformed, Message, Value};
use crate::read::{Seen, text};

/// Bytes of one page that are taken: 500 objects of a quarter of a megabyte.
const PAGE_BYTES: usize = 128 << 20;

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(default)]
    metadata: Nested<Metadata>,
    #[serde(borrow, default)]
    items: Option<Vec<&'a RawValue>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) resource_version: Loose<String>,
    r#continue: Loose<String>,
}

impl Message for Metadata {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            2 => value.put(&mut self.resource_version),
            3 => value.put(&mut self.r#continue),
            _ => Ok(()),
        }
    }
}

impl Watcher {
    /// Lists everything and hands it on as one fact. Returns the version to watch from.
    pub(super) async fn list(&mut self, client: &Client) -> Result<String, Failure> {
        let mut objects = Vec::new();
        let mut token = String::new();
        let version = loop {
            let page = self.page(client, &token, &mut objects);
            let page = timeout(self.patience.list_page, page).await;
            let late = |_| Failure::late("a list", self.patience.list_page);
            let metadata = page.map_err(late)??;
            match metadata.r#continue.0 {
                Some(next) => token = next,
                None => break metadata.resource_version.0,
            }
        };
        let version = version.ok_or_else(|| {
            let text = "the list does not say its resourceVersion".to_owned();
            Failure::new(text, Remedy::Relist)
        })?;
        self.version = Some(version.clone());
        self.listed = Some(clock::now());
        self.locks.relist(&objects);
        let kind = self.target.row.kind;
        self.tell(clock::now(), Fact::Listed { kind, objects }).await;
        Ok(version)
    }

    /// Adds a page's objects.
    async fn page(
        &self,
        client: &Client,
        token: &str,
        objects: &mut Vec<Object>,
    ) -> Result<Metadata, Failure> {
        let request = self.target.list(self.patience.page, token)?;
        let Answer { mut body, encoding } =
            request::send(client, request, &self.target, &self.patience, &self.stats).await?;
        if encoding == Encoding::Protobuf {
            return self.items_as_they_come(body, objects).await;
        }
        let mut page = Vec::new();
        let mut rest = PAGE_BYTES;
        while let Some(data) = self.more(&mut body, &mut rest).await? {
            page.extend_from_slice(&data);
        }
        self.items(&text(&page), objects)
    }

    /// The next bytes of a list, of which no more than `rest` are taken.
    async fn more(&self, body: &mut Body, rest: &mut usize) -> Result<Option<Bytes>, Failure> {
        let broke = |error: &dyn fmt::Display| {
            Failure::new(format!("the list broke: {error}"), Remedy::Relist)
        };
        let Some(frame) = body.frame().await else { return Ok(None) };
        let data = frame.map_err(|error| broke(&error))?.into_data().unwrap_or_default();
        let long = || broke(&format!("a page is longer than {PAGE_BYTES} bytes"));
        *rest = rest.checked_sub(data.len()).ok_or_else(long)?;
        self.stats.of(self.target.row.kind).bytes.add(data.len());
        Ok(Some(data))
    }

    /// Adds the objects of a page in protobuf. No more of its bytes than the next object's are kept.
    async fn items_as_they_come(
        &self,
        mut body: Body,
        objects: &mut Vec<Object>,
    ) -> Result<Metadata, Failure> {
        let no_list =
            |_| Failure::new("the answer is not a list in protobuf".to_owned(), Remedy::Relist);
        let mut metadata = None;
        let mut items = Items::default();
        let mut rest = PAGE_BYTES;
        while let Some(data) = self.more(&mut body, &mut rest).await? {
            items.push(&data);
            while let Some((number, message)) = items.next_field().map_err(no_list)? {
                match number {
                    1 => metadata = Some(proto::read(message).map_err(no_list)?.0),
                    2 => self.item(Raw::Protobuf(message), objects),
                    _ => {}
                }
            }
        }
        metadata.filter(|_| items.waiting() == 0).ok_or(Malformed).map_err(no_list)
    }

    /// Adds a page's objects. One that cannot be read does not cost the others.
    pub(super) fn items(&self, page: &str, objects: &mut Vec<Object>) -> Result<Metadata, Failure> {
        let page: Page = serde_json::from_str(page).map_err(|error| {
            Failure::new(format!("the answer is not a list: {error}"), Remedy::Relist)
        })?;
        for item in page.items.unwrap_or_default() {
            self.item(Raw::Json(item.get()), objects);
        }
        Ok(page.metadata.0)
    }

    fn item(&self, raw: Raw<'_>, objects: &mut Vec<Object>) {
        match raw.read(self.target.row) {
            Ok(Seen { said, flaw, .. }) => {
                if let Some(flaw) = flaw {
                    self.poisoned(&flaw);
                }
                if self.target.admits(&said) {
                    objects.extend(said.object());
                }
            }
            Err(error) => self.poisoned(&error.to_string()),
        }
    }
}
