//! The chart on the real API server: what it installs is accepted, and the exporter works with exactly the rights that
//! it gives.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::account::{Account, Right};
use e2e::plane::ControlPlane;
use e2e::product::Exporter;
use e2e::release::Release;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, ListParams, PostParams};
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use observe::kinds::{LOOK_UP_VERBS, ROWS, Scope, VERBS};
use observe::review;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(30);

/// What the code asks for of the objects in a namespace; everywhere, if none are named.
fn asked_for(named: bool, place: &str, without: &[&str]) -> BTreeSet<Right> {
    let mut rights = BTreeSet::new();
    for row in ROWS.iter().filter(|row| !without.contains(&row.resource)) {
        let here = match row.scope {
            Scope::Namespaces => !named || place != "kube-node-lease",
            Scope::Only(namespace) => !named || place == namespace,
            Scope::Cluster => !named,
        };
        if here {
            let right =
                |verb: &&str| (row.group.to_owned(), row.resource.to_owned(), (*verb).to_owned());
            rights.extend(VERBS.iter().map(right));
        }
    }
    rights
}

/// What an account may do beyond what everybody may.
fn own(account: &Account<'_>, nobody: &Account<'_>, place: &str) -> Result<BTreeSet<Right>> {
    let everybody = nobody.rights(place)?;
    Ok(account.rights(place)?.difference(&everybody).cloned().collect())
}

const LEGACY: [&str; 2] = ["configmaps", "endpoints"];

/// Waits until every watch is live, for two rounds of the snapshot.
fn sees(exporter: &Exporter, resources: &[&str]) -> Result<()> {
    for resource in resources {
        let label = format!("resource=\"{resource}\"");
        exporter.until(PATIENCE, "leadership_watch_up", &[&label], |up| up > 0.5)?;
    }
    let (code, page) = exporter.get("/metrics")?;
    ensure!(code == 200 && !page.contains("leadership_watch_up{resource=\"leases\"} 0"), "{page}");
    let blind: Vec<_> = page
        .lines()
        .filter(|line| line.starts_with("leadership_watch_up{") && line.ends_with(" 0"))
        .collect();
    ensure!(blind.is_empty(), "{blind:?}\n{}", exporter.process.tail());
    Ok(())
}

fn start(plane: &ControlPlane, release: &Release<'_>, account: &Account<'_>) -> Result<Exporter> {
    let flags = release.flags()?;
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    Exporter::start(&account.kubeconfig, &plane.dir(), &flags)
}

#[test]
#[ignore = "needs Go: run e2e/run"]
fn the_whole_cluster_is_watched_with_exactly_the_rights_of_the_chart() -> Result<()> {
    let plane = ControlPlane::start()?;
    plane.create_namespace("monitoring", "restricted")?;
    let nobody = plane.account("default", "nobody")?;
    let release = Release::install(&plane, "leader", "monitoring", &[])?;
    let account = plane.account("monitoring", "leader-leadership-exporter")?;
    for place in ["monitoring", "kube-system", "kube-node-lease"] {
        assert_eq!(own(&account, &nobody, place)?, asked_for(false, place, &LEGACY), "{place}");
    }
    let exporter = start(&plane, &release, &account)?;
    sees(&exporter, &["leases", "node_leases", "pods", "nodes", "deployments", "statefulsets"])?;
    drop(exporter);

    // Each value that gives a right gives it and no other.
    release.upgrade(&["watch.legacyLocks={configmaps,endpoints}", "auth.mode=kubernetes"])?;
    let mut asked = asked_for(false, "default", &[]);
    for (group, resource) in review::RESOURCES {
        asked.insert((group.to_owned(), resource.to_owned(), "create".to_owned()));
    }
    assert_eq!(own(&account, &nobody, "default")?, asked);
    release.upgrade(&["watch.pods=off", "watch.nodes=false", "watch.workloads=false"])?;
    let without = [&LEGACY[..], &["pods", "nodes", "deployments", "statefulsets"]].concat();
    assert_eq!(own(&account, &nobody, "default")?, asked_for(false, "default", &without));
    let exporter = start(&plane, &release, &account)?;
    sees(&exporter, &["leases", "node_leases"])
}

#[test]
#[ignore = "needs Go: run e2e/run"]
fn pods_are_looked_up_with_the_right_to_get_them_and_no_other() -> Result<()> {
    let plane = ControlPlane::start()?;
    plane.create_namespace("monitoring", "restricted")?;
    let nobody = plane.account("default", "nobody")?;
    let release = Release::install(&plane, "leader", "monitoring", &["watch.pods=lookup"])?;
    let account = plane.account("monitoring", "leader-leadership-exporter")?;
    let without = [&LEGACY[..], &["pods"]].concat();
    let mut asked = asked_for(false, "default", &without);
    asked.extend(LOOK_UP_VERBS.map(|verb| (String::new(), "pods".to_owned(), verb.to_owned())));
    assert_eq!(own(&account, &nobody, "default")?, asked);

    plane.create_pod("somebody", "n1")?;
    let exporter = start(&plane, &release, &account)?;
    hold(&plane, "default")?;
    sees(&exporter, &["leases", "node_leases", "pods", "nodes", "deployments", "statefulsets"])?;
    let leader = ["lease=\"election\"", "pod=\"somebody\"", "node=\"n1\""];
    exporter.until(PATIENCE, "leadership_leader_info", &leader, |info| info > 0.5)?;
    for (result, count) in [("found", 1.0), ("not_found", 0.0), ("failed", 0.0)] {
        let label = format!("result=\"{result}\"");
        let looked_up = exporter.sample("leadership_lookups_total", &[&label])?;
        assert_eq!(looked_up, Some(count), "{result}");
    }
    let page = exporter.get("/metrics")?.1;
    for unknown in ["leadership_candidates{", "leadership_failure_tolerance{"] {
        assert!(!page.contains(unknown), "{page}");
    }
    Ok(())
}

