//! Requests, and the answers to them.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::string::FromUtf8Error;

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use kube::Client;
use kube::client::Body;
use leadership::observation::kind_of;
use leadership::snapshot::PodName;

use super::again::Name;
use super::failure::{Failure, Remedy};
use super::{Encoding, KindStats, Patience, WatchStats};
use crate::access::unhurried::Pace;
use crate::kinds::{LOOK_UP_VERBS, Row, Scope, VERBS};
use crate::read::Said;

/// Bytes of one page that are taken: 500 objects of a quarter of a megabyte.
pub(super) const PAGE_BYTES: usize = 128 << 20;

/// Bytes of an error's body that are read.
const ERROR_BODY: usize = 64 << 10;

/// Asks for a list of nothing but metadata; a server that cannot give it refuses.
const LIST: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
/// The same of a watch.
const WATCH: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

/// Asks for protobuf, and takes JSON of a server that does not have it.
const FAST_LIST: &str = "application/vnd.kubernetes.protobuf,application/json";
/// The same of a watch.
const FAST_WATCH: &str = "application/vnd.kubernetes.protobuf;stream=watch,application/json";

/// What one watch asks for.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) row: &'static Row,
    /// The namespace that is asked for; all if there is none.
    pub(super) namespace: Option<String>,
    /// What the account must be allowed to do with it.
    pub(super) verbs: &'static [&'static str],
}

impl Target {
    /// What is asked for: of the rows that are not bound to one place, each of these namespaces by itself, which Roles
    /// may allow, or everything if there are none.
    pub(crate) fn each(row: &'static Row, namespaces: &[String]) -> Vec<Self> {
        let of = |namespace| Self { row, namespace, verbs: &VERBS };
        match (row.scope, namespaces) {
            (Scope::Only(only), _) => vec![of(Some(only.to_owned()))],
            (Scope::Cluster, _) | (Scope::Namespaces, []) => vec![of(None)],
            (Scope::Namespaces, some) => {
                // Of one that is named twice, two would tell.
                let some: BTreeSet<&String> = some.iter().collect();
                some.into_iter().map(|it| of(Some(it.clone()))).collect()
            }
        }
    }

    /// Single objects, of which no list is asked for.
    pub(super) fn single(row: &'static Row) -> Self {
        Self { row, namespace: None, verbs: &LOOK_UP_VERBS }
    }

    /// Whether an object that came is one that was meant.
    pub(crate) fn admits(&self, said: &Said) -> bool {
        let (kind, namespace) = match said {
            Said::Object(object) => (object.kind(), object.namespace()),
            Said::NoLock(key) => (kind_of(key), Some(&key.namespace)),
        };
        let meant = self.namespace.as_deref().zip(namespace);
        kind == self.row.kind && meant.is_none_or(|(asked, came)| *asked == **came)
    }

    fn accepted(&self, metadata: &'static str, fast: &'static str) -> &'static str {
        match self.row.read_protobuf {
            _ if self.row.metadata_only => metadata,
            Some(_) => fast,
            None => "application/json",
        }
    }

    fn uri(&self, parameters: &[(&str, &str)]) -> String {
        let selector = ("fieldSelector", self.row.field_selector);
        let given = parameters.iter().copied().chain([selector]);
        self.uri_in(self.namespace.as_deref(), given)
    }

    fn uri_in<'a>(
        &self,
        namespace: Option<&str>,
        parameters: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> String {
        let mut uri = self.row.root();
        if let Some(namespace) = namespace {
            let _ = write!(uri, "/namespaces/{}", encoded(namespace));
        }
        let _ = write!(uri, "/{}", self.row.resource);
        for (place, (name, value)) in parameters.filter(|(_, value)| !value.is_empty()).enumerate()
        {
            let mark = if place == 0 { '?' } else { '&' };
            let _ = write!(uri, "{mark}{name}={}", encoded(value));
        }
        uri
    }

    /// A list of nothing but the object of this name.
    fn one(&self, name: &Name) -> Result<Request<Body>, Failure> {
        let namespace = (!name.namespace.is_empty()).then_some(&*name.namespace);
        let selector = format!("metadata.name={}", name.name);
        let uri = self.uri_in(namespace, [("fieldSelector", &*selector)].into_iter());
        let slow = "application/json";
        get(&uri, if self.row.metadata_only { LIST } else { slow })
    }

    /// The object of this name.
    fn object(&self, name: &PodName) -> Result<Request<Body>, Failure> {
        let mut uri = self.uri_in(Some(&name.namespace), std::iter::empty());
        let _ = write!(uri, "/{}", encoded(&name.name));
        get(&uri, "application/json")
    }

    pub(super) fn list(&self, limit: usize, token: &str) -> Result<Request<Body>, Failure> {
        let limit = limit.to_string();
        get(&self.uri(&[("limit", &limit), ("continue", token)]), self.accepted(LIST, FAST_LIST))
    }

    /// A watch from a version on, or one that begins with a list of everything.
    pub(super) fn watch(
        &self,
        version: Option<&str>,
        seconds: u64,
    ) -> Result<Request<Body>, Failure> {
        let seconds = seconds.to_string();
        let (everything, fresh) =
            if version.is_none() { ("true", "NotOlderThan") } else { ("", "") };
        let uri = self.uri(&[
            ("watch", "1"),
            ("allowWatchBookmarks", "true"),
            ("sendInitialEvents", everything),
            ("resourceVersionMatch", fresh),
            ("resourceVersion", version.unwrap_or_default()),
            ("timeoutSeconds", &seconds),
        ]);
        let mut request = get(&uri, self.accepted(WATCH, FAST_WATCH))?;
        // Compressed streams wait for blocks to fill.
        let plain = header::HeaderValue::from_static("identity");
        request.headers_mut().insert(header::ACCEPT_ENCODING, plain);
        Ok(request)
    }
}

