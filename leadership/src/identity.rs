//! What a holder calls itself: the formats that the field uses, and how they come apart.
//!
//! Nothing here knows a cluster: a string goes in, its parts come out. Whole strings are matched,
//! never prefixes: `dev` is not `dev-server_<uuid>`.

mod shape;
mod split;

use serde::Deserialize;

use std::sync::Arc;

use split::Split;

pub use shape::{deployment_of, dns_name, sanitize, within_cluster};

/// How a holder names itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Nobody.
    Unheld,
    /// An API server's heartbeat: `apiserver-<hash>_<uuid>`.
    ApiserverUuid,
    /// `<host name>_<uuid>`: controller-runtime, the control plane, library-go, Knative.
    HostnameUuid,
    /// `<node>_<uuid>`, also from pods with their own network: the master of NFD.
    NodenameUuid,
    /// `<pod>_<address>`: Knative's autoscaler. The address tells one incarnation from the next.
    PodnamePodip,
    /// `<host name>_<4 to 8 hexadecimal digits>`: controllers of GKE outside the cluster.
    HostnameHex,
    /// A UUID and nothing else: the OpenTelemetry collector.
    UuidOnly,
    /// `<milliseconds>-<random>-<driver>`: external-provisioner 3.2 to 6.1.
    MillisRandDriver,
    /// `<host name>-external-cert-manager-controller`.
    HostnameLiteral,
    /// `elastic-agent-leader-<pod>`.
    PrefixPodname,
    /// `beats-leader-<node>`.
    PrefixNodename,
    /// `<host name>-<process id>`: Rancher Fleet's agent.
    HostnamePid,
    /// `<host name>-<10 letters and digits>`: cilium-operator.
    HostnameRand10,
    /// A host name in which everything but letters, digits and `-` became `-`: CSI sidecars.
    HostnameSanitized,
    /// A host name and nothing else: wrangler, cluster-autoscaler, Linkerd.
    Hostname,
    /// The name of a pod: ingress-nginx, Kyverno, Strimzi.
    Podname,
    /// The name of a node: kube-vip, Cilium's L2 announcements, Longhorn.
    Nodename,
    /// Whatever an operator calls a server: konnectivity.
    Serverid,
    /// The same constant for ever.
    Static,
}

/// What is known of a format.
struct Row {
    format: Format,
    label: &'static str,
    split: Split,
    /// Whether it is recognised without being told.
    free: bool,
    /// Whether another process, even in the same container, would have another identity.
    unique: bool,
}

const fn row(format: Format, label: &'static str, split: Split) -> Row {
    Row { format, label, split, free: false, unique: false }
}

impl Row {
    const fn free(self) -> Self {
        Self { free: true, ..self }
    }

    const fn unique(self) -> Self {
        Self { unique: true, ..self }
    }
}

/// The formats, in the order in which they are tried.
const ROWS: [Row; 19] = [
    row(Format::Unheld, "unheld", split::nobody).free(),
    row(Format::ApiserverUuid, "apiserver_uuid", split::apiserver_uuid).free().unique(),
    row(Format::HostnameUuid, "hostname_uuid", split::host_uuid).free().unique(),
    row(Format::NodenameUuid, "nodename_uuid", split::host_uuid).unique(),
    row(Format::PodnamePodip, "podname_podip", split::host_address).free().unique(),
    row(Format::HostnameHex, "hostname_hex", split::host_hex).free().unique(),
    row(Format::UuidOnly, "uuid_only", split::uuid_only).free().unique(),
    row(Format::MillisRandDriver, "millis_rand_driver", split::millis_rand_driver).free().unique(),
    row(Format::HostnameLiteral, "hostname_literal", split::literal_suffix).free(),
    row(Format::PrefixPodname, "prefix_podname", split::elastic_prefix).free(),
    row(Format::PrefixNodename, "prefix_nodename", split::beats_prefix).free(),
    row(Format::HostnamePid, "hostname_pid", split::host_number),
    row(Format::HostnameRand10, "hostname_rand10", split::host_rand10).unique(),
    row(Format::HostnameSanitized, "hostname_sanitized", split::sanitized),
    row(Format::Hostname, "hostname", split::whole).free(),
    row(Format::Podname, "podname", split::whole),
    row(Format::Nodename, "nodename", split::whole),
    row(Format::Serverid, "serverid", split::opaque),
    row(Format::Static, "static", split::opaque),
];

impl Format {
    /// What the format is called in a catalogue of components.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.row().map_or("", |row| row.label)
    }

    /// The format of that name.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Self> {
        ROWS.iter().find(|row| row.label == label).map(|row| row.format)
    }

    /// Whether each process has an identity of its own, so that a restart shows in the lock.
    #[must_use]
    pub fn unique(self) -> bool {
        self.row().is_some_and(|row| row.unique)
    }

    fn row(self) -> Option<&'static Row> {
        ROWS.iter().find(|row| row.format == self)
    }
}

