//! Pods.

mod proto;

use std::sync::Arc;

use leadership::observation::{ContainerRecord, Object, PodRecord, Termination};
use leadership::time::{Delta, Time};
use serde::Deserialize;

use super::loose::{Loose, Many, Nested, Word};
use super::owner::OwnerReference;
use super::{Fields, Seen, Unreadable, or_empty};

/// The most ends of containers that are kept of one status.
const MOST_TERMINATIONS: usize = 16;
/// Linux knows no longer host name.
const LONGEST_HOSTNAME: usize = 63;

/// The fields of a Pod that are read.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Pod {
    metadata: Nested<Metadata>,
    spec: Nested<Spec>,
    status: Nested<Status>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    namespace: Loose<Arc<str>>,
    name: Loose<Arc<str>>,
    uid: Loose<Arc<str>>,
    resource_version: Loose<String>,
    creation_timestamp: Loose<Time>,
    deletion_timestamp: Loose<Time>,
    deletion_grace_period_seconds: Loose<u32>,
    labels: Nested<Labels>,
    owner_references: Many<Nested<OwnerReference>>,
}

/// A Deployment labels its pods with the first, a `StatefulSet` or `DaemonSet` with the second.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Labels {
    #[serde(rename = "pod-template-hash")]
    template: Loose<Arc<str>>,
    #[serde(rename = "controller-revision-hash")]
    revision: Loose<Arc<str>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    node_name: Loose<Arc<str>>,
    host_network: Loose<bool>,
    hostname: Loose<Arc<str>>,
    hostname_override: Loose<Arc<str>>,
    subdomain: Loose<Arc<str>>,
    #[serde(rename = "setHostnameAsFQDN")]
    fqdn: Loose<bool>,
    containers: Many<Nested<Container>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Container {
    name: Loose<Arc<str>>,
    image: Loose<Arc<str>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    phase: Loose<Arc<str>>,
    reason: Loose<Arc<str>>,
    start_time: Loose<Time>,
    #[serde(rename = "podIP")]
    pod_ip: Loose<Arc<str>>,
    #[serde(rename = "podIPs")]
    pod_ips: Many<Nested<Address>>,
    conditions: Many<Nested<Condition>>,
    container_statuses: Many<Nested<ContainerStatus>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Address {
    ip: Loose<Arc<str>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Condition {
    #[serde(rename = "type")]
    name: Loose<ConditionType>,
    status: Loose<True>,
    reason: Loose<Arc<str>>,
    last_transition_time: Loose<Time>,
}

/// Those that are asked for.
#[derive(Clone, Copy, PartialEq)]
enum ConditionType {
    Ready,
    ContainersReady,
    DisruptionTarget,
}

impl Word for ConditionType {
    const ALL: &'static [(&'static str, Self)] = &[
        ("Ready", Self::Ready),
        ("ContainersReady", Self::ContainersReady),
        ("DisruptionTarget", Self::DisruptionTarget),
    ];
}

/// The status of a condition that is met.
#[derive(Clone, Copy)]
struct True;

