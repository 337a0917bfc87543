//! One line, between its text and its meaning.

use leadership::observation::{Fact, Kind, LockRecord, Object, Observation, Part, PodRecord};
use leadership::snapshot::PodName;
use leadership::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::object;
use crate::kinds::{ROWS, Row};
use crate::read::{Said, Unreadable};

/// A line as it is written.
#[derive(Serialize)]
pub(super) struct Written {
    at: Time,
    fact: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<Part>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    objects: Option<Vec<Value>>,
}

impl Written {
    pub(super) fn new(observation: &Observation) -> Self {
        let fact = &observation.fact;
        // An object says its own kind.
        let names_kind = !matches!(
            fact,
            Fact::Applied(_) | Fact::Deleted(_) | Fact::Found(_) | Fact::NotFound(_)
        );
        let row = fact.kind().filter(|_| names_kind).map(Row::of);
        let mut line = Self {
            at: observation.at,
            fact: word(fact),
            kind: row.map(|row| row.object_kind),
            part: None,
            namespace: row.and_then(Row::namespace),
            error: None,
            object: None,
            objects: None,
        };
        match fact {
            Fact::Listed { objects, .. } => {
                line.objects = Some(objects.iter().map(object::object).collect());
            }
            Fact::Page { part, pods } => {
                line.part = Some(*part);
                line.objects = Some(pods.iter().map(object::pod).collect());
            }
            Fact::Applied(object) | Fact::Deleted(object) => {
                line.object = Some(object::object(object));
            }
            Fact::Found(pod) => line.object = Some(object::pod(pod)),
            Fact::NotFound(name) => line.object = Some(object::pod_name(name)),
            Fact::Lost { error, .. } => line.error = Some(error.to_string()),
            Fact::Alive(_) | Fact::Tick => {}
        }
        line
    }
}

fn word(fact: &Fact) -> &'static str {
    match fact {
        Fact::Listed { .. } => "listed",
        Fact::Page { .. } => "page",
        Fact::Applied(_) => "applied",
        Fact::Deleted(_) => "deleted",
        Fact::Found(_) => "found",
        Fact::NotFound(_) => "not_found",
        Fact::Lost { .. } => "lost",
        Fact::Alive(_) => "alive",
        Fact::Tick => "tick",
    }
}

/// A line as it is read. Everything else in it is left alone.
#[derive(Deserialize)]
struct Read<'a> {
    at: Option<Time>,
    fact: Option<String>,
    kind: Option<String>,
    namespace: Option<String>,
    part: Option<Part>,
    error: Option<String>,
    #[serde(borrow)]
    object: Option<&'a RawValue>,
    #[serde(borrow)]
    objects: Option<Vec<&'a RawValue>>,
}

