//! What programs read: `docs/openapi.yaml` describes it.

use std::cmp::Reverse;
use std::io;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leadership::event::{Failover, Phase};
use leadership::lock::LockKey;
use leadership::snapshot::{Chapter, Election, Snapshot};
use leadership::time::Time;
use serde::{Deserialize, Serialize};

use super::{PLAIN, Site};
use crate::source::Source;

/// Which form the answers have.
const SCHEMA: &str = "leadership-exporter/v1";

const JSON: &str = "application/json";

/// How many failovers are told if nobody asks for a number, and at most.
const FAILOVERS: usize = 100;
const MOST_FAILOVERS: usize = 10_000;

/// What clients may rely on.
const DESCRIPTION: &str = include_str!("../../../docs/openapi.yaml");

/// Which elections are asked for; all where a question is not asked.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LeasesQuery {
    namespace: Option<String>,
    lease: Option<String>,
    component: Option<String>,
    state: Option<Phase>,
}

/// Which failovers are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FailoversQuery {
    namespace: Option<String>,
    lease: Option<String>,
    component: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
struct Leases<'a> {
    schema: &'static str,
    snapshot: &'a Snapshot,
}

#[derive(Serialize)]
struct Failovers<'a> {
    schema: &'static str,
    at: Time,
    /// How many there are, told or not.
    total: usize,
    #[serde(rename = "failovers")]
    told: Vec<Told<'a>>,
}

#[derive(Serialize)]
struct Told<'a> {
    lease: &'a LockKey,
    component: Option<&'a str>,
    #[serde(flatten)]
    failover: &'a Failover,
}

pub(super) async fn leases(
    State(site): State<Arc<Site>>,
    query: Result<Query<LeasesQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(error) => return refused(&error),
    };
    let asked = Arc::clone(&site);
    site.answers.give(&headers, JSON, move |out| write_leases(&asked.source, &query, out)).await
}

pub(super) async fn failovers(
    State(site): State<Arc<Site>>,
    query: Result<Query<FailoversQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(error) => return refused(&error),
    };
    if query.limit.is_some_and(|limit| limit > MOST_FAILOVERS) {
        let why = format!("limit may be {MOST_FAILOVERS} at most\n");
        return (StatusCode::BAD_REQUEST, PLAIN, why).into_response();
    }
    let asked = Arc::clone(&site);
    site.answers.give(&headers, JSON, move |out| write_failovers(&asked.source, &query, out)).await
}

pub(super) async fn description() -> Response {
    ([(header::CONTENT_TYPE, "application/yaml")], DESCRIPTION).into_response()
}

/// The question is not one of ours.
pub(super) fn refused(error: &QueryRejection) -> Response {
    let why = format!("{}; /api/v1/openapi.yaml has the parameters\n", error.body_text());
    (StatusCode::BAD_REQUEST, PLAIN, why).into_response()
}

fn write_leases(source: &Source, query: &LeasesQuery, out: &mut dyn io::Write) -> io::Result<()> {
    let all = source.snapshot();
    let selection = source.selection();
    let wanted = |election: &&Arc<Election>| {
        fits(election, [&query.namespace, &query.lease, &query.component])
            && query.state.is_none_or(|state| election.phase == state)
    };
    let snapshot = Snapshot {
        elections: selection.elections(&all).filter(wanted).cloned().collect(),
        missing: all
            .missing
            .iter()
            .filter(|it| selection.wants(&LockKey::lease(&it.namespace, &it.lease)))
            .cloned()
            .collect(),
        watches: all.watches.clone(),
        ..*all
    };
    Ok(serde_json::to_writer(out, &Leases { schema: SCHEMA, snapshot: &snapshot })?)
}

/// Whether an election has the namespace, name and component that are asked for. A component that is
/// not known has the empty name.
fn fits(election: &Election, asked: [&Option<String>; 3]) -> bool {
    let component = election.component.as_deref().unwrap_or("");
    let has = [&*election.key.namespace, &*election.key.name, component];
    let mut pairs = asked.into_iter().zip(has);
    pairs.all(|(asked, has)| asked.as_deref().is_none_or(|asked| asked == has))
}

fn write_failovers(
    source: &Source,
    query: &FailoversQuery,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let snapshot = source.snapshot();
    let wanted = |election: &&Arc<Election>| {
        fits(election, [&query.namespace, &query.lease, &query.component])
    };
    let elections = source.selection().elections(&snapshot).filter(wanted);
    let mut told: Vec<Told<'_>> = elections.flat_map(|election| history(election)).collect();
    let total = told.len();
    told.sort_by_key(|told| (Reverse(told.failover.first_write), told.lease));
    told.truncate(query.limit.unwrap_or(FAILOVERS));
    let answer = Failovers { schema: SCHEMA, at: snapshot.at, total, told };
    Ok(serde_json::to_writer(out, &answer)?)
}

/// The failovers that the ledger of an election remembers.
fn history(election: &Election) -> impl Iterator<Item = Told<'_>> {
    election.ledger.iter().filter_map(|chapter| match chapter {
        Chapter::Reign(reign) => Some(Told {
            lease: &election.key,
            component: election.component.as_deref(),
            failover: reign.failover.as_deref()?,
        }),
        Chapter::Missed { .. } => None,
    })
}
