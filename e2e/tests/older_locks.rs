//! Locks that older electors keep in annotations, on the real API server.

#![expect(clippy::float_cmp, reason = "counts and states are whole numbers")]

use std::fmt::Debug;
use std::time::Duration;

use anyhow::Result;
use e2e::plane::ControlPlane;
use e2e::product::Exporter;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::{ConfigMap, Endpoints};
use kube::api::{Api, Patch, PatchParams};
use kube::{Client, Resource};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(30);
const NAMESPACE: &str = "default";
/// Where client-go kept its record before there were Leases.
const RECORD: &str = "control-plane.alpha.kubernetes.io/leader";

/// The annotations of a lock as client-go writes them.
fn record(holder: &str, transitions: u32) -> Value {
    let now = jiff::Timestamp::from(observe::clock::now()).strftime("%Y-%m-%dT%H:%M:%SZ");
    let record = json!({
        "holderIdentity": holder, "leaseDurationSeconds": 15, "leaderTransitions": transitions,
        "acquireTime": now.to_string(), "renewTime": now.to_string(),
    });
    json!({ RECORD: record.to_string() })
}

/// The annotations of a lock as Patroni writes them.
fn patroni(leader: &str) -> Value {
    let now = observe::clock::now().to_string();
    json!({"leader": leader, "ttl": "30", "renewTime": now, "acquireTime": now, "transitions": "2"})
}

/// Creates an object with these annotations, or changes them.
fn annotate<K>(plane: &ControlPlane, name: &str, annotations: &Value) -> Result<()>
where
    K: Resource<Scope = NamespaceResourceScope> + Clone + Debug + Serialize + DeserializeOwned,
    K::DynamicType: Default,
{
    let client: Client = plane.client();
    let objects: Api<K> = Api::namespaced(client, NAMESPACE);
    let kind = K::kind(&K::DynamicType::default()).into_owned();
    let object = json!({
        "apiVersion": "v1", "kind": kind,
        "metadata": {"name": name, "annotations": annotations},
    });
    let by = PatchParams::apply("elector").force();
    plane.runtime().block_on(objects.patch(name, &by, &Patch::Apply(&object)))?;
    Ok(())
}

#[test]
#[ignore = "needs Go: run e2e/run"]
fn annotations_of_config_maps_and_endpoints_are_locks() -> Result<()> {
    let plane = ControlPlane::start()?;
    plane.create_pod("cand-a", "node-1")?;
    plane.create_pod("cand-bb", "node-2")?;
    annotate::<ConfigMap>(&plane, "no-lock", &json!({"some": "text"}))?;
    annotate::<ConfigMap>(&plane, "older", &record("cand-a", 0))?;
    let flags = ["--legacy-locks", "configmaps,endpoints"];
    let exporter = Exporter::start(&plane.kubeconfig(), &plane.dir(), &flags)?;
    let leads = |lease: &str, kind: &str, pod: &str| {
        let labels = [
            format!("lease=\"{lease}\""),
            format!("lock_kind=\"{kind}\""),
            format!("pod=\"{pod}\""),
        ];
        let labels = labels.each_ref().map(String::as_str);
        exporter.until(PATIENCE, "leadership_leader_info", &labels, |one| one == 1.0)
    };
    leads("older", "configmap", "cand-a")?;
    // The watch delivers what the list did not have.
    annotate::<Endpoints>(&plane, "database", &patroni("cand-a"))?;
    leads("database", "endpoints", "cand-a")?;
    annotate::<ConfigMap>(&plane, "older", &record("cand-bb", 1))?;
    leads("older", "configmap", "cand-bb")?;
    let page = exporter.get("/metrics")?.1;
    assert!(!page.contains("lease=\"no-lock\""), "a ConfigMap without a record is no lock");
    // Without its record it is none any more.
    annotate::<ConfigMap>(&plane, "older", &json!({}))?;
    let absent = ["lease=\"older\"", "state=\"absent\""];
    exporter.until(PATIENCE, "leadership_lease_state", &absent, |is| is == 1.0)?;
    Ok(())
}