impl Word for True {
    const ALL: &'static [(&'static str, Self)] = &[("True", Self)];
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ContainerStatus {
    name: Loose<Arc<str>>,
    image: Loose<Arc<str>>,
    restart_count: Loose<u32>,
    state: Nested<State>,
    last_state: Nested<State>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct State {
    running: Nested<Running>,
    waiting: Nested<Waiting>,
    terminated: Option<Nested<Terminated>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Running {
    started_at: Loose<Time>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Waiting {
    reason: Loose<Arc<str>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Terminated {
    reason: Loose<Arc<str>>,
    exit_code: Loose<i32>,
    finished_at: Loose<Time>,
}

impl Fields for Pod {
    fn seen(self) -> Result<Seen, Unreadable> {
        let (metadata, spec, mut status) = (self.metadata.0, self.spec.0, self.status.0);
        let name = metadata.name.0.ok_or(Unreadable::Nameless)?;
        let namespace = or_empty(metadata.namespace);
        let created = metadata.creation_timestamp.0;
        let host_network = spec.host_network.0.unwrap_or(false);
        let owners = metadata.owner_references.0.into_iter().map(|owner| owner.0);
        let grace = Delta::from_secs(metadata.deletion_grace_period_seconds.0.unwrap_or(0).into());
        let conditions = Conditions(&status.conditions.0);
        let record = PodRecord {
            hostname: hostname(&spec, &name, &namespace).filter(|_| !host_network),
            uid: or_empty(metadata.uid),
            host_network,
            created,
            started: status.start_time.0,
            ready_since: conditions.ready_since(created),
            containers_ready: conditions.is(ConditionType::ContainersReady).is_some(),
            disruption: conditions
                .is(ConditionType::DisruptionTarget)
                .and_then(|it| it.reason.0.clone()),
            // The stamp says when the grace period ends.
            deletion: metadata.deletion_timestamp.0.map(|at| at - grace),
            owner: owners.filter(OwnerReference::controls).find_map(OwnerReference::read),
            template: metadata.labels.0.template.0.or(metadata.labels.0.revision.0),
            terminations: terminations(&mut status.container_statuses.0),
            containers: containers(spec.containers.0, status.container_statuses.0),
            ips: if host_network { Vec::new() } else { ips(status.pod_ip, status.pod_ips) },
            phase: or_empty(status.phase),
            reason: status.reason.0,
            node: spec.node_name.0,
            namespace,
            name,
        };
        Ok(Seen::object(Object::Pod(record), metadata.resource_version.0))
    }
}

/// What the kubelet makes the host name of the pod's containers, if that is not its name.
fn hostname(spec: &Spec, name: &Arc<str>, namespace: &str) -> Option<Arc<str>> {
    let plain = spec.hostname_override.0.as_ref().or(spec.hostname.0.as_ref()).unwrap_or(name);
    let short = cut(plain);
    let subdomain = spec.subdomain.0.as_ref().filter(|_| spec.hostname_override.0.is_none());
    let whole = match subdomain.filter(|_| spec.fqdn.0 == Some(true)) {
        // The cluster's own domain is not known here, and not needed: the rest is unique in it.
        Some(subdomain) => format!("{short}.{subdomain}.{namespace}.svc"),
        None => short.to_owned(),
    };
    (whole != **name).then(|| whole.into())
}

/// As the kubelet does: 63 bytes, and then no `-` or `.` at the end.
fn cut(name: &str) -> &str {
    match name.get(..LONGEST_HOSTNAME) {
        Some(start) if name.len() > LONGEST_HOSTNAME => start.trim_end_matches(['-', '.']),
        _ => name,
    }
}

struct Conditions<'a>(&'a [Nested<Condition>]);

impl<'a> Conditions<'a> {
    /// The condition, if it is true.
    fn is(&self, name: ConditionType) -> Option<&'a Condition> {
        let mut all = self.0.iter().map(|condition| &condition.0);
        all.find(|it| it.name.0 == Some(name)).filter(|it| it.status.0.is_some())
    }

    /// A condition that does not say since when has been true since the pod's creation, for all we know.
    fn ready_since(&self, created: Option<Time>) -> Option<Time> {
        let since = self.is(ConditionType::Ready)?.last_transition_time.0.or(created);
        Some(since.unwrap_or(Time::from_micros(0)))
    }
}

fn ips(first: Loose<Arc<str>>, all: Many<Nested<Address>>) -> Vec<Arc<str>> {
    let mut ips: Vec<_> = all.0.into_iter().filter_map(|address| address.0.ip.0).collect();
    if let Some(first) = first.0.filter(|first| !ips.contains(first)) {
        ips.insert(0, first);
    }
    ips
}

fn terminations(statuses: &mut [Nested<ContainerStatus>]) -> Vec<Termination> {
    let ends = statuses.iter_mut().flat_map(|status| {
        let status = &mut status.0;
        let name = status.name.0.clone().unwrap_or_default();
        let ends = [status.last_state.0.terminated.take(), status.state.0.terminated.take()];
        ends.into_iter().flatten().map(move |end| Termination {
            container: Arc::clone(&name),
            reason: end.0.reason.0,
            exit_code: end.0.exit_code.0.unwrap_or(0),
            finished: end.0.finished_at.0,
        })
    });
    ends.take(MOST_TERMINATIONS).collect()
}

/// The statuses, which know what runs; and what the spec names beside them.
fn containers(
    specs: Vec<Nested<Container>>,
    statuses: Vec<Nested<ContainerStatus>>,
) -> Vec<ContainerRecord> {
    let mut containers: Vec<ContainerRecord> =
        specs.into_iter().filter_map(|spec| declared(spec.0)).collect();
    for ContainerStatus { name, image, restart_count, state, .. } in
        statuses.into_iter().map(|status| status.0)
    {
        let name = or_empty(name);
        let place = containers.iter().position(|known| known.name == name).unwrap_or_else(|| {
            containers.push(ContainerRecord { name, image: image.0, ..ContainerRecord::default() });
            containers.len() - 1
        });
        let container = &mut containers[place];
        container.restarts = restart_count.0.unwrap_or(0);
        container.running_since = state.0.running.0.started_at.0;
        container.waiting = state.0.waiting.0.reason.0;
    }
    containers
}

fn declared(spec: Container) -> Option<ContainerRecord> {
    Some(ContainerRecord { name: spec.name.0?, image: spec.image.0, ..ContainerRecord::default() })
}
