//! The built-in catalogue is sound, and its page in the docs is true to it.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod page;

use std::collections::BTreeSet;

use leadership::catalogue::{Catalogue, Class, Entry, Evidence};
use leadership::lock::{LockKey, LockKind};
use leadership::observation::Owner;
use observe::catalogue::{built_in, elsewhere};
use proptest::prelude::*;

/// Every component that is to be known.
const IDS: &str = "\
    aks-misc apiserver-identity argo-rollouts argo-workflows argocd-app-controller
    argocd-applicationset aws-lbc bank-vaults beats calico capi-core capi-kcp cert-manager
    cert-manager-cainjector cilium-l2 cilium-operator cle-controller cloud-controller-manager
    cluster-autoscaler cnpg-instance cnpg-operator crossplane crossplane-provider csi-attacher
    csi-health-monitor csi-provisioner csi-resizer csi-snapshotter datadog descheduler eck
    eks-misc elastic-agent envoy-gateway external-dns external-secrets fleet-agent
    fleet-agentmanagement fleet-cleanup fleet-controller fleet-gitops fleet-helmops fleet-legacy
    flux gatekeeper generic-c-r-hash-id generic-leader-suffix gke-ingress gke-misc ingress-nginx
    istio-configmaps istio-gateway-deployment istio-status k3s-ccm k3s-core k3s-etcd karpenter
    kcm-ccm-migration keda knative knative-autoscaler konnectivity-server
    kube-controller-manager kube-scheduler kube-vip-cp kube-vip-per-svc kube-vip-svcs
    kubelet-node kyverno kyverno-health leader-for-life linkerd-destination linkerd-policy
    linkerd-service-mirror local-path longhorn-cert-rotation longhorn-oneshot
    longhorn-share-manager metallb nfd-master ocm-managed-cluster openshift-cvo
    openshift-machine-approver openshift-operators otel-collector otel-operator patroni
    prometheus-operator rancher rook-operator snapshot-controller spring-cloud strimzi
    system-upgrade-controller tekton tigera-operator traefik velero vpa";

/// An entry, and a wider one behind it that fits its samples too.
const WIDER: [(&str, &str); 6] = [
    ("csi-attacher", "csi-provisioner"),
    ("csi-resizer", "csi-provisioner"),
    ("csi-snapshotter", "csi-provisioner"),
    ("csi-health-monitor", "csi-provisioner"),
    ("k3s-ccm", "cloud-controller-manager"),
    ("tekton", "knative"),
];

/// The lock of a sample, and who must own it for its entry.
fn lock(entry: &Entry, sample: &str) -> (LockKey, Option<Owner>) {
    let (namespace, name) = sample.split_once('/').unwrap();
    let kind = entry.kinds.first().copied().unwrap_or(LockKind::Lease);
    let owner = entry.owner.as_ref().map(|kind| Owner {
        kind: kind.clone(),
        name: name.into(),
        uid: "u".into(),
    });
    (LockKey { kind, ..LockKey::lease(namespace, name) }, owner)
}

fn samples(catalogue: &Catalogue) -> Vec<(Entry, String)> {
    let of = |entry: &Entry| entry.samples.iter().map(ToString::to_string).collect::<Vec<_>>();
    let pairs = catalogue
        .entries()
        .flat_map(|entry| of(entry).into_iter().map(move |sample| (Entry::clone(entry), sample)));
    pairs.collect()
}

#[test]
fn every_component_is_known() {
    let catalogue = built_in();
    let locks = catalogue.entries().map(|entry| entry.id.to_string());
    let known: BTreeSet<String> = locks.chain(elsewhere().into_iter().map(|it| it.id)).collect();
    let wanted: Vec<&str> = IDS.split_whitespace().collect();
    assert_eq!(wanted.len(), 99);
    let lacking: Vec<_> = wanted.iter().filter(|id| !known.contains(**id)).collect();
    assert!(lacking.is_empty(), "{lacking:?}");
    assert_eq!(known.len(), catalogue.entries().count() + elsewhere().len(), "an id twice");
}

#[test]
fn each_sample_finds_its_entry() {
    let catalogue = built_in();
    for entry in catalogue.entries() {
        assert!(!entry.samples.is_empty(), "{} has no sample", entry.id);
    }
    for (entry, sample) in samples(&catalogue) {
        let (key, owner) = lock(&entry, &sample);
        let known = catalogue.find(&key, owner.as_ref()).unwrap();
        assert_eq!(known.entry.id, entry.id, "{sample}");
    }
}

#[test]
fn no_other_entry_fits_a_sample() {
    let catalogue = built_in();
    let alone = |entry: &Entry| Catalogue::new(vec![entry.clone()]).unwrap();
    let others: Vec<_> = catalogue
        .entries()
        .filter(|it| !it.generic)
        .map(|it| (it.id.to_string(), alone(it)))
        .collect();
    let mut shared = BTreeSet::new();
    for (entry, sample) in samples(&catalogue) {
        let (key, owner) = lock(&entry, &sample);
        let fits = others
            .iter()
            .filter(|(id, other)| *id != *entry.id && other.find(&key, owner.as_ref()).is_some());
        shared.extend(fits.map(|(id, _)| (entry.id.to_string(), id.clone())));
    }
    let wider = WIDER.map(|(entry, other)| (entry.to_owned(), other.to_owned()));
    assert_eq!(shared, BTreeSet::from(wider));
}

