//! An election as YAML, for people: the object as far as we know it, then what we conclude from it.

use leadership::lock::LockKind;
use leadership::observation::Labels;
use leadership::snapshot::Election;
use leadership::time::Time;
use serde::Serialize;

use crate::commands::describe::report::Description;
use crate::standing;

/// The object, in the form that the API gives it. Times of writes are not among it: what is kept of
/// them is on our own clock.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Lease<'a> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata<'a>,
    spec: Spec<'a>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    namespace: &'a str,
    name: &'a str,
    uid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<&'a Labels>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    holder_identity: Option<&'a str>,
    lease_duration_seconds: Option<i64>,
    lease_transitions: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strategy: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred_holder: Option<&'a str>,
}

/// The election as YAML. What cannot be written as YAML is told in a comment.
#[must_use]
pub fn yaml(election: &Election, source: &str, now: Time) -> String {
    let mut text = String::new();
    if election.key.kind == LockKind::Lease {
        text += "# the object, as far as it is kept\n";
        text += &written(&lease(election));
        text += "---\n";
    }
    text += "# what follows from it, as fleet-top describe -o yaml tells it\n";
    text + &written(&Description::new(election, source, now))
}

fn written(value: &impl Serialize) -> String {
    serde_saphyr::to_string(value).unwrap_or_else(|error| format!("# {error}\n"))
}

fn lease(election: &Election) -> Lease<'_> {
    // While nobody leads by consent, the object names nobody.
    let term = election.term.as_ref().filter(|_| standing::claimed(election));
    Lease {
        api_version: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: Metadata {
            namespace: &election.key.namespace,
            name: &election.key.name,
            uid: &election.uid,
            labels: election.labels.as_deref(),
        },
        spec: Spec {
            holder_identity: term.map(|term| &*term.holder),
            lease_duration_seconds: election.duration.map(|it| it.as_micros() / 1_000_000),
            lease_transitions: election.reported_transitions,
            strategy: election.strategy.as_deref(),
            preferred_holder: election.preferred_holder.as_deref(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn the_object_comes_first_in_the_form_of_the_api() {
        let text = yaml(&samples::fleet().elections[2], "test", samples::NOW);
        let (object, rest) = text.split_once("---\n").unwrap();
        insta::assert_snapshot!(object);
        assert!(rest.contains("cause: oom_killed") && rest.contains("source: test"), "{rest}");
    }

    #[test]
    fn nobody_holds_what_was_released() {
        let text = yaml(&samples::fleet().elections[3], "test", samples::NOW);
        assert!(text.contains("holderIdentity: null"), "{text}");
    }
}
