//! What every object says of itself.

use std::sync::Arc;

use leadership::time::Time;
use serde::Deserialize;

use super::loose::Loose;

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