#[test]
#[ignore = "needs Go: run e2e/run"]
fn some_namespaces_are_watched_with_roles_and_nothing_else() -> Result<()> {
    let plane = ControlPlane::start()?;
    for namespace in ["a", "b", "c", "monitoring"] {
        plane.create_namespace(namespace, "restricted")?;
    }
    let nobody = plane.account("default", "nobody")?;
    let release = Release::install(&plane, "leader", "monitoring", &["watch.namespaces={a,b}"])?;
    let account = plane.account("monitoring", "leader-leadership-exporter")?;
    for place in ["a", "b", "kube-node-lease"] {
        let without = [&LEGACY[..], &["nodes"]].concat();
        assert_eq!(own(&account, &nobody, place)?, asked_for(true, place, &without), "{place}");
    }
    for place in ["c", "monitoring", "kube-system"] {
        assert_eq!(own(&account, &nobody, place)?, BTreeSet::new(), "{place}");
    }
    for right in asked_for(false, "", &[]) {
        assert!(!account.may_everywhere(&right)?, "{right:?}");
    }
    let exporter = start(&plane, &release, &account)?;
    sees(&exporter, &["leases", "node_leases", "pods", "deployments", "statefulsets"])?;
    for namespace in ["a", "b", "c"] {
        hold(&plane, namespace)?;
    }
    for namespace in ["a", "b"] {
        let label = format!("namespace=\"{namespace}\"");
        let held = [&*label, "state=\"held\""];
        exporter.until(PATIENCE, "leadership_lease_state", &held, |held| held > 0.5)?;
    }
    let elsewhere =
        exporter.sample("leadership_lease_state", &["namespace=\"c\"", "state=\"held\""])?;
    assert_eq!(elsewhere, None);
    Ok(())
}

/// Lets somebody hold a lease.
fn hold(plane: &ControlPlane, namespace: &str) -> Result<()> {
    let now = observe::clock::now().to_string();
    let spec = json!({
        "holderIdentity": "somebody", "leaseDurationSeconds": 3600, "leaseTransitions": 0,
        "acquireTime": now, "renewTime": now,
    });
    let lease = serde_json::from_value(json!({"metadata": {"name": "election"}, "spec": spec}))?;
    let leases: Api<k8s_openapi::api::coordination::v1::Lease> =
        Api::namespaced(plane.client(), namespace);
    plane.runtime().block_on(leases.create(&PostParams::default(), &lease))?;
    Ok(())
}

/// Pods as the chart makes them: of the Deployment, and of the test.
fn pods(release: &Release<'_>) -> Result<Vec<Pod>> {
    let objects = release.objects()?;
    let pods = objects.into_iter().filter_map(|mut object| match object["kind"].as_str() {
        Some("Deployment") => {
            let mut pod = object["spec"]["template"].take();
            pod["metadata"]["name"] = json!("of-the-deployment");
            Some(pod)
        }
        Some("Pod") => Some(object),
        _ => None,
    });
    Ok(pods.map(serde_json::from_value).collect::<Result<_, _>>()?)
}

#[test]
#[ignore = "needs Go: run e2e/run"]
fn its_pods_are_admitted_where_pods_are_restricted_and_nothing_is_left_behind() -> Result<()> {
    let plane = ControlPlane::start()?;
    plane.create_namespace("monitoring", "restricted")?;
    let everything = [
        "replicas=2",
        "podDisruptionBudget.enabled=true",
        "networkPolicy.enabled=true",
        "dashboards.enabled=true",
        "auth.mode=kubernetes",
        "webConfig.secretName=web",
        "webConfig.tls=true",
        "service.type=NodePort",
    ];
    let before = inventory(&plane)?;
    let release = Release::install(&plane, "leader", "monitoring", &everything)?;
    let api: Api<Pod> = Api::namespaced(plane.client(), "monitoring");
    let dry = PostParams { dry_run: true, ..PostParams::default() };
    let create = |pod: &Pod| plane.runtime().block_on(api.create(&dry, pod));
    let admitted = pods(&release)?;
    assert_eq!(admitted.len(), 2);
    for pod in &admitted {
        create(pod)?;
    }
    // The admission is really asked.
    release.upgrade(&["securityContext=null", "podSecurityContext=null"])?;
    for pod in pods(&release)? {
        let refused = create(&pod).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(refused.contains("violates PodSecurity"), "{refused}");
    }
    release.uninstall()?;
    assert_eq!(inventory(&plane)?, before);
    Ok(())
}

/// Everything that the chart may make, wherever it is.
fn inventory(plane: &ControlPlane) -> Result<Vec<Value>> {
    let kinds = [
        ("", "v1", "ConfigMap"),
        ("", "v1", "Secret"),
        ("", "v1", "Service"),
        ("", "v1", "ServiceAccount"),
        ("", "v1", "Pod"),
        ("apps", "v1", "Deployment"),
        ("policy", "v1", "PodDisruptionBudget"),
        ("networking.k8s.io", "v1", "NetworkPolicy"),
        ("rbac.authorization.k8s.io", "v1", "ClusterRole"),
        ("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding"),
        ("rbac.authorization.k8s.io", "v1", "Role"),
        ("rbac.authorization.k8s.io", "v1", "RoleBinding"),
    ];
    let mut all = Vec::new();
    for (group, version, kind) in kinds {
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
        let objects: Api<DynamicObject> = Api::all_with(plane.client(), &resource);
        for object in plane.runtime().block_on(objects.list(&ListParams::default()))? {
            all.push(json!([kind, object.metadata.namespace, object.metadata.name]));
        }
    }
    Ok(all)
}