#[test]
fn entries_are_whole() {
    for entry in built_in().entries() {
        let id = &entry.id;
        let evidence = entry.evidence.unwrap();
        let sourced = matches!(evidence, Evidence::Source | Evidence::Secondary);
        assert!(!sourced || !entry.sources.is_empty(), "{id} was read nowhere");
        assert!(entry.identity.is_some() || entry.generic, "{id} has no form of identity");
        if let Some(timing) = entry.timing {
            let order = [Some(timing.duration), timing.renew_deadline, timing.retry];
            let order: Vec<_> = order.into_iter().flatten().collect();
            assert!(order.windows(2).all(|pair| pair[0] > pair[1]), "{id}: {order:?}");
        }
        let hint = entry.hint.as_deref().unwrap_or("It.");
        assert!(hint.ends_with('.') && !hint.contains('\n'), "{id}: {hint}");
    }
}

#[test]
fn generic_entries_are_tried_last() {
    let catalogue = built_in();
    let first = catalogue.entries().position(|entry| entry.generic).unwrap();
    assert!(catalogue.entries().skip(first).all(|entry| entry.generic));
}

#[test]
fn fleet_is_known_wherever_it_runs() {
    let catalogue = built_in();
    for (namespace, name, id, shard) in [
        ("cattle-fleet-system", "fleet-controller-leader-election-shard", "fleet-controller", None),
        (
            "cattle-fleet-system",
            "fleet-controller-leader-election-shard-eu-1",
            "fleet-controller",
            Some("eu-1"),
        ),
        (
            "cattle-fleet-system",
            "fleet-gitops-leader-election-shard-eu-1",
            "fleet-gitops",
            Some("eu-1"),
        ),
        ("cattle-fleet-system", "fleet-helmops-leader-election-shard", "fleet-helmops", None),
        ("cattle-fleet-system", "fleet-agentmanagement-lock", "fleet-agentmanagement", None),
        ("cattle-fleet-system", "fleet-cleanup-lock", "fleet-cleanup", None),
        ("cattle-fleet-system", "fleet-agent", "fleet-agent", None),
        ("cattle-fleet-local-system", "fleet-agent", "fleet-agent", None),
        ("my-own-namespace", "fleet-agent", "fleet-agent", None),
        ("cattle-fleet-system", "fleet-agent-lock", "fleet-legacy", None),
    ] {
        let known = catalogue.find(&LockKey::lease(namespace, name), None).unwrap();
        assert_eq!((&*known.entry.id, known.shard.as_deref()), (id, shard), "{namespace}/{name}");
    }
}

#[test]
fn drivers_are_told_from_what_only_sounds_like_them() {
    let catalogue = built_in();
    for (namespace, name, id) in [
        ("kube-system", "pd-csi-storage-gke-io", Some("csi-provisioner")),
        ("vmware", "csi-vsphere-vmware-com", Some("csi-provisioner")),
        (
            "openshift-cluster-csi-drivers",
            "aws-ebs-csi-driver-operator-lock",
            Some("openshift-operators"),
        ),
        ("kube-system", "secrets-store-csi-driver", None),
    ] {
        let known = catalogue.find(&LockKey::lease(namespace, name), None);
        assert_eq!(known.as_ref().map(|it| &*it.entry.id), id, "{name}");
    }
}

#[test]
fn heartbeats_and_locks_that_rest_are_told_from_elections() {
    let catalogue = built_in();
    let class = |namespace, name| {
        catalogue.find(&LockKey::lease(namespace, name), None).map(|it| it.entry.class)
    };
    assert_eq!(class("kube-node-lease", "n1"), Some(Class::HeartbeatNode));
    let apiserver = "apiserver-apb4cp4hnblpcjsgshanwtmkya";
    assert_eq!(class("kube-system", apiserver), Some(Class::HeartbeatIdentity));
    let oneshot = class("longhorn-system", "longhorn-manager-upgrade-lock");
    assert_eq!(oneshot, Some(Class::ElectionOneshot));
}

proptest! {
    /// Names are written by strangers.
    #[test]
    fn no_name_panics(namespace in any::<String>(), name in any::<String>(), owner in any::<Option<String>>()) {
        let owner = owner.map(|kind| Owner { kind: kind.into(), name: name.as_str().into(), uid: "".into() });
        let key = LockKey::lease(&namespace, &name);
        let (first, second) = (built_in().find(&key, owner.as_ref()), built_in().find(&key, owner.as_ref()));
        prop_assert_eq!(first, second);
    }

    /// Names of the alphabet that locks are really made of.
    #[test]
    fn no_likely_name_panics(name in "[a-z0-9.-]{0,80}(-lock|-leader|\\.[0-9]{2}-of-[0-9]{2})?") {
        let _ = built_in().find(&LockKey::lease("kube-system", &name), None);
    }
}
