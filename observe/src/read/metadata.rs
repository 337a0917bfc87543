//! What every object says of itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use leadership::observation::Labels;
use leadership::text::clean;
use leadership::time::Time;
use serde::Deserialize;

use super::loose::{Loose, Nested};
use super::proto::{Malformed, Slot, Value};

/// The part of `metadata` that more than one reader needs.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) namespace: Loose<Arc<str>>,
    pub(super) name: Loose<Arc<str>>,
    pub(super) uid: Loose<Arc<str>>,
    pub(super) resource_version: Loose<String>,
    pub(super) deletion_timestamp: Loose<Time>,
}

/// A `resourceVersion` as a number, by which the API server lets the versions of one object be compared.
pub(super) fn ordinal(version: &str) -> Option<u64> {
    version.parse().ok()
}

/// Labels as they are written.
pub(super) type RawLabels = Nested<BTreeMap<String, Loose<Arc<str>>>>;

impl Slot for RawLabels {
    fn put(&mut self, value: Value<'_>) -> Result<(), Malformed> {
        if let Value::Bytes(bytes) = value {
            let (key, value) = bytes.entry()?;
            value.put(self.0.entry(key.text().into_owned()).or_default())?;
        }
        Ok(())
    }
}

/// Labels, safe to print.
pub(super) fn labels(raw: RawLabels) -> Option<Arc<Labels>> {
    let pair = |(key, value): (String, Loose<Arc<str>>)| (clean(&key), value.0.unwrap_or_default());
    (!raw.0.is_empty()).then(|| Arc::new(raw.0.into_iter().map(pair).collect()))
}