/// What a component is known to be like, where a catalogue knows it: a help to read its holder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// How its holder names itself.
    pub identity: Option<Format>,
    /// The workload (Deployment, `StatefulSet`, `DaemonSet`) whose pods compete, in the lock's namespace
    /// or elsewhere.
    pub deployment: Option<Arc<str>>,
    /// The container that competes, in a pod with more than one.
    pub container: Option<Arc<str>>,
    /// Whether it runs outside the cluster: its pods are never seen.
    pub external: bool,
}

/// A holder's name, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity<'a> {
    text: &'a str,
    /// Which format it is in.
    pub format: Format,
    /// Whether somebody who knows the component said so, and the name agreed.
    pub told: bool,
    /// The part that names a pod, a host or a node; none where no part does.
    pub host: Option<&'a str>,
    /// What stands beside it: a UUID, an address, a number.
    pub mark: Option<&'a str>,
}

/// A name that a holder may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess<'a> {
    /// The name of a pod, a host or a node.
    pub name: &'a str,
    /// Whether it was got by taking something off that may have been a part of the name.
    pub weak: bool,
    /// Whether each process has an identity of its own, if this is the name.
    pub unique: bool,
}

/// Takes a holder's name apart, knowing nothing but the name.
#[must_use]
pub fn parse(holder: &str) -> Identity<'_> {
    let mut free = ROWS.iter().filter(|row| row.free);
    free.find_map(|row| row.read(holder, false)).unwrap_or(Identity::opaque(holder))
}

/// Takes a holder's name apart, first in the format that its component is known to use.
#[must_use]
pub fn parse_as(holder: &str, format: Option<Format>) -> Identity<'_> {
    let known = format.and_then(Format::row).and_then(|row| row.read(holder, true));
    let known = known.filter(|it| !it.bare() || !holder.contains('_'));
    known.unwrap_or_else(|| parse(holder))
}

impl Row {
    fn read<'a>(&self, text: &'a str, told: bool) -> Option<Identity<'a>> {
        let (host, mark) = (self.split)(text)?;
        Some(Identity { text, format: self.format, told, host, mark })
    }
}

impl<'a> Identity<'a> {
    /// Whether it is read as a name and nothing else. No pod and no host has an underscore in its name: one that
    /// does is another version's, and tells what stands beside the name.
    fn bare(&self) -> bool {
        matches!(self.format, Format::Hostname | Format::Podname)
    }

    fn opaque(text: &'a str) -> Self {
        Self { text, format: Format::Hostname, told: false, host: Some(text), mark: None }
    }

    /// The names that it may mean, the surest first; each of them is a part of the holder's name.
    ///
    /// What could be a part of the name is taken off only after the whole: a `StatefulSet`'s pod may
    /// really be called `x-1`.
    pub fn guesses(&self) -> impl Iterator<Item = Guess<'a>> + use<'a> {
        let (text, unique) = (self.text, self.format.unique());
        let host = self.host;
        let joined = matches!(self.format, Format::HostnamePid | Format::HostnameRand10);
        let whole = Some(text).filter(|_| joined && host != Some(text));
        let whole = whole.map(|name| Guess { name, weak: false, unique: false });
        let plain = host.filter(|host| *host == text).unwrap_or("");
        let bare = if self.told { "" } else { plain };
        let weak = |parts: Option<split::Parts<'a>>, unique| {
            let name = parts.and_then(|(host, _)| host)?;
            Some(Guess { name, weak: true, unique })
        };
        let shortened =
            [weak(split::host_number(bare), false), weak(split::host_mixed_rand10(bare), true)];
        // No name of a pod or a node has an underscore: what stands before it is a whole name.
        // That a catalogue says "a host name" must not hide what a `<host>_<uuid>` says by itself.
        let before = split::host_anything(plain).and_then(|(host, _)| host);
        let before =
            before.map(|name| Guess { name, weak: false, unique: parse(text).format.unique() });
        let host = host.map(|name| Guess { name, weak: false, unique });
        whole.into_iter().chain(host).chain(before).chain(shortened.into_iter().flatten())
    }

    /// All parts under which a pod or node that it means can be found: an index over holders.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let mark = self.mark.filter(|_| self.format == Format::PodnamePodip);
        let uid = Some(self.text).filter(|_| self.format == Format::UuidOnly);
        let names = self.guesses().flat_map(|guess| {
            let within = within_cluster(guess.name);
            [Some(guess.name), within].into_iter().flatten()
        });
        names.chain(mark).chain(uid)
    }
}

#[cfg(test)]
mod tests;
