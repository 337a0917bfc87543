//! Whether a service answers: an URL, or the ready endpoints of a Service.

use std::time::Duration;

use http::{Request, StatusCode, header};
use kube::client::Body;
use leadership::text::clean;
use serde_json::Value;
use tokio::time::timeout;

use crate::access::{self, Access, AccessError, Cluster};
use crate::ask::{self, Refusal};
use crate::watch::encoded;

/// How long an answer may take.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// What is probed.
pub struct Probe {
    /// As it was asked for.
    pub name: String,
    target: Target,
}

enum Target {
    /// Answers with a status below 400.
    Url { server: Cluster, path: String },
    /// Has at least one endpoint that is ready.
    Service { cluster: Cluster, slices: String },
}

impl Probe {
    /// Of an URL. Nothing is asked yet.
    ///
    /// # Errors
    /// When it is none.
    pub async fn url(url: &str) -> Result<Self, AccessError> {
        let parsed: Option<http::Uri> = url.parse().ok();
        let path = parsed.as_ref().and_then(|uri| uri.path_and_query());
        let path = path.map_or("/", http::uri::PathAndQuery::as_str).to_owned();
        let origin = parsed
            .and_then(|uri| Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?.as_str())));
        let address = Some(origin.unwrap_or_else(|| url.to_owned()));
        let server = access::connect(&Access { url: address, ..Access::default() }).await?;
        Ok(Self { name: url.to_owned(), target: Target::Url { server, path } })
    }

    /// Of a Service of this cluster.
    #[must_use]
    pub fn service(cluster: &Cluster, namespace: &str, service: &str) -> Self {
        let label = encoded(&format!("kubernetes.io/service-name={service}"));
        let namespaced = encoded(namespace);
        let root = "/apis/discovery.k8s.io/v1/namespaces";
        let slices = format!("{root}/{namespaced}/endpointslices?labelSelector={label}");
        Self {
            name: format!("service/{namespace}/{service}"),
            target: Target::Service { cluster: cluster.clone(), slices },
        }
    }

    /// Asks once.
    ///
    /// # Errors
    /// Says why the service counts as unavailable; also after [`PATIENCE`].
    pub async fn ask(&self) -> Result<(), String> {
        let asked = timeout(PATIENCE, self.answer()).await;
        asked.unwrap_or_else(|_| Err(format!("no answer within {PATIENCE:?}")))
    }

    async fn answer(&self) -> Result<(), String> {
        match &self.target {
            Target::Url { server, path } => {
                // A connection that is kept would not tell whether a new one can be made.
                let request =
                    || Request::get(path).header(header::CONNECTION, "close").body(Body::empty());
                match ask::ask(server, request).await {
                    Ok(_) => Ok(()),
                    Err(Refusal::Refused(code, _)) if code < StatusCode::BAD_REQUEST => Ok(()),
                    Err(Refusal::Refused(code, _)) => Err(format!("it answered {code}")),
                    Err(Refusal::Silence(why)) => {
                        Err(why.replace("no answer from the API server", "no answer"))
                    }
                }
            }
            Target::Service { cluster, slices } => {
                let request = || Request::get(slices).body(Body::empty());
                let slices = ask::ask_object(cluster, request).await;
                match ready(&slices.map_err(|refusal| unreadable(&refusal))?) {
                    0 => Err("it has no endpoint that is ready".to_owned()),
                    _ => Ok(()),
                }
            }
        }
    }
}

fn unreadable(refusal: &Refusal) -> String {
    let right = match refusal {
        Refusal::Refused(StatusCode::FORBIDDEN, _) => "; allow the account to list endpointslices",
        _ => "",
    };
    format!("{}{right}", clean(&refusal.told()))
}

/// Endpoints that take traffic; one that does not say so does.
fn ready(slices: &Value) -> usize {
    let slices = slices["items"].as_array().into_iter().flatten();
    let endpoints = slices.filter_map(|slice| slice["endpoints"].as_array()).flatten();
    endpoints.filter(|endpoint| endpoint["conditions"]["ready"] != false).count()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use simulator::{Outage, Scene};

    use super::*;

    #[tokio::test]
    async fn an_url_is_available_while_it_answers() {
        let sim = simulator::start(Scene::empty(), || crate::clock::now().into()).await.unwrap();
        let good = Probe::url(&format!("{}/api/v1/pods?limit=1", sim.url())).await.unwrap();
        assert_eq!(good.ask().await, Ok(()));
        let bad = Probe::url(&format!("{}/nowhere", sim.url())).await.unwrap();
        assert_eq!(bad.ask().await, Err("it answered 404 Not Found".into()));
        sim.server().faults(|faults| faults.outage = Some(Outage::Disconnected));
        assert!(good.ask().await.unwrap_err().starts_with("no answer"));
        assert!(Probe::url("nowhere").await.is_err());
    }

    #[tokio::test]
    async fn a_service_is_available_while_an_endpoint_is_ready() {
        let sim = simulator::start(Scene::empty(), || crate::clock::now().into()).await.unwrap();
        let access = Access { url: Some(sim.url()), ..Access::default() };
        let cluster = access::connect(&access).await.unwrap();
        let probe = Probe::service(&cluster, "a", "web");
        assert_eq!(probe.ask().await, Err("it has no endpoint that is ready".into()));
        let mut slice = json!({
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": {
                "namespace": "a", "name": "web-x", "labels": {"kubernetes.io/service-name": "web"},
            },
            "endpoints": [{"conditions": {"ready": false}}, {"conditions": {"ready": true}}],
        });
        sim.server().apply(slice.clone()).unwrap();
        assert_eq!(probe.ask().await, Ok(()));
        assert!(Probe::service(&cluster, "a", "other").ask().await.is_err());
        slice["endpoints"][1]["conditions"]["ready"] = json!(false);
        sim.server().apply(slice).unwrap();
        assert!(probe.ask().await.is_err());
    }
}
