//! Pods.

use super::Shape::{Map, Message, Number, Quantity, Text, Time};
use super::container::{CONTAINER, CONTAINER_STATUS, RESOURCE_REQUIREMENTS};
use super::meta::OBJECT_META;
use super::volume::{LOCAL_OBJECT_REFERENCE, VOLUME};
use super::{Fields, always, maybe};

pub(super) const POD: Fields = &[
    always("metadata", 1, Message(OBJECT_META)),
    always("spec", 2, Message(POD_SPEC)),
    always("status", 3, Message(POD_STATUS)),
];

const POD_SPEC: Fields = &[
    maybe("volumes", 1, Message(VOLUME)),
    maybe("containers", 2, Message(CONTAINER)),
    always("restartPolicy", 3, Text),
    maybe("terminationGracePeriodSeconds", 4, Number),
    maybe("activeDeadlineSeconds", 5, Number),
    always("dnsPolicy", 6, Text),
    maybe("nodeSelector", 7, Map(&Text)),
    always("serviceAccountName", 8, Text),
    always("serviceAccount", 9, Text),
    always("nodeName", 10, Text),
    always("hostNetwork", 11, Number),
    always("hostPID", 12, Number),
    always("hostIPC", 13, Number),
    maybe("securityContext", 14, Message(POD_SECURITY_CONTEXT)),
    maybe("imagePullSecrets", 15, Message(LOCAL_OBJECT_REFERENCE)),
    always("hostname", 16, Text),
    always("subdomain", 17, Text),
    always("schedulerName", 19, Text),
    maybe("initContainers", 20, Message(CONTAINER)),
    maybe("automountServiceAccountToken", 21, Number),
    maybe("tolerations", 22, Message(TOLERATION)),
    always("priorityClassName", 24, Text),
    maybe("priority", 25, Number),
    maybe("shareProcessNamespace", 27, Number),
    maybe("runtimeClassName", 29, Text),
    maybe("enableServiceLinks", 30, Number),
    maybe("preemptionPolicy", 31, Text),
    maybe("overhead", 32, Map(&Quantity)),
    maybe("setHostnameAsFQDN", 35, Number),
    maybe("hostUsers", 37, Number),
    maybe("resources", 40, Message(RESOURCE_REQUIREMENTS)),
    maybe("hostnameOverride", 41, Text),
];

const TOLERATION: Fields = &[
    always("key", 1, Text),
    always("operator", 2, Text),
    always("value", 3, Text),
    always("effect", 4, Text),
    maybe("tolerationSeconds", 5, Number),
];

const POD_SECURITY_CONTEXT: Fields = &[
    maybe("runAsUser", 2, Number),
    maybe("runAsNonRoot", 3, Number),
    maybe("supplementalGroups", 4, Number),
    maybe("fsGroup", 5, Number),
    maybe("runAsGroup", 6, Number),
    maybe("fsGroupChangePolicy", 9, Text),
    maybe("supplementalGroupsPolicy", 12, Text),
    maybe("seLinuxChangePolicy", 13, Text),
];

const POD_STATUS: Fields = &[
    always("phase", 1, Text),
    maybe("conditions", 2, Message(POD_CONDITION)),
    always("message", 3, Text),
    always("reason", 4, Text),
    always("hostIP", 5, Text),
    always("podIP", 6, Text),
    maybe("startTime", 7, Time),
    maybe("containerStatuses", 8, Message(CONTAINER_STATUS)),
    always("qosClass", 9, Text),
    maybe("initContainerStatuses", 10, Message(CONTAINER_STATUS)),
    always("nominatedNodeName", 11, Text),
    maybe("podIPs", 12, Message(POD_IP)),
    maybe("ephemeralContainerStatuses", 13, Message(CONTAINER_STATUS)),
    always("resize", 14, Text),
    maybe("hostIPs", 16, Message(HOST_IP)),
    always("observedGeneration", 17, Number),
    maybe("allocatedResources", 19, Map(&Quantity)),
    maybe("resources", 20, Message(RESOURCE_REQUIREMENTS)),
];

const POD_CONDITION: Fields = &[
    always("type", 1, Text),
    always("status", 2, Text),
    always("lastProbeTime", 3, Time),
    always("lastTransitionTime", 4, Time),
    always("reason", 5, Text),
    always("message", 6, Text),
    always("observedGeneration", 7, Number),
];

const HOST_IP: Fields = &[always("ip", 1, Text)];

const POD_IP: Fields = &[always("ip", 1, Text)];
