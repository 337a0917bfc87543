//! The HTTP face: paths, parameters, and the faults that answer in the server's place.

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::encoding::Form;
use super::fault::{Faults, Outage};
use super::refusal::Refused;
use super::resource::{ROWS, Resource, Row};
use super::selector::Selector;
use super::status::Failure;
use super::{ApiServer, discovery, list, log, review, watch};

/// Query parameters of lists, watches and deletes; absent ones are empty.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Params {
    watch: String,
    pub(crate) resource_version: String,
    pub(crate) limit: usize,
    pub(crate) r#continue: String,
    field_selector: String,
    label_selector: String,
    pub(crate) allow_watch_bookmarks: bool,
    pub(crate) send_initial_events: bool,
    pub(crate) timeout_seconds: Option<u64>,
    grace_period_seconds: Option<u32>,
    /// What the `Accept` header asks for.
    #[serde(skip)]
    pub(super) form: Form,
}

/// What of a path varies.
#[derive(Debug, Deserialize)]
struct Place {
    #[serde(default)]
    namespace: String,
    #[serde(default)]
    name: String,
}

#[derive(Clone, Debug)]
struct Endpoint {
    server: ApiServer,
    resource: Resource,
}

type Answer = Result<Response, Failure>;

pub(crate) fn router(server: &ApiServer) -> Router {
    let fixed = discovery::router().merge(review::router(server));
    ROWS.iter()
        .fold(fixed, |router, row| router.merge(endpoints(server, row)))
        .fallback(async || Failure::unknown_path())
        .layer(middleware::from_fn_with_state(server.clone(), gate))
}

fn endpoints(server: &ApiServer, row: &Row) -> Router {
    let (root, plural) = (row.root(), row.plural);
    let everywhere = format!("{root}/{plural}");
    let collection = if row.namespaced {
        format!("{root}/namespaces/{{namespace}}/{plural}")
    } else {
        everywhere.clone()
    };
    let named = format!("{collection}/{{name}}");
    let mut router = Router::new()
        .route(&collection, get(collect).post(create))
        .route(&named, get(read).put(replace).delete(delete));
    if row.namespaced {
        router = router.route(&everywhere, get(collect));
    }
    if row.resource == Resource::Pods {
        router = router
            .route(&format!("{named}/eviction"), post(evict))
            .route(&format!("{named}/log"), get(read_log));
    }
    router.with_state(Endpoint { server: server.clone(), resource: row.resource })
}

/// Faults of the whole server.
async fn gate(State(server): State<ApiServer>, request: Request, next: Next) -> Response {
    let failure = {
        let faults = server.0.faults.borrow();
        match faults.outage {
            Some(Outage::Unavailable) => Some(Failure::unavailable()),
            _ if faults.unauthorized => Some(Failure::unauthorized()),
            _ => faults.busy.map(Failure::busy),
        }
    };
    match failure {
        Some(failure) => failure.into_response(),
        None => next.run(request).await,
    }
}

impl Endpoint {
    /// Faults of this resource.
    fn allow(&self, verb: &str) -> Result<(), Failure> {
        let faults = self.server.0.faults.borrow();
        if faults.unknown.contains(&self.resource) {
            return Err(Failure::unknown_path());
        }
        if faults.forbidden.contains(&self.resource) {
            return Err(Failure::forbidden(self.resource, verb));
        }
        Ok(())
    }

    /// Waits while `hung` of the standing faults names this resource.
    async fn hang(&self, hung: fn(&Faults) -> &BTreeSet<Resource>) {
        let mut faults = self.server.0.faults.subscribe();
        // The sender lives as long as we do, so this cannot fail.
        drop(faults.wait_for(|faults| !hung(faults).contains(&self.resource)).await);
    }

    fn selector(&self, namespace: Option<String>, params: &Params) -> Result<Selector, Failure> {
        Selector::parse(self.resource, namespace, &params.field_selector, &params.label_selector)
            .map_err(Failure::bad_request)
    }

    async fn list(&self, namespace: Option<String>, params: &Params) -> Answer {
        let selector = self.selector(namespace, params)?;
        self.server.count(self.resource, |traffic| traffic.lists += 1);
        self.allow("list")?;
        self.hang(|faults| &faults.hang_lists).await;
        list::list(&self.server, self.resource, &selector, params)
    }

    async fn watch(&self, namespace: Option<String>, params: &Params) -> Answer {
        let selector = self.selector(namespace, params)?;
        self.server.count(self.resource, |traffic| {
            traffic.watches += 1;
            traffic.lists += u64::from(params.send_initial_events);
        });
        self.allow("watch")?;
        if params.send_initial_events {
            self.hang(|faults| &faults.hang_lists).await;
        } else {
            self.hang(|faults| &faults.hang_watch_starts).await;
        }
        watch::watch(&self.server, self.resource, selector, params)
    }

    fn object(&self, place: &Place, code: StatusCode) -> Answer {
        let json = {
            let store = self.server.store();
            store.encoded(self.resource, &place.namespace, &place.name)?.object()
        };
        Ok((code, [(header::CONTENT_TYPE, "application/json")], json).into_response())
    }

