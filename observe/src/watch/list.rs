//! Complete lists, page by page.

use std::sync::Arc;

use kube::Client;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::encoding::Raw;
use super::failure::{Failure, Remedy};
use super::items::Items;
use super::request::{Answer, PAGE_BYTES};
use super::stats::ListedBy;
use super::{Encoding, Watcher, request};
use crate::read::loose::{Loose, Nested};
use crate::read::proto::{self, Malformed, Message, Value};

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
    /// Lists everything, page by page, and hands it on. Returns the version to watch from.
    pub(super) async fn list(&mut self, client: &Client) -> Result<String, Failure> {
        self.begin_list();
        let mut token = String::new();
        let version = loop {
            let patience = self.patience.list_page;
            let page = timeout(patience, self.page(client, &token)).await;
            let late = |_| Failure::late("a list", patience);
            let metadata = page.map_err(late)??;
            self.tell_page().await;
            match metadata.r#continue.0 {
                Some(next) => token = next,
                None => break metadata.resource_version.0,
            }
        };
        self.end_list(version, ListedBy::Pages).await
    }

    /// Adds a page's objects.
    async fn page(&mut self, client: &Client, token: &str) -> Result<Metadata, Failure> {
        let request = self.target.list(self.patience.page, token)?;
        let answer =
            request::send(client, request, &self.target, &self.patience, &self.stats).await?;
        match answer.encoding {
            Encoding::Json => {
                let page = answer.page(self.stats.of(self.target.row.kind)).await?;
                self.items(&page)
            }
            Encoding::Protobuf => self.items_as_they_come(answer).await,
        }
    }

    /// Adds the objects of a page in protobuf. No more of its bytes than the next object's are kept, whatever the server
    /// takes for a page.
    async fn items_as_they_come(&mut self, mut answer: Answer) -> Result<Metadata, Failure> {
        let no_list =
            |_| Failure::new("the answer is not a list in protobuf".to_owned(), Remedy::Relist);
        let mut metadata = None;
        let mut items = Items::default();
        let mut left = PAGE_BYTES;
        let stats = Arc::clone(&self.stats);
        while let Some(data) = answer.more(&mut left, stats.of(self.target.row.kind)).await? {
            items.push(&data);
            while let Some((number, message)) = items.next_field().map_err(no_list)? {
                match number {
                    1 => metadata = Some(proto::read(message).map_err(no_list)?.0),
                    2 => self.item(Raw::Protobuf(message)),
                    _ => {}
                }
            }
            self.tell_page().await;
        }
        metadata.filter(|_| items.waiting() == 0).ok_or(Malformed).map_err(no_list)
    }

    /// Adds a page's objects.
    pub(super) fn items(&mut self, page: &str) -> Result<Metadata, Failure> {
        let page = parsed(page)?;
        for item in page.items.unwrap_or_default() {
            self.item(Raw::Json(item.get()));
        }
        Ok(page.metadata.0)
    }
}

/// The only object of a list, if it has one, and the list's version.
pub(super) fn first_item(page: &str) -> Result<(Option<&str>, Option<String>), Failure> {
    let page = parsed(page)?;
    let item = page.items.unwrap_or_default().first().map(|item| item.get());
    Ok((item, page.metadata.0.resource_version.0))
}

fn parsed(page: &str) -> Result<Page<'_>, Failure> {
    serde_json::from_str(page)
        .map_err(|error| Failure::new(format!("the answer is not a list: {error}"), Remedy::Relist))
}
