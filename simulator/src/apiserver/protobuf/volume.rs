//! Volumes of pods.

use super::Shape::{Inline, Message, Number, Quantity, Text};
use super::{Fields, always, maybe};

pub(super) const VOLUME: Fields = &[always("name", 1, Text), always("", 2, Inline(VOLUME_SOURCE))];

const VOLUME_SOURCE: Fields = &[
    maybe("hostPath", 1, Message(HOST_PATH_VOLUME_SOURCE)),
    maybe("emptyDir", 2, Message(EMPTY_DIR_VOLUME_SOURCE)),
    maybe("secret", 6, Message(SECRET_VOLUME_SOURCE)),
    maybe("configMap", 19, Message(CONFIG_MAP_VOLUME_SOURCE)),
    maybe("projected", 26, Message(PROJECTED_VOLUME_SOURCE)),
];

const EMPTY_DIR_VOLUME_SOURCE: Fields =
    &[always("medium", 1, Text), maybe("sizeLimit", 2, Quantity)];

const CONFIG_MAP_VOLUME_SOURCE: Fields = &[
    always("", 1, Inline(LOCAL_OBJECT_REFERENCE)),
    maybe("items", 2, Message(KEY_TO_PATH)),
    maybe("defaultMode", 3, Number),
    maybe("optional", 4, Number),
];

pub(super) const LOCAL_OBJECT_REFERENCE: Fields = &[always("name", 1, Text)];

const KEY_TO_PATH: Fields =
    &[always("key", 1, Text), always("path", 2, Text), maybe("mode", 3, Number)];

const SECRET_VOLUME_SOURCE: Fields = &[
    always("secretName", 1, Text),
    maybe("items", 2, Message(KEY_TO_PATH)),
    maybe("defaultMode", 3, Number),
    maybe("optional", 4, Number),
];

const HOST_PATH_VOLUME_SOURCE: Fields = &[always("path", 1, Text), maybe("type", 2, Text)];

const PROJECTED_VOLUME_SOURCE: Fields =
    &[maybe("sources", 1, Message(VOLUME_PROJECTION)), maybe("defaultMode", 2, Number)];

const VOLUME_PROJECTION: Fields = &[
    maybe("downwardAPI", 2, Message(DOWNWARD_API_PROJECTION)),
    maybe("configMap", 3, Message(CONFIG_MAP_PROJECTION)),
    maybe("serviceAccountToken", 4, Message(SERVICE_ACCOUNT_TOKEN_PROJECTION)),
];

const SERVICE_ACCOUNT_TOKEN_PROJECTION: Fields =
    &[always("audience", 1, Text), maybe("expirationSeconds", 2, Number), always("path", 3, Text)];

const CONFIG_MAP_PROJECTION: Fields = &[
    always("", 1, Inline(LOCAL_OBJECT_REFERENCE)),
    maybe("items", 2, Message(KEY_TO_PATH)),
    maybe("optional", 4, Number),
];

const DOWNWARD_API_PROJECTION: Fields = &[maybe("items", 1, Message(DOWNWARD_API_VOLUME_FILE))];

const DOWNWARD_API_VOLUME_FILE: Fields = &[
    always("path", 1, Text),
    maybe("fieldRef", 2, Message(OBJECT_FIELD_SELECTOR)),
    maybe("mode", 4, Number),
];

pub(super) const OBJECT_FIELD_SELECTOR: Fields =
    &[always("apiVersion", 1, Text), always("fieldPath", 2, Text)];
