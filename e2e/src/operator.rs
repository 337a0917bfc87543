//! What the Prometheus Operator does for the chart, without its controller: its kinds, in the API server, and what
//! it makes of their objects.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, PostParams};
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use serde_json::{Value, json};

use crate::plane::ControlPlane;
use crate::process::{eventually, folder};

const PATIENCE: Duration = Duration::from_secs(20);

/// Makes the kinds known to the API server, and waits until it serves them.
///
/// # Errors
/// When the API server refuses.
pub fn install(plane: &ControlPlane) -> Result<()> {
    let text = std::fs::read_to_string(folder().join("kinds/prometheus-operator.yaml"))?;
    let kinds: Vec<CustomResourceDefinition> = serde_saphyr::from_multiple(&text)?;
    ensure!(kinds.len() == 2, "{} kinds are in the file", kinds.len());
    let api: Api<CustomResourceDefinition> = Api::all(plane.client());
    for kind in kinds {
        let name = kind.metadata.name.clone().context("a kind without a name")?;
        plane.runtime().block_on(api.create(&PostParams::default(), &kind))?;
        eventually(PATIENCE, &format!("{name} is served"), || {
            let kind = serde_json::to_value(plane.runtime().block_on(api.get(&name))?)?;
            let mut conditions = kind["status"]["conditions"].as_array().into_iter().flatten();
            let served = conditions.any(|it| it["type"] == "Established" && it["status"] == "True");
            Ok(served.then_some(()))
        })?;
    }
    Ok(())
}

/// What an object of one of the kinds asks for, as the API server has it.
///
/// # Errors
/// When there is no such object.
pub fn spec(plane: &ControlPlane, kind: &str, namespace: &str, name: &str) -> Result<Value> {
    let kind = GroupVersionKind::gvk("monitoring.coreos.com", "v1", kind);
    let resource = ApiResource::from_gvk(&kind);
    let objects: Api<DynamicObject> = Api::namespaced_with(plane.client(), namespace, &resource);
    Ok(plane.runtime().block_on(objects.get(name))?.data["spec"].take())
}

/// The scrape that a `ServiceMonitor` with one endpoint asks for, of this target. Like the operator's it gives the
/// target the labels of the pod behind the Service.
#[must_use]
pub fn scrape(monitor: &Value, namespace: &str, target: u16) -> Value {
    let endpoint = &monitor["endpoints"][0];
    let where_it_runs = json!({
        "namespace": namespace, "service": "exporter", "pod": "exporter-0", "container": "exporter",
        "endpoint": endpoint["port"],
    });
    let target = json!({"targets": [format!("127.0.0.1:{target}")], "labels": where_it_runs});
    json!({
        "job_name": "leadership-exporter",
        "scheme": endpoint["scheme"],
        "metrics_path": endpoint["path"],
        "honor_labels": endpoint["honorLabels"],
        "relabel_configs": endpoint["relabelings"],
        "static_configs": [target],
    })
}
