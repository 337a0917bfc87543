//! A whole cluster: control plane, nodes, and two observers.

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Namespace, Node, Pod};
use kube::api::{Api, Patch, PatchParams, PostParams};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::events::{Events, finals_of};
use crate::kubelet::node::Spec;
use crate::kubelet::{Kubelets, Running, lock};
use crate::plane::ControlPlane;
use crate::process::eventually;
use crate::product::{Exporter, replay};

/// Where the control plane's own components live.
pub const SYSTEM: &str = "kube-system";
const PATIENCE: Duration = Duration::from_mins(1);
const APISERVER: [&str; 2] = [
    "--feature-gates=CoordinatedLeaderElection=true",
    "--runtime-config=coordination.k8s.io/v1beta1=true",
];
/// Elections of the components, as quick as those of the candidates.
const ELECTION: [&str; 3] = [
    "--leader-elect-lease-duration=5s",
    "--leader-elect-renew-deadline=3s",
    "--leader-elect-retry-period=1s",
];
const MANAGER: [&str; 5] = [
    "--controllers=deployment-controller,replicaset-controller,node-lifecycle-controller,\
     taint-eviction-controller,garbage-collector-controller,disruption-controller",
    "--node-monitor-period=1s",
    "--node-monitor-grace-period=8s",
    "--kube-api-qps=200",
    "--kube-api-burst=400",
];
/// Nodes that all scenes share, and those that one scene has for itself.
const NODES: [(&str, &str, u32); 11] = [
    ("node-1", "all", 16),
    ("node-2", "all", 16),
    ("node-3", "all", 16),
    ("frail-1", "frail", 4),
    ("frail-2", "frail", 4),
    ("narrow-1", "narrow", 1),
    ("narrow-2", "narrow", 1),
    ("tainted-1", "tainted", 4),
    ("tainted-2", "tainted", 4),
    ("cordoned-1", "cordoned", 4),
    ("cordoned-2", "cordoned", 4),
];
const ZONES: [&str; 3] = ["zone-a", "zone-b", "zone-c"];

/// Everything that runs.
pub struct Cluster {
    /// What `fleet-top` says, as it happens.
    pub events: Events,
    /// What records.
    pub exporter: Exporter,
    /// The nodes.
    pub kubelets: Mutex<Kubelets>,
    /// The control plane.
    pub plane: ControlPlane,
}

impl Cluster {
    /// Starts everything, and waits until the control plane's own elections have leaders.
    ///
    /// # Errors
    /// When something does not start.
    pub fn start() -> Result<Self> {
        let plane = ControlPlane::start_with(&APISERVER)?;
        let mut kubelets = Kubelets::start(&plane);
        for ((name, purpose, cpus), zone) in NODES.into_iter().zip(ZONES.into_iter().cycle()) {
            kubelets.add(&plane, &Spec { name: name.to_owned(), zone, purpose, cpus })?;
        }
        let name = host_name()?;
        let spec = Spec { name, zone: ZONES[0], purpose: "control-plane", cpus: 4 };
        kubelets.add(&plane, &spec)?;
        let exporter = Exporter::start(&plane.kubeconfig(), &plane.dir(), &[])?;
        let events = Events::start(&plane)?;
        let cluster = Self { events, exporter, kubelets: Mutex::new(kubelets), plane };
        let manager = [&["controller-manager"], &ELECTION[..], &MANAGER].concat();
        cluster.static_pod("kube-controller-manager", &spec.name, &manager)?;
        let scheduler = [&["scheduler"], &ELECTION[..], &MANAGER[3..]].concat();
        cluster.static_pod("kube-scheduler", &spec.name, &scheduler)?;
        for lease in ["kube-controller-manager", "kube-scheduler"] {
            eventually(PATIENCE, &format!("{lease} has a leader"), || {
                cluster.holder(SYSTEM, lease)
            })?;
        }
        Ok(cluster)
    }

    /// What a kubelet shows of a static pod.
    fn static_pod(&self, component: &str, node: &str, args: &[&str]) -> Result<()> {
        let nodes: Api<Node> = Api::all(self.plane.client());
        let uid = self.wait(nodes.get(node))?.metadata.uid;
        self.create(&self.api::<Pod>(SYSTEM), json!({
            "metadata": {
                "name": format!("{component}-{node}"),
                "labels": {"component": component, "tier": "control-plane"},
                "annotations": {
                    "kubernetes.io/config.mirror": component, "kubernetes.io/config.source": "file",
                },
                "ownerReferences": [
                    {"apiVersion": "v1", "kind": "Node", "name": node, "uid": uid, "controller": true},
                ],
            },
            "spec": {
                "nodeName": node, "hostNetwork": true, "priorityClassName": "system-node-critical",
                "tolerations": [{"operator": "Exists", "effect": "NoExecute"}],
                "containers": [{"name": component, "image": "controlplane", "args": args}],
            },
        }))
    }

