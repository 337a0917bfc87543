//! Which election a name on the command line means.

use std::sync::Arc;

use leadership::lock::{LockKey, LockKind};
use leadership::snapshot::{Election, Snapshot};
use observe::several::split;

/// Names that are told when none fits.
const NEAR: usize = 5;

/// The election called `NAMESPACE/NAME`, or `NAME` if only one namespace has it; of several clusters also
/// `CLUSTER/NAMESPACE/NAME`. Over a `ConfigMap` or Endpoints it is `configmap/NAMESPACE/NAME` or
/// `endpoints/NAMESPACE/NAME`, and needs that only where a Lease has the same name.
///
/// # Errors
/// When there is none, or more than one; the text names what was meant perhaps.
pub(super) fn find<'a>(snapshot: &'a Snapshot, name: &str) -> anyhow::Result<&'a Arc<Election>> {
    match named(snapshot, name).as_slice() {
        [one] => Ok(one),
        [] => anyhow::bail!("no election \"{name}\"{}", near(snapshot, name)),
        several => {
            let all: Vec<_> = several.iter().map(|e| e.key.to_string()).collect();
            anyhow::bail!("\"{name}\" is ambiguous; write one of: {}", all.join(", "))
        }
    }
}

/// All elections that this name may mean.
pub(super) fn named<'a>(snapshot: &'a Snapshot, name: &str) -> Vec<&'a Arc<Election>> {
    let (kind, name) = kind_of(name);
    let of_kind = |election: &&Arc<Election>| kind.is_none_or(|kind| election.key.kind == kind);
    let mut all: Vec<_> =
        snapshot.elections.iter().filter(of_kind).filter(|it| is(it, name)).collect();
    let twin = |election: &Election| {
        let lease = LockKey { kind: LockKind::Lease, ..election.key.clone() };
        kind.is_none() && lease != election.key && snapshot.election(&lease).is_some()
    };
    all.retain(|election| !twin(election));
    all
}

/// The kind before a name, if there is one, and the name.
fn kind_of(name: &str) -> (Option<LockKind>, &str) {
    let kinds = [LockKind::ConfigMap, LockKind::Endpoints];
    let told = kinds.into_iter().find_map(|kind| Some((kind, name.strip_prefix(kind.prefix())?)));
    told.map_or((None, name), |(kind, rest)| (Some(kind), rest))
}

fn is(election: &Election, name: &str) -> bool {
    match name.rsplit_once('/') {
        Some((namespace, name)) => {
            let (_, within) = split(&election.key.namespace);
            let named = *election.key.namespace == *namespace || within == namespace;
            named && *election.key.name == *name
        }
        None => *election.key.name == *name,
    }
}

/// The elections whose names come nearest.
fn near(snapshot: &Snapshot, name: &str) -> String {
    let wanted = name.rsplit('/').next().unwrap_or(name);
    let mut names: Vec<(usize, String)> = snapshot
        .elections
        .iter()
        .map(|election| (distance(wanted, &election.key.name), election.key.to_string()))
        .filter(|(far, _)| *far <= wanted.len().max(4) / 2)
        .collect();
    names.sort();
    names.truncate(NEAR);
    if names.is_empty() {
        return format!(
            "; `fleet-top list -o name` prints the {} there are",
            snapshot.elections.len()
        );
    }
    let names: Vec<String> = names.into_iter().map(|(_, name)| name).collect();
    format!("; perhaps one of: {}", names.join(", "))
}

/// Edits that turn one name into the other; none if one contains the other.
fn distance(a: &str, b: &str) -> usize {
    if !a.is_empty() && b.contains(a) {
        return 0;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn names_are_found_with_and_without_their_namespace() {
        let fleet = samples::fleet();
        let name = |text| find(&fleet, text).map(|found| found.key.to_string());
        assert_eq!(name("gitjob").unwrap(), "cattle-fleet-system/gitjob");
        assert_eq!(name("kube-system/kube-scheduler").unwrap(), "kube-system/kube-scheduler");
    }

    #[test]
    fn unknown_names_bring_near_ones() {
        let error = find(&samples::fleet(), "kube-scheduller").unwrap_err().to_string();
        assert_eq!(
            error,
            "no election \"kube-scheduller\"; perhaps one of: kube-system/kube-scheduler"
        );
        let error = find(&samples::fleet(), "xyzzyxyzzy").unwrap_err().to_string();
        assert!(error.contains("list -o name"), "{error}");
    }

    #[test]
    fn ambiguous_names_bring_all_of_them() {
        let elections = ["a", "b"].map(|namespace| Arc::new(samples::election(namespace, "x")));
        let snapshot = Snapshot { elections: elections.into(), ..Snapshot::default() };
        let error = find(&snapshot, "x").unwrap_err().to_string();
        assert_eq!(error, "\"x\" is ambiguous; write one of: a/x, b/x");
    }

    #[test]
    fn two_locks_of_one_name_can_be_told_apart() {
        let of = |kind| {
            let mut election = samples::election("a", "x");
            election.key.kind = kind;
            Arc::new(election)
        };
        let all = [LockKind::Lease, LockKind::ConfigMap, LockKind::Endpoints].map(of);
        let snapshot = Snapshot { elections: all.clone().into(), ..Snapshot::default() };
        for (name, kind) in [
            ("x", LockKind::Lease),
            ("a/x", LockKind::Lease),
            ("configmap/a/x", LockKind::ConfigMap),
            ("endpoints/x", LockKind::Endpoints),
        ] {
            assert_eq!(find(&snapshot, name).unwrap().key.kind, kind, "{name}");
        }
        let older = Snapshot { elections: all[1..].to_vec(), ..Snapshot::default() };
        let error = find(&older, "a/x").unwrap_err().to_string();
        assert!(error.contains("configmap/a/x, endpoints/a/x"), "{error}");
    }

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("gitjob", "gitjob"), 0);
        assert_eq!(distance("gitjop", "gitjob"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
    }
}