/// What an object says it is.
#[derive(Deserialize)]
struct TypeMeta {
    kind: Option<String>,
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum BadLine {
    /// Not JSON, or a field of the wrong type.
    #[error("it is not an observation in JSON: {}", in_line(.0))]
    Json(#[from] serde_json::Error),
    /// A field that every such line has is missing.
    #[error("a line with fact {fact:?} needs {missing:?}")]
    Missing {
        /// The fact, or `?` if that is what is missing.
        fact: String,
        /// The field.
        missing: &'static str,
    },
    /// No such fact.
    #[error(
        "there is no fact {0:?}; there are listed, page, applied, deleted, found, not_found, lost, alive and tick"
    )]
    UnknownFact(String),
    /// An object cannot be read.
    #[error("{0}")]
    Object(#[from] Unreadable),
}

/// The parser counts lines of its own and always says that it is in the first one.
fn in_line(error: &serde_json::Error) -> String {
    error.to_string().replace("at line 1 column", "at column")
}

/// The facts of a line: one, and a second one if a list holds elections and heartbeats. What is of a kind that is
/// not watched only lets time pass: a recording may come from a newer version.
pub(super) fn parse(line: &str) -> Result<(Time, Vec<Fact>), BadLine> {
    let line: Read = serde_json::from_str(line)?;
    let missing = |missing| BadLine::Missing {
        fact: line.fact.clone().unwrap_or_else(|| "?".to_owned()),
        missing,
    };
    let at = line.at.ok_or_else(|| missing("at"))?;
    let kind = || {
        let name = line.kind.as_deref().ok_or_else(|| missing("kind"))?;
        Ok::<_, BadLine>(watched(name, line.namespace.as_deref()))
    };
    let said = || match line.object {
        Some(json) => known(json.get()),
        None => Err(missing("object")),
    };
    let fact = line.fact.as_deref().ok_or_else(|| missing("fact"))?;
    let facts = match fact {
        "listed" => {
            let objects = line.objects.as_deref().ok_or_else(|| missing("objects"))?;
            kind()?.map_or(Ok(Vec::new()), |kind| listings(kind, objects))?
        }
        "page" => {
            let part = line.part.ok_or_else(|| missing("part"))?;
            let objects = line.objects.as_deref().ok_or_else(|| missing("objects"))?;
            let pods = kind()? == Some(Kind::Pod);
            if pods { vec![Fact::Page { part, pods: read_pods(objects)? }] } else { Vec::new() }
        }
        "applied" => said()?.map(applied).into_iter().collect(),
        "deleted" => said()?.map(deleted).into_iter().collect(),
        "found" => said()?.and_then(found).into_iter().collect(),
        "not_found" => said()?.and_then(found).map(not_found).into_iter().collect(),
        "lost" => {
            let error = line.error.as_deref().unwrap_or("no reason given");
            let error = leadership::text::clean(error);
            kind()?.map(|kind| Fact::Lost { kind, error }).into_iter().collect()
        }
        "alive" => kind()?.map(Fact::Alive).into_iter().collect(),
        "tick" => vec![Fact::Tick],
        other => return Err(BadLine::UnknownFact(other.to_owned())),
    };
    Ok((at, if facts.is_empty() { vec![Fact::Tick] } else { facts }))
}

fn watched(name: &str, namespace: Option<&str>) -> Option<Kind> {
    let named = || ROWS.iter().filter(|row| row.object_kind == name);
    let bound = |row: &&Row| row.namespace().is_some() && row.namespace() == namespace;
    let row = named().find(bound).or_else(|| named().find(|row| row.namespace().is_none()))?;
    Some(row.kind)
}

/// What carries no record was perhaps a lock before: it is none now.
fn applied(said: Said) -> Fact {
    match said {
        Said::Object(object) => Fact::Applied(object),
        Said::NoLock(_) => deleted(said),
    }
}

fn deleted(said: Said) -> Fact {
    Fact::Deleted(match said {
        Said::Object(object) => object,
        Said::NoLock(key) => Object::Lock(LockRecord::empty(key)),
    })
}

/// Only pods are looked up.
fn found(said: Said) -> Option<Fact> {
    match said {
        Said::Object(Object::Pod(pod)) => Some(Fact::Found(pod)),
        Said::Object(_) | Said::NoLock(_) => None,
    }
}

fn not_found(found: Fact) -> Fact {
    match found {
        Fact::Found(PodRecord { namespace, name, .. }) => {
            Fact::NotFound(PodName { namespace, name })
        }
        other => other,
    }
}

fn known(json: &str) -> Result<Option<Said>, BadLine> {
    let TypeMeta { kind } = serde_json::from_str(json)?;
    let kind = kind.as_deref().unwrap_or_default();
    let Some(row) = ROWS.iter().find(|row| row.object_kind == kind) else {
        return Ok(None);
    };
    Ok(Some((row.read)(json)?.said))
}

/// `kubectl get leases -A` lists elections and heartbeats together; they are two watches here.
fn listings(kind: Kind, objects: &[&RawValue]) -> Result<Vec<Fact>, BadLine> {
    let read = Row::of(kind).read;
    let mut own = Vec::new();
    let mut heartbeats = Vec::new();
    for json in objects {
        let Said::Object(object) = read(json.get())?.said else { continue };
        match object.kind() {
            of if of == kind => own.push(object),
            Kind::NodeLease => heartbeats.push(object),
            _ => {}
        }
    }
    let mut facts = vec![Fact::Listed { kind, objects: own }];
    if !heartbeats.is_empty() {
        facts.push(Fact::Listed { kind: Kind::NodeLease, objects: heartbeats });
    }
    Ok(facts)
}

fn read_pods(objects: &[&RawValue]) -> Result<Vec<PodRecord>, BadLine> {
    let read = objects.iter().map(|json| Ok((Row::of(Kind::Pod).read)(json.get())?.said.object()));
    let pods = |object| match object {
        Some(Object::Pod(pod)) => Some(pod),
        _ => None,
    };
    read.filter_map(|said| said.map(pods).transpose()).collect()
}