    /// Writes the object of a request's body, whose place in the path rules.
    fn write(&self, place: &Place, body: &[u8], create: bool) -> Answer {
        self.allow(if create { "create" } else { "update" })?;
        let mut object = parsed(body)?;
        let row = self.resource.row();
        object["apiVersion"] = json!(row.api_version());
        object["kind"] = json!(row.kind);
        let Some(metadata) = object["metadata"].as_object_mut() else {
            return Err(Refused::Nameless(row.kind.to_owned()).into());
        };
        if row.namespaced {
            metadata.insert("namespace".to_owned(), json!(place.namespace));
        }
        let name = metadata.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let namespace = place.namespace.clone();
        if create {
            self.server.create(object)?;
            return self.object(&Place { namespace, name }, StatusCode::CREATED);
        }
        if name != place.name {
            return Err(Failure::bad_request(
                "the name of the object does not match the name on the URL",
            ));
        }
        self.server.store().encoded(self.resource, &namespace, &name)?;
        self.server.apply(object)?;
        self.object(place, StatusCode::OK)
    }

    fn delete(
        &self,
        place: &Place,
        grace: Option<u32>,
        options: &Value,
        reason: Option<&str>,
    ) -> Answer {
        let Place { namespace, name } = place;
        let object = self.server.store().get(self.resource, namespace, name)?;
        let wanted = options["preconditions"]["uid"].as_str();
        if wanted.is_some_and(|uid| object["metadata"]["uid"] != *uid) {
            let (resource, name) = (self.resource, name.clone());
            return Err(Refused::Conflict { resource, name }.into());
        }
        let dry = options["dryRun"].as_array().is_some_and(|of| of.contains(&json!("All")));
        if dry {
            // Everything was checked and nothing is done.
        } else if self.resource == Resource::Pods {
            let asked = options["gracePeriodSeconds"].as_u64().and_then(|s| u32::try_from(s).ok());
            self.server.delete_pod(namespace, name, grace.or(asked), reason)?;
            if let Ok(going) = self.object(place, StatusCode::OK) {
                return Ok(going);
            }
        } else {
            self.server.delete(self.resource, namespace, name)?;
        }
        Ok(([(header::CONTENT_TYPE, "application/json")], object.to_string()).into_response())
    }
}

pub(super) fn parsed(body: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(body)
        .map(Value::Object)
        .map_err(|e| Failure::bad_request(format!("the body is no JSON object: {e}")))
}

/// The options in the body of a delete, which may be absent.
fn options(body: &[u8]) -> Result<Value, Failure> {
    if body.is_empty() { Ok(Value::Null) } else { parsed(body) }
}

async fn collect(
    State(at): State<Endpoint>,
    Path(place): Path<Place>,
    Query(mut params): Query<Params>,
    headers: HeaderMap,
) -> Answer {
    let watching = matches!(params.watch.as_str(), "true" | "1");
    let without = at.server.0.faults.borrow().without_protobuf;
    params.form = Form::negotiated(&headers, at.resource, watching, without)?;
    let namespace = Some(place.namespace).filter(|namespace| !namespace.is_empty());
    let answer = if watching {
        at.watch(namespace, &params).await
    } else {
        at.list(namespace, &params).await
    };
    Ok(answer.unwrap_or_else(|failure| failure.encoded(params.form.encoding)))
}

async fn read(State(at): State<Endpoint>, Path(place): Path<Place>) -> Answer {
    at.server.count(at.resource, |traffic| traffic.reads += 1);
    at.allow("get")?;
    at.object(&place, StatusCode::OK)
}

async fn read_log(
    State(at): State<Endpoint>,
    Path(place): Path<Place>,
    Query(params): Query<log::Params>,
) -> Answer {
    if at.allow("get").is_err() || at.server.0.faults.borrow().forbidden_logs {
        return Err(log::forbidden(&place.namespace, &place.name));
    }
    log::log(&at.server, &place.namespace, &place.name, &params)
}

async fn create(State(at): State<Endpoint>, Path(place): Path<Place>, body: Bytes) -> Answer {
    at.write(&place, &body, true)
}

async fn replace(State(at): State<Endpoint>, Path(place): Path<Place>, body: Bytes) -> Answer {
    at.write(&place, &body, false)
}

async fn delete(
    State(at): State<Endpoint>,
    Path(place): Path<Place>,
    Query(params): Query<Params>,
    body: Bytes,
) -> Answer {
    at.allow("delete")?;
    at.delete(&place, params.grace_period_seconds, &options(&body)?, None)
}

/// The eviction API; of budgets there is only the fault.
async fn evict(State(at): State<Endpoint>, Path(place): Path<Place>, body: Bytes) -> Answer {
    at.allow("create")?;
    if at.server.0.faults.borrow().budget_spent {
        return Err(Failure::budget_spent());
    }
    let eviction = options(&body)?;
    at.delete(&place, None, &eviction["deleteOptions"], Some("EvictionByEvictionAPI"))?;
    let done = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"});
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Ok((StatusCode::CREATED, kind, done.to_string()).into_response())
}