    /// Waits for an answer of the API server.
    ///
    /// # Errors
    /// When it refuses.
    pub fn wait<T>(&self, asked: impl Future<Output = kube::Result<T>>) -> Result<T> {
        Ok(self.plane.runtime().block_on(asked)?)
    }

    /// The objects of one kind in a namespace.
    #[must_use]
    pub fn api<K>(&self, namespace: &str) -> Api<K>
    where
        K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>,
    {
        Api::namespaced(self.plane.client(), namespace)
    }

    /// Creates an object.
    ///
    /// # Errors
    /// When the API server refuses.
    pub fn create<K>(&self, api: &Api<K>, object: Value) -> Result<()>
    where
        K: Clone + Debug + Serialize + DeserializeOwned,
    {
        let what = object["metadata"]["name"].to_string();
        let object = serde_json::from_value(object)?;
        self.wait(api.create(&PostParams::default(), &object)).context(what)?;
        Ok(())
    }

    /// Changes an object in the name of a field manager.
    ///
    /// # Errors
    /// When the API server refuses.
    pub fn patch<K>(&self, api: &Api<K>, name: &str, manager: &str, patch: &Value) -> Result<()>
    where
        K: Clone + Debug + DeserializeOwned,
    {
        let by = PatchParams { field_manager: Some(manager.to_owned()), ..PatchParams::default() };
        self.wait(api.patch(name, &by, &Patch::Merge(patch))).context(name.to_owned())?;
        Ok(())
    }

    /// Makes a namespace.
    ///
    /// # Errors
    /// When the API server refuses.
    pub fn namespace(&self, name: &str) -> Result<()> {
        let namespaces: Api<Namespace> = Api::all(self.plane.client());
        self.create(&namespaces, json!({"metadata": {"name": name}}))
    }

    /// Who holds a lease.
    ///
    /// # Errors
    /// When the API server does not answer.
    pub fn holder(&self, namespace: &str, lease: &str) -> Result<Option<String>> {
        let lease = self.wait(self.api::<Lease>(namespace).get_opt(lease))?;
        let spec = lease.and_then(|lease| lease.spec);
        Ok(spec.and_then(|spec| spec.holder_identity).filter(|it| !it.is_empty()))
    }

    /// The pod that holds a lease, if it is one of its namespace and runs.
    ///
    /// # Errors
    /// When the API server does not answer.
    pub fn leader(&self, namespace: &str, lease: &str) -> Result<Option<Running>> {
        let Some(holder) = self.holder(namespace, lease)? else { return Ok(None) };
        Ok(self.running(namespace).into_iter().find(|it| it.identity == holder))
    }

    /// The pods that run in a namespace.
    #[must_use]
    pub fn running(&self, namespace: &str) -> Vec<Running> {
        lock(&self.kubelets).running(namespace)
    }

    /// Ends the observer that records, and keeps its recording.
    ///
    /// # Errors
    /// When it does not end, or the recording cannot be copied.
    pub fn keep(&mut self, folder: &Path) -> Result<()> {
        self.exporter.process.signal("TERM")?;
        self.exporter.process.wait(Duration::from_secs(30)).context("the exporter")?;
        let kept: PathBuf = folder.join("causes.jsonl");
        std::fs::copy(&self.exporter.recording, &kept).context("keeping the recording")?;
        println!("the recording is {}", kept.display());
        Ok(())
    }

    /// What the recording says otherwise than the observer that looked at the same time.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn disagreements(&self) -> Result<Vec<String>> {
        let mut recorded = replay(&self.exporter.recording)?;
        // What the end of the recording made final, with what was known by then, may have become something else live.
        let end = recorded.last().map(|event| event["at"].clone());
        recorded.retain(|event| Some(&event["at"]) != end.as_ref());
        let recorded = finals_of(&recorded);
        let live = finals_of(&self.events.all()?);
        let differs = |(key, said): (&_, &String)| {
            let other = recorded.get(key)?;
            (other != said).then(|| format!("{key:?}: live {said}, replayed {other}"))
        };
        Ok(live.iter().filter_map(differs).collect())
    }
}

/// This machine's name, which the components compete under.
fn host_name() -> Result<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname")?.trim().to_lowercase();
    if name.is_empty() {
        bail!("this machine has no name");
    }
    Ok(name)
}
