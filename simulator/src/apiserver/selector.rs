//! `fieldSelector` and `labelSelector`, as far as the API server supports them for our resources.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::resource::Resource;

/// What selectors can ask of an object.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Facets {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    /// `spec.nodeName`, pods only.
    pub(crate) node: String,
    /// `status.phase`, pods and namespaces.
    pub(crate) phase: String,
}

impl Facets {
    pub(crate) fn of(resource: Resource, object: &Value) -> Self {
        let text = |pointer: &str| text_at(object, pointer);
        let labels = object
            .pointer("/metadata/labels")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect();
        let pod = resource == Resource::Pods;
        Self {
            namespace: text("/metadata/namespace"),
            name: text("/metadata/name"),
            labels,
            node: if pod { text("/spec/nodeName") } else { String::new() },
            phase: text("/status/phase"),
        }
    }

    fn field(&self, field: Field) -> &str {
        match field {
            Field::Name => &self.name,
            Field::Namespace => &self.namespace,
            Field::Node => &self.node,
            Field::Phase => &self.phase,
        }
    }
}

fn text_at(object: &Value, pointer: &str) -> String {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Name,
    Namespace,
    Node,
    Phase,
}

/// Selectable fields, and the resource which alone has it (`None`: all).
const FIELDS: [(&str, Field, Option<Resource>); 5] = [
    ("metadata.name", Field::Name, None),
    ("metadata.namespace", Field::Namespace, None),
    ("spec.nodeName", Field::Node, Some(Resource::Pods)),
    ("status.phase", Field::Phase, Some(Resource::Pods)),
    ("status.phase", Field::Phase, Some(Resource::Namespaces)),
];

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Field { field: Field, value: String, equal: bool },
    LabelIn { key: String, values: BTreeSet<String> },
    LabelNotIn { key: String, values: BTreeSet<String> },
    LabelExists { key: String, exists: bool },
}

impl Wanted {
    fn admits(&self, facets: &Facets) -> bool {
        let label = |key: &str| facets.labels.get(key);
        match self {
            Self::Field { field, value, equal } => (facets.field(*field) == value) == *equal,
            Self::LabelIn { key, values } => label(key).is_some_and(|v| values.contains(v)),
            Self::LabelNotIn { key, values } => !label(key).is_some_and(|v| values.contains(v)),
            Self::LabelExists { key, exists } => label(key).is_some() == *exists,
        }
    }
}

/// A parsed pair of selectors; the empty one admits everything.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Selector {
    namespace: Option<String>,
    wanted: Vec<Wanted>,
}

impl Selector {
    /// Only objects of `namespace`, if one is given, which both selectors admit.
    ///
    /// # Errors
    /// The message of a 400: an unknown field, or text that is no selector.
    pub(crate) fn parse(
        resource: Resource,
        namespace: Option<String>,
        fields: &str,
        labels: &str,
    ) -> Result<Self, String> {
        let mut wanted = Vec::new();
        for term in fields.split(',').filter(|term| !term.is_empty()) {
            wanted.push(field_term(resource, term)?);
        }
        for term in split_outside_parentheses(labels) {
            wanted.push(label_term(term)?);
        }
        Ok(Self { namespace, wanted })
    }

    /// No selector narrows it, though a namespace may.
    pub(crate) fn is_open(&self) -> bool {
        self.wanted.is_empty()
    }

    pub(crate) fn admits(&self, facets: &Facets) -> bool {
        self.namespace.as_ref().is_none_or(|ns| *ns == facets.namespace)
            && self.wanted.iter().all(|wanted| wanted.admits(facets))
    }
}

fn field_term(resource: Resource, term: &str) -> Result<Wanted, String> {
    let (name, value, equal) =
        equality(term).ok_or_else(|| format!("invalid field selector: {term:?}"))?;
    let (_, field, _) = FIELDS
        .iter()
        .find(|(known, _, only)| *known == name && only.is_none_or(|only| only == resource))
        .ok_or_else(|| format!("field label not supported: {name}"))?;
    Ok(Wanted::Field { field: *field, value: value.to_owned(), equal })
}

/// `a!=b`, `a==b` and `a=b`, in this order, for each contains the next.
fn equality(term: &str) -> Option<(&str, &str, bool)> {
    [("!=", false), ("==", true), ("=", true)].into_iter().find_map(|(operator, equal)| {
        let (key, value) = term.split_once(operator)?;
        Some((key.trim(), value.trim(), equal))
    })
}

fn split_outside_parentheses(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    text.split(move |c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .map(str::trim)
    .filter(|term| !term.is_empty())
}

fn label_term(term: &str) -> Result<Wanted, String> {
    if let Some(set) = set_term(term) {
        return Ok(set);
    }
    if let Some((key, value, equal)) = equality(term) {
        let (key, values) = (key.to_owned(), BTreeSet::from([value.to_owned()]));
        return Ok(if equal {
            Wanted::LabelIn { key, values }
        } else {
            Wanted::LabelNotIn { key, values }
        });
    }
    let (key, exists) = match term.strip_prefix('!') {
        Some(key) => (key.trim(), false),
        None => (term, true),
    };
    if key.contains(|c: char| c.is_whitespace() || "()".contains(c)) {
        return Err(format!("unable to parse requirement: {term:?}"));
    }
    let key = key.to_owned();
    Ok(Wanted::LabelExists { key, exists })
}

/// `key in (a,b)` and `key notin (a,b)`.
fn set_term(term: &str) -> Option<Wanted> {
    let (head, list) = term.strip_suffix(')')?.split_once('(')?;
    let (key, operator) = head.trim().split_once(char::is_whitespace)?;
    let key = key.to_owned();
    let values = list.split(',').map(|v| v.trim().to_owned()).collect();
    match operator.trim() {
        "in" => Some(Wanted::LabelIn { key, values }),
        "notin" => Some(Wanted::LabelNotIn { key, values }),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