fn get(uri: &str, accept: &str) -> Result<Request<Body>, Failure> {
    let request = Request::get(uri).header(header::ACCEPT, accept);
    let request = request.body(Body::empty());
    request.map_err(|error| {
        Failure::new(format!("no request can be made of {uri:?}: {error}"), Remedy::Relist)
    })
}

/// Everything but what RFC 3986 calls unreserved is written as `%XX`.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// A success.
pub(super) struct Answer {
    pub(super) body: Body,
    pub(super) encoding: Encoding,
    /// That of its connection.
    pub(super) pace: Pace,
}

impl Answer {
    /// The next bytes of a list, of which no more than `left` are taken; none at its end.
    pub(super) async fn more(
        &mut self,
        left: &mut usize,
        stats: &KindStats,
    ) -> Result<Option<Bytes>, Failure> {
        let broke = |why: String| Failure::new(format!("the list broke: {why}"), Remedy::Relist);
        let Some(frame) = self.body.frame().await else { return Ok(None) };
        let frame = frame.map_err(|error| broke(error.to_string()))?;
        let data = frame.into_data().unwrap_or_default();
        let long = || broke(format!("a page is longer than {PAGE_BYTES} bytes"));
        *left = left.checked_sub(data.len()).ok_or_else(long)?;
        stats.bytes.add(data.len());
        Ok(Some(data))
    }

    /// A whole page of a list in JSON.
    pub(super) async fn page(mut self, stats: &KindStats) -> Result<String, Failure> {
        let (mut page, mut left) = (Vec::new(), PAGE_BYTES);
        while let Some(data) = self.more(&mut left, stats).await? {
            page.extend_from_slice(&data);
        }
        let lossy = |error: FromUtf8Error| String::from_utf8_lossy(error.as_bytes()).into_owned();
        Ok(String::from_utf8(page).unwrap_or_else(lossy))
    }
}

/// Sends a request; any answer but a success is a failure. The caller sets the deadline.
pub(super) async fn send(
    client: &Client,
    request: Request<Body>,
    target: &Target,
    patience: &Patience,
    stats: &WatchStats,
) -> Result<Answer, Failure> {
    let sent = client.send(request).await;
    let answer = sent.map_err(|error| Failure::unanswered(&error))?;
    let (mut head, body) = answer.into_parts();
    let encoding = Encoding::of(&head.headers);
    // A connection that was made otherwise has none.
    let pace: Pace = head.extensions.remove().unwrap_or_default();
    // It may have brought a watch before.
    pace.set_batches(false);
    if head.status.is_success() {
        return Ok(Answer { body, encoding, pace });
    }
    if matches!(head.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        stats.of(target.row.kind).throttled.add(1);
    }
    let body = Limited::new(body, ERROR_BODY).collect().await;
    let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let said = encoding.status(&body);
    Err(Failure::refused(head.status, &head.headers, &said, target, patience))
}

/// Asks for one object by itself: a list, as text.
pub(super) async fn one(
    client: &Client,
    name: &Name,
    target: &Target,
    patience: &Patience,
    stats: &WatchStats,
) -> Result<String, Failure> {
    let answer = send(client, target.one(name)?, target, patience, stats).await?;
    answer.page(stats.of(target.row.kind)).await
}

