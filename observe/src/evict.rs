//! The only thing that is ever written to a cluster: the request that one pod shall go.
//!
//! Nothing calls this but the drill, after asking. A test of this crate looks for writes elsewhere.

use http::{Request, StatusCode, header};
use kube::client::Body;
use leadership::snapshot::PodName;
use serde_json::{Value, json};

use crate::access::Cluster;
use crate::ask::{self, Refusal};
use crate::watch::encoded;

/// How a pod is asked to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Deleted, whatever its disruption budget says.
    Delete,
    /// By the eviction API, as a drain does it: a disruption budget may forbid it.
    Evict,
}

/// The pod that shall go, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its name.
    pub pod: PodName,
    /// Its identity: another pod of this name is left alone.
    pub uid: String,
    /// How it is asked to go.
    pub how: How,
    /// Seconds that its containers get to end; its own if none. 0 is a kill without a word.
    pub grace_seconds: Option<u32>,
    /// Let the API server check everything and do nothing.
    pub dry_run: bool,
}

/// Why a pod was not asked to go. Nothing was changed, unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum EvictError {
    /// The account may not.
    #[error("pod {pod} was not {done}: {said}; allow the account to {right}")]
    Forbidden {
        /// Which.
        pod: PodName,
        /// `deleted` or `evicted`.
        done: &'static str,
        /// The API server's words.
        said: String,
        /// The right that is missing.
        right: &'static str,
    },
    /// The pod went by itself, or another one has its name.
    #[error("pod {0} is not the one any more that was looked at; nothing was done, look again")]
    Another(PodName),
    /// A disruption budget forbids it.
    #[error(
        "pod {pod} was not evicted: {said}; wait until more of its kind are ready, or delete it instead"
    )]
    Protected {
        /// Which.
        pod: PodName,
        /// The API server's words.
        said: String,
    },
    /// Anything else. Where there was no answer it is not known whether the pod goes.
    #[error("pod {pod} was not {done}, as far as is known: {why}")]
    Failed {
        /// Which.
        pod: PodName,
        /// `deleted` or `evicted`.
        done: &'static str,
        /// In words.
        why: String,
    },
}

/// Asks one pod to go, and returns when the API server has taken that.
///
/// # Errors
/// When it refuses or does not answer.
pub async fn send_away(cluster: &Cluster, order: &Order) -> Result<(), EvictError> {
    let (uri, body) = (uri(order), body(order).to_string());
    let request = || {
        let request = match order.how {
            How::Delete => Request::delete(&uri),
            How::Evict => Request::post(&uri),
        };
        let request = request.header(header::CONTENT_TYPE, "application/json");
        request.body(Body::from(body.clone().into_bytes()))
    };
    match ask::ask(cluster, request).await {
        Ok(_) => Ok(()),
        Err(refusal) => Err(explain(order, &refusal)),
    }
}

fn uri(order: &Order) -> String {
    let PodName { namespace, name } = &order.pod;
    let pod = format!("/api/v1/namespaces/{}/pods/{}", encoded(namespace), encoded(name));
    match order.how {
        How::Delete => pod,
        How::Evict => format!("{pod}/eviction"),
    }
}

fn body(order: &Order) -> Value {
    let mut options = json!({
        "apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": order.uid},
    });
    if let Some(seconds) = order.grace_seconds {
        options["gracePeriodSeconds"] = json!(seconds);
    }
    if order.dry_run {
        options["dryRun"] = json!(["All"]);
    }
    match order.how {
        How::Delete => options,
        How::Evict => json!({
            "apiVersion": "policy/v1", "kind": "Eviction", "deleteOptions": options,
            "metadata": {"namespace": order.pod.namespace, "name": order.pod.name},
        }),
    }
}

fn explain(order: &Order, refusal: &Refusal) -> EvictError {
    let pod = order.pod.clone();
    let (done, right) = match order.how {
        How::Delete => ("deleted", "delete pods"),
        How::Evict => ("evicted", "create pods/eviction"),
    };
    match refusal {
        Refusal::Refused(StatusCode::FORBIDDEN, said) => {
            EvictError::Forbidden { pod, done, said: said.clone(), right }
        }
        Refusal::Refused(StatusCode::NOT_FOUND | StatusCode::CONFLICT, _) => {
            EvictError::Another(pod)
        }
        Refusal::Refused(StatusCode::TOO_MANY_REQUESTS, said) if order.how == How::Evict => {
            EvictError::Protected { pod, said: said.clone() }
        }
        other => EvictError::Failed { pod, done, why: other.told() },
    }
}

#[cfg(test)]
mod tests;
