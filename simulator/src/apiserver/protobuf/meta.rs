//! What all objects, lists and errors have.

use super::Shape::{Json, Map, Message, Number, Text, Time};
use super::{Fields, always, maybe};

pub(super) const OBJECT_META: Fields = &[
    always("name", 1, Text),
    always("generateName", 2, Text),
    always("namespace", 3, Text),
    always("selfLink", 4, Text),
    always("uid", 5, Text),
    always("resourceVersion", 6, Text),
    always("generation", 7, Number),
    always("creationTimestamp", 8, Time),
    maybe("deletionTimestamp", 9, Time),
    maybe("deletionGracePeriodSeconds", 10, Number),
    maybe("labels", 11, Map(&Text)),
    maybe("annotations", 12, Map(&Text)),
    maybe("ownerReferences", 13, Message(OWNER_REFERENCE)),
    maybe("finalizers", 14, Text),
    maybe("managedFields", 17, Message(MANAGED_FIELDS_ENTRY)),
];

const OWNER_REFERENCE: Fields = &[
    always("kind", 1, Text),
    always("name", 3, Text),
    always("uid", 4, Text),
    always("apiVersion", 5, Text),
    maybe("controller", 6, Number),
    maybe("blockOwnerDeletion", 7, Number),
];

const MANAGED_FIELDS_ENTRY: Fields = &[
    always("manager", 1, Text),
    always("operation", 2, Text),
    always("apiVersion", 3, Text),
    maybe("time", 4, Time),
    always("fieldsType", 6, Text),
    maybe("fieldsV1", 7, Json),
    always("subresource", 8, Text),
];

pub(super) const LIST_META: Fields = &[
    always("selfLink", 1, Text),
    always("resourceVersion", 2, Text),
    always("continue", 3, Text),
    maybe("remainingItemCount", 4, Number),
];

pub(super) const STATUS: Fields = &[
    always("metadata", 1, Message(LIST_META)),
    always("status", 2, Text),
    always("message", 3, Text),
    always("reason", 4, Text),
    always("code", 6, Number),
];
