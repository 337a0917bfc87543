//! Containers of pods, as they should be and as they are.

use super::Shape::{Inline, IntOrString, Map, Message, Number, Quantity, Text, Time};
use super::volume::OBJECT_FIELD_SELECTOR;
use super::{Fields, always, maybe};

pub(super) const CONTAINER: Fields = &[
    always("name", 1, Text),
    always("image", 2, Text),
    maybe("command", 3, Text),
    maybe("args", 4, Text),
    always("workingDir", 5, Text),
    maybe("ports", 6, Message(CONTAINER_PORT)),
    maybe("env", 7, Message(ENV_VAR)),
    always("resources", 8, Message(RESOURCE_REQUIREMENTS)),
    maybe("volumeMounts", 9, Message(VOLUME_MOUNT)),
    maybe("livenessProbe", 10, Message(PROBE)),
    maybe("readinessProbe", 11, Message(PROBE)),
    always("terminationMessagePath", 13, Text),
    always("imagePullPolicy", 14, Text),
    maybe("securityContext", 15, Message(SECURITY_CONTEXT)),
    always("stdin", 16, Number),
    always("stdinOnce", 17, Number),
    always("tty", 18, Number),
    always("terminationMessagePolicy", 20, Text),
    maybe("startupProbe", 22, Message(PROBE)),
    maybe("restartPolicy", 24, Text),
];

const CONTAINER_PORT: Fields = &[
    always("name", 1, Text),
    always("hostPort", 2, Number),
    always("containerPort", 3, Number),
    always("protocol", 4, Text),
    always("hostIP", 5, Text),
];

const ENV_VAR: Fields = &[
    always("name", 1, Text),
    always("value", 2, Text),
    maybe("valueFrom", 3, Message(ENV_VAR_SOURCE)),
];

const ENV_VAR_SOURCE: Fields = &[maybe("fieldRef", 1, Message(OBJECT_FIELD_SELECTOR))];

pub(super) const RESOURCE_REQUIREMENTS: Fields =
    &[maybe("limits", 1, Map(&Quantity)), maybe("requests", 2, Map(&Quantity))];

const VOLUME_MOUNT: Fields = &[
    always("name", 1, Text),
    always("readOnly", 2, Number),
    always("mountPath", 3, Text),
    always("subPath", 4, Text),
    maybe("mountPropagation", 5, Text),
    always("subPathExpr", 6, Text),
    maybe("recursiveReadOnly", 7, Text),
];

const PROBE: Fields = &[
    always("", 1, Inline(PROBE_HANDLER)),
    always("initialDelaySeconds", 2, Number),
    always("timeoutSeconds", 3, Number),
    always("periodSeconds", 4, Number),
    always("successThreshold", 5, Number),
    always("failureThreshold", 6, Number),
    maybe("terminationGracePeriodSeconds", 7, Number),
];

const PROBE_HANDLER: Fields = &[maybe("httpGet", 2, Message(HTTP_GET_ACTION))];

const HTTP_GET_ACTION: Fields = &[
    always("path", 1, Text),
    always("port", 2, IntOrString),
    always("host", 3, Text),
    always("scheme", 4, Text),
];

const SECURITY_CONTEXT: Fields = &[
    maybe("capabilities", 1, Message(CAPABILITIES)),
    maybe("privileged", 2, Number),
    maybe("runAsUser", 4, Number),
    maybe("runAsNonRoot", 5, Number),
    maybe("readOnlyRootFilesystem", 6, Number),
    maybe("allowPrivilegeEscalation", 7, Number),
    maybe("runAsGroup", 8, Number),
    maybe("procMount", 9, Text),
];

const CAPABILITIES: Fields = &[maybe("add", 1, Text), maybe("drop", 2, Text)];

pub(super) const CONTAINER_STATUS: Fields = &[
    always("name", 1, Text),
    always("state", 2, Message(CONTAINER_STATE)),
    always("lastState", 3, Message(CONTAINER_STATE)),
    always("ready", 4, Number),
    always("restartCount", 5, Number),
    always("image", 6, Text),
    always("imageID", 7, Text),
    always("containerID", 8, Text),
    maybe("started", 9, Number),
    maybe("allocatedResources", 10, Map(&Quantity)),
    maybe("resources", 11, Message(RESOURCE_REQUIREMENTS)),
    maybe("stopSignal", 15, Text),
];

const CONTAINER_STATE: Fields = &[
    maybe("waiting", 1, Message(CONTAINER_STATE_WAITING)),
    maybe("running", 2, Message(CONTAINER_STATE_RUNNING)),
    maybe("terminated", 3, Message(CONTAINER_STATE_TERMINATED)),
];

const CONTAINER_STATE_WAITING: Fields = &[always("reason", 1, Text), always("message", 2, Text)];

const CONTAINER_STATE_RUNNING: Fields = &[always("startedAt", 1, Time)];

const CONTAINER_STATE_TERMINATED: Fields = &[
    always("exitCode", 1, Number),
    always("signal", 2, Number),
    always("reason", 3, Text),
    always("message", 4, Text),
    always("startedAt", 5, Time),
    always("finishedAt", 6, Time),
    always("containerID", 7, Text),
];
