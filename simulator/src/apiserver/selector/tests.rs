//! What selectors admit.

use super::*;
use serde_json::json;

fn pod() -> Facets {
    Facets::of(
        Resource::Pods,
        &json!({
            "metadata": {"namespace": "a", "name": "p", "labels": {"app": "x", "empty": ""}},
            "spec": {"nodeName": "n1"}, "status": {"phase": "Running"},
        }),
    )
}

#[test]
fn selectors_admit_what_kubernetes_admits() {
    let cases = [
        ("", "", true),
        ("metadata.name=p", "", true),
        ("metadata.name==p,metadata.namespace=a", "", true),
        ("metadata.namespace!=a", "", false),
        ("spec.nodeName=n1,status.phase!=Failed", "", true),
        ("spec.nodeName=", "", false),
        ("", "app=x", true),
        ("", "app==y", false),
        ("", "app!=y", true),
        ("", "absent!=y", true),
        ("", "app in (x, y),empty", true),
        ("", "app notin (x,y)", false),
        ("", "!app", false),
        ("", "!absent , app", true),
        ("", "empty=", true),
    ];
    for (fields, labels, admitted) in cases {
        let selector = Selector::parse(Resource::Pods, None, fields, labels).unwrap();
        assert_eq!(selector.admits(&pod()), admitted, "{fields:?} {labels:?}");
    }
}

#[test]
fn a_namespace_narrows() {
    for (namespace, admitted) in [("a", true), ("b", false)] {
        let selector = Selector::parse(Resource::Pods, Some(namespace.into()), "", "").unwrap();
        assert_eq!(selector.admits(&pod()), admitted);
    }
}

#[test]
fn what_is_no_selector_is_refused() {
    let refused = [
        (Resource::Leases, "spec.nodeName=n", ""),
        (Resource::Pods, "metadata.name", ""),
        (Resource::Pods, "", "app like (x)"),
    ];
    for (resource, fields, labels) in refused {
        assert!(Selector::parse(resource, None, fields, labels).is_err());
    }
}