/// Looks one object up, as text.
pub(super) async fn look_up(
    client: &Client,
    name: &PodName,
    target: &Target,
    patience: &Patience,
    stats: &WatchStats,
) -> Result<String, Failure> {
    let answer = send(client, target.object(name)?, target, patience, stats).await?;
    answer.page(stats.of(target.row.kind)).await
}

#[cfg(test)]
mod tests {
    use leadership::observation::Kind;

    use super::*;

    fn only(row: &'static Row, namespaces: &[String]) -> Target {
        let mut each = Target::each(row, namespaces);
        assert_eq!(each.len(), 1);
        each.remove(0)
    }

    #[test]
    fn each_namespace_is_asked_for_by_itself_and_nothing_else() {
        let namespaces = ["b", "a", "b"].map(str::to_owned);
        let each = Target::each(Row::of(Kind::Pod), &namespaces);
        let asked: Vec<_> =
            each.iter().map(|it| it.list(1, "").ok().unwrap().uri().to_string()).collect();
        let expected = ["/api/v1/namespaces/a/pods?limit=1", "/api/v1/namespaces/b/pods?limit=1"];
        assert_eq!(asked, expected);
        assert_eq!(Target::each(Row::of(Kind::NodeLease), &namespaces).len(), 1);
    }

    #[test]
    fn requests_ask_for_what_the_row_says() {
        let all = only(Row::of(Kind::Lease), &[]);
        assert_eq!(
            all.list(500, "").ok().unwrap().uri().to_string(),
            "/apis/coordination.k8s.io/v1/leases?limit=500\
             &fieldSelector=metadata.namespace%21%3Dkube-node-lease"
        );
        let one = only(Row::of(Kind::Pod), &["a".to_owned()]);
        assert_eq!(
            one.list(500, "x=/").ok().unwrap().uri().to_string(),
            "/api/v1/namespaces/a/pods?limit=500&continue=x%3D%2F"
        );
        let nodes = only(Row::of(Kind::NodeLease), &["a".to_owned()]);
        assert_eq!(
            nodes.watch(Some("7"), 150).ok().unwrap().uri().to_string(),
            "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases?watch=1\
             &allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds=150"
        );
        assert_eq!(
            one.watch(None, 150).ok().unwrap().uri().to_string(),
            "/api/v1/namespaces/a/pods?watch=1&allowWatchBookmarks=true&sendInitialEvents=true\
             &resourceVersionMatch=NotOlderThan&timeoutSeconds=150"
        );
    }

    #[test]
    fn of_legacy_locks_only_metadata_is_asked_for() {
        let locks = only(Row::of(Kind::ConfigMap), &[]);
        let accept = |request: Request<Body>| request.headers()[header::ACCEPT].clone();
        assert_eq!(accept(locks.list(1, "").ok().unwrap()), LIST);
        assert_eq!(accept(locks.watch(Some("1"), 1).ok().unwrap()), WATCH);
        let nodes = only(Row::of(Kind::Node), &["a".to_owned()]);
        let request = nodes.list(1, "").ok().unwrap();
        assert_eq!(request.uri(), "/api/v1/nodes?limit=1");
        assert_eq!(accept(request), FAST_LIST);
        let workloads = only(Row::of(Kind::Deployment), &[]);
        assert_eq!(accept(workloads.watch(Some("1"), 1).ok().unwrap()), "application/json");
        let leases = only(Row::of(Kind::NodeLease), &[]);
        assert_eq!(accept(leases.watch(Some("1"), 1).ok().unwrap()), FAST_WATCH);
    }

    #[test]
    fn a_namespace_cannot_leave_its_place_in_the_path() {
        let odd = only(Row::of(Kind::Pod), &["../x?y".to_owned()]);
        assert_eq!(
            odd.list(1, "").ok().unwrap().uri().to_string(),
            "/api/v1/namespaces/..%2Fx%3Fy/pods?limit=1"
        );
    }

    #[test]
    fn one_object_is_a_list_where_it_lives() {
        let asked = |kind, namespace: &str, name: &str| {
            let name = Name { namespace: namespace.into(), name: name.into() };
            only(Row::of(kind), &[]).one(&name).ok().unwrap().uri().to_string()
        };
        assert_eq!(
            asked(Kind::Lease, "ns", "a&b"),
            "/apis/coordination.k8s.io/v1/namespaces/ns/leases?fieldSelector=metadata.name%3Da%26b"
        );
        assert_eq!(asked(Kind::Node, "", "n"), "/api/v1/nodes?fieldSelector=metadata.name%3Dn");
    }
}
