//! Complete lists, page by page.

use http_body_util::{BodyExt, Limited};
use kube::Client;
use leadership::observation::{Fact, Object};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::failure::{Failure, Remedy};
use super::{Watcher, request};
use crate::clock;
use crate::read::Seen;
use crate::read::loose::{Loose, Nested};

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

impl Watcher {
    /// Lists everything and hands it on as one fact. Returns the version to watch from.
    pub(super) async fn list(&mut self, client: &Client) -> Result<String, Failure> {
        let mut objects = Vec::new();
        let mut token = String::new();
        let version = loop {
            let page = timeout(self.patience.list_page, self.page(client, &token)).await;
            let late = |_| Failure::late("a list", self.patience.list_page);
            let metadata = self.items(&page.map_err(late)??, &mut objects)?;
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

    async fn page(&self, client: &Client, token: &str) -> Result<String, Failure> {
        let request = self.target.list(self.patience.page, token)?;
        let body =
            request::send(client, request, &self.target, &self.patience, &self.stats).await?;
        let body = Limited::new(body, PAGE_BYTES).collect().await;
        let broke = |error| Failure::new(format!("the list broke: {error}"), Remedy::Relist);
        let bytes = Vec::from(body.map_err(broke)?.to_bytes());
        self.stats.of(self.target.row.kind).bytes.add(bytes.len());
        let lossy = |error: std::string::FromUtf8Error| {
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        };
        Ok(String::from_utf8(bytes).unwrap_or_else(lossy))
    }

    /// Adds a page's objects. One that cannot be read does not cost the others.
    pub(super) fn items(&self, page: &str, objects: &mut Vec<Object>) -> Result<Metadata, Failure> {
        let page: Page = serde_json::from_str(page).map_err(|error| {
            Failure::new(format!("the answer is not a list: {error}"), Remedy::Relist)
        })?;
        for item in page.items.unwrap_or_default() {
            match (self.target.row.read)(item.get()) {
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
        Ok(page.metadata.0)
    }
}
