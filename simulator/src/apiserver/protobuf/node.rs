//! Nodes.

use super::Shape::{Map, Message, Number, Quantity, Text, Time};
use super::meta::OBJECT_META;
use super::{Fields, always, maybe};

pub(super) const NODE: Fields = &[
    always("metadata", 1, Message(OBJECT_META)),
    always("spec", 2, Message(NODE_SPEC)),
    always("status", 3, Message(NODE_STATUS)),
];

const NODE_SPEC: Fields = &[
    always("podCIDR", 1, Text),
    always("externalID", 2, Text),
    always("providerID", 3, Text),
    always("unschedulable", 4, Number),
    maybe("taints", 5, Message(TAINT)),
    maybe("podCIDRs", 7, Text),
];

const TAINT: Fields = &[
    always("key", 1, Text),
    always("value", 2, Text),
    always("effect", 3, Text),
    maybe("timeAdded", 4, Time),
];

const NODE_STATUS: Fields = &[
    maybe("capacity", 1, Map(&Quantity)),
    maybe("allocatable", 2, Map(&Quantity)),
    always("phase", 3, Text),
    maybe("conditions", 4, Message(NODE_CONDITION)),
    maybe("addresses", 5, Message(NODE_ADDRESS)),
    always("daemonEndpoints", 6, Message(NODE_DAEMON_ENDPOINTS)),
    always("nodeInfo", 7, Message(NODE_SYSTEM_INFO)),
    maybe("images", 8, Message(CONTAINER_IMAGE)),
    maybe("volumesInUse", 9, Text),
    maybe("volumesAttached", 10, Message(ATTACHED_VOLUME)),
    maybe("declaredFeatures", 14, Text),
];

const NODE_ADDRESS: Fields = &[always("type", 1, Text), always("address", 2, Text)];

const NODE_CONDITION: Fields = &[
    always("type", 1, Text),
    always("status", 2, Text),
    always("lastHeartbeatTime", 3, Time),
    always("lastTransitionTime", 4, Time),
    always("reason", 5, Text),
    always("message", 6, Text),
];

const NODE_DAEMON_ENDPOINTS: Fields = &[always("kubeletEndpoint", 1, Message(DAEMON_ENDPOINT))];

const DAEMON_ENDPOINT: Fields = &[always("Port", 1, Number)];

const NODE_SYSTEM_INFO: Fields = &[
    always("machineID", 1, Text),
    always("systemUUID", 2, Text),
    always("bootID", 3, Text),
    always("kernelVersion", 4, Text),
    always("osImage", 5, Text),
    always("containerRuntimeVersion", 6, Text),
    always("kubeletVersion", 7, Text),
    always("kubeProxyVersion", 8, Text),
    always("operatingSystem", 9, Text),
    always("architecture", 10, Text),
];

const CONTAINER_IMAGE: Fields = &[maybe("names", 1, Text), always("sizeBytes", 2, Number)];

const ATTACHED_VOLUME: Fields = &[always("name", 1, Text), always("devicePath", 2, Text)];
