use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const U: &str = "b0dfb562-3f0e-4b6a-9d51-0c7a2a3b4c5d";

/// What the holder is (`@` stands for a UUID), its format, its host, and the weaker names after it.
type Case = (&'static str, Format, Option<&'static str>, &'static [&'static str]);

use Format as F;

const CASES: &[Case] = &[
    // controller-runtime and its like
    ("gitjob-8fb8698c-7j6v9_@", F::HostnameUuid, Some("gitjob-8fb8698c-7j6v9"), &[]),
    (
        "fleet-controller-6c9b5d7f8-x2x9k_@",
        F::HostnameUuid,
        Some("fleet-controller-6c9b5d7f8-x2x9k"),
        &[],
    ),
    (
        "helmops-shard-a-7d4b9c6f5-qqz2p_@",
        F::HostnameUuid,
        Some("helmops-shard-a-7d4b9c6f5-qqz2p"),
        &[],
    ),
    ("cp-1_@", F::HostnameUuid, Some("cp-1"), &[]),
    ("ip-10-0-0-5.ec2.internal_@", F::HostnameUuid, Some("ip-10-0-0-5.ec2.internal"), &[]),
    ("kube-prod-control-plane_@", F::HostnameUuid, Some("kube-prod-control-plane"), &[]),
    (
        "argo-rollouts-5c77c8c65b-4l9tp_@",
        F::HostnameUuid,
        Some("argo-rollouts-5c77c8c65b-4l9tp"),
        &[],
    ),
    ("karpenter-0_@", F::HostnameUuid, Some("karpenter-0"), &[]),
    ("external_machine_7_@", F::HostnameUuid, Some("external_machine_7"), &[]),
    ("x_B0DFB562-3F0E-4B6A-9D51-0C7A2A3B4C5D", F::HostnameUuid, Some("x"), &[]),
    (
        "web.app.prod.svc.cluster.local_@",
        F::HostnameUuid,
        Some("web.app.prod.svc.cluster.local"),
        &[],
    ),
    // wrangler, cluster-autoscaler, Linkerd, Spring; pods and nodes by name
    ("rancher-dbc7ff869-gvg6k", F::Hostname, Some("rancher-dbc7ff869-gvg6k"), &[]),
    (
        "cluster-autoscaler-aws-6f7d5c9b4-k8s2n",
        F::Hostname,
        Some("cluster-autoscaler-aws-6f7d5c9b4-k8s2n"),
        &[],
    ),
    (
        "linkerd-destination-79d6bb6cd5-gq4kx",
        F::Hostname,
        Some("linkerd-destination-79d6bb6cd5-gq4kx"),
        &[],
    ),
    (
        "ingress-nginx-controller-6d4f8c9b7-x2x9k",
        F::Hostname,
        Some("ingress-nginx-controller-6d4f8c9b7-x2x9k"),
        &[],
    ),
    ("istiod-7c9d8b6f5-abcde", F::Hostname, Some("istiod-7c9d8b6f5-abcde"), &[]),
    ("worker", F::Hostname, Some("worker"), &[]),
    ("worker-1", F::Hostname, Some("worker-1"), &["worker"]),
    ("node-a.example.com", F::Hostname, Some("node-a.example.com"), &[]),
    ("pg-cluster-2", F::Hostname, Some("pg-cluster-2"), &["pg-cluster"]),
    ("managed-cluster-lease", F::Hostname, Some("managed-cluster-lease"), &[]),
    // Fleet's agent
    (
        "fleet-agent-5f9b4c7f4c-jp8m4-1",
        F::Hostname,
        Some("fleet-agent-5f9b4c7f4c-jp8m4-1"),
        &["fleet-agent-5f9b4c7f4c-jp8m4"],
    ),
    ("fleet-agent-0-1", F::Hostname, Some("fleet-agent-0-1"), &["fleet-agent-0"]),
    (
        "ip-10-0-0-5.ec2.internal-4194304",
        F::Hostname,
        Some("ip-10-0-0-5.ec2.internal-4194304"),
        &["ip-10-0-0-5.ec2.internal"],
    ),
    ("x-12345678", F::Hostname, Some("x-12345678"), &[]),
    // CSI sidecars
    ("ip-10-0-0-5-ec2-internal", F::Hostname, Some("ip-10-0-0-5-ec2-internal"), &[]),
    ("csi-provisioner-0", F::Hostname, Some("csi-provisioner-0"), &["csi-provisioner"]),
    ("strange-X", F::Hostname, Some("strange-X"), &[]),
    // cert-manager
    (
        "cert-manager-5d7f97b46d-8zq9t-external-cert-manager-controller",
        F::HostnameLiteral,
        Some("cert-manager-5d7f97b46d-8zq9t"),
        &[],
    ),
    (
        "-external-cert-manager-controller",
        F::Hostname,
        Some("-external-cert-manager-controller"),
        &[],
    ),
    (
        "cert-manager-external-cert-manager-controller-2",
        F::Hostname,
        Some("cert-manager-external-cert-manager-controller-2"),
        &["cert-manager-external-cert-manager-controller"],
    ),
    // cilium-operator
    (
        "ip-10-3-116-232.eu-west-1.compute.internal-JiNhCkOAFs",
        F::Hostname,
        Some("ip-10-3-116-232.eu-west-1.compute.internal-JiNhCkOAFs"),
        &["ip-10-3-116-232.eu-west-1.compute.internal"],
    ),
    ("worker-3-abcdefghij", F::Hostname, Some("worker-3-abcdefghij"), &[]),
    ("worker-3-ABCDEFGHIJK", F::Hostname, Some("worker-3-ABCDEFGHIJK"), &[]),
    ("worker-3-ABCDEFGHI", F::Hostname, Some("worker-3-ABCDEFGHI"), &[]),
    // GKE
    (
        "gke-5a1b2c3d4e5f-7f6a-b1c2-vm_5985f",
        F::HostnameHex,
        Some("gke-5a1b2c3d4e5f-7f6a-b1c2-vm"),
        &[],
    ),
    ("gke-vm_5985fabc", F::HostnameHex, Some("gke-vm"), &[]),
    ("gke-vm_598", F::Hostname, Some("gke-vm_598"), &["gke-vm"]),
    ("gke-vm_5985fabcd", F::Hostname, Some("gke-vm_5985fabcd"), &["gke-vm"]),
    ("gke-vm_5985F", F::Hostname, Some("gke-vm_5985F"), &["gke-vm"]),
    // Knative's autoscaler
    (
        "autoscaler-6f7d5c9b4-abcde_10.42.0.17",
        F::PodnamePodip,
        Some("autoscaler-6f7d5c9b4-abcde"),
        &[],
    ),
    (
        "autoscaler-6f7d5c9b4-abcde_fd00::1:2",
        F::PodnamePodip,
        Some("autoscaler-6f7d5c9b4-abcde"),
        &[],
    ),
    ("autoscaler_::1", F::PodnamePodip, Some("autoscaler"), &[]),
    ("autoscaler_10.42.0", F::Hostname, Some("autoscaler_10.42.0"), &["autoscaler"]),
    ("autoscaler_10.42.0.256", F::Hostname, Some("autoscaler_10.42.0.256"), &["autoscaler"]),
    // Elastic
    (
        "elastic-agent-leader-elastic-agent-x7v2m",
        F::PrefixPodname,
        Some("elastic-agent-x7v2m"),
        &[],
    ),
    ("elastic-agent-leader-@", F::PrefixPodname, None, &[]),
    ("beats-leader-worker-1", F::PrefixNodename, Some("worker-1"), &[]),
    ("beats-leader-@", F::PrefixNodename, None, &[]),
    ("beats-leader-", F::Hostname, Some("beats-leader-"), &[]),
    ("my-beats-leader-worker", F::Hostname, Some("my-beats-leader-worker"), &[]),
    // names of nobody
    ("@", F::UuidOnly, None, &[]),
    ("1651234567890-8081-ebs-csi-aws-com", F::MillisRandDriver, None, &[]),
    ("1651234567890-1-driver-longhorn-io", F::MillisRandDriver, None, &[]),
    (
        "1651234567890-80811-ebs-csi-aws-com",
        F::Hostname,
        Some("1651234567890-80811-ebs-csi-aws-com"),
        &[],
    ),
    ("165123456789-8081-ebs", F::Hostname, Some("165123456789-8081-ebs"), &[]),
    ("apiserver-apb4cp4hnblpcjsgshanwtmkya_@", F::ApiserverUuid, None, &[]),
    ("kube-apiserver-apb4cp4hnblpcjsgshanwtmkya_@", F::ApiserverUuid, None, &[]),
    ("apiserver-short_@", F::HostnameUuid, Some("apiserver-short"), &[]),
    (
        "apiserver-apb4cp4hnblpcjsgshanwtmky1_@",
        F::HostnameUuid,
        Some("apiserver-apb4cp4hnblpcjsgshanwtmky1"),
        &[],
    ),
    ("", F::Unheld, None, &[]),
    // nonsense
    ("_", F::Hostname, Some("_"), &[]),
    ("-", F::Hostname, Some("-"), &[]),
    ("-1", F::Hostname, Some("-1"), &[]),
    ("_@", F::Hostname, Some("_@"), &[]),
    ("a__@", F::HostnameUuid, Some("a_"), &[]),
    ("@_@", F::HostnameUuid, Some("@"), &[]),
    ("x_@-1", F::Hostname, Some("x_@-1"), &["x_@", "x"]),
    ("x_@ ", F::Hostname, Some("x_@ "), &["x"]),
    ("nü-1", F::Hostname, Some("nü-1"), &["nü"]),
    ("\u{202e}evil_b0dfb562", F::HostnameHex, Some("\u{202e}evil"), &[]),
    ("x-１", F::Hostname, Some("x-１"), &[]),
    ("\n\t\0", F::Hostname, Some("\n\t\0"), &[]),
];

fn with_uuid(text: &str) -> String {
    text.replace('@', U)
}

#[test]
fn each_format_comes_apart() {
    assert!(CASES.len() >= 60);
    for (holder, format, host, weaker) in CASES {
        let holder = with_uuid(holder);
        let read = parse(&holder);
        assert_eq!(read.format, *format, "{holder}");
        assert_eq!(read.host, host.map(with_uuid).as_deref(), "{holder}");
        let mut names = read.guesses().map(|guess| guess.name);
        assert_eq!(names.next(), read.host, "{holder}");
        let weaker: BTreeSet<String> = weaker.iter().map(|name| with_uuid(name)).collect();
        assert_eq!(names.map(str::to_owned).collect::<BTreeSet<_>>(), weaker, "{holder}");
    }
}

#[test]
fn a_known_component_is_read_its_own_way() {
    for (holder, told, format, names) in [
        (
            "fleet-agent-5f-jp8m4-1",
            F::HostnamePid,
            F::HostnamePid,
            vec!["fleet-agent-5f-jp8m4-1", "fleet-agent-5f-jp8m4"],
        ),
        ("fleet-agent-5f-jp8m4", F::HostnamePid, F::Hostname, vec!["fleet-agent-5f-jp8m4"]),
        (
            "worker-3-abcdefghij",
            F::HostnameRand10,
            F::HostnameRand10,
            vec!["worker-3-abcdefghij", "worker-3"],
        ),
        (
            "ip-10-0-0-5-ec2-internal",
            F::HostnameSanitized,
            F::HostnameSanitized,
            vec!["ip-10-0-0-5-ec2-internal"],
        ),
        (
            "1651234567890-8081-ebs-csi",
            F::HostnameSanitized,
            F::HostnameSanitized,
            vec!["1651234567890-8081-ebs-csi"],
        ),
        ("worker-1", F::Nodename, F::Nodename, vec!["worker-1"]),
        ("worker-1_@", F::NodenameUuid, F::NodenameUuid, vec!["worker-1"]),
        ("worker-1_@", F::Hostname, F::HostnameUuid, vec!["worker-1"]),
        ("worker-1_10.0.0.9", F::Podname, F::PodnamePodip, vec!["worker-1"]),
        ("worker-1_@", F::Nodename, F::Nodename, vec!["worker-1_@", "worker-1"]),
        ("worker-1", F::Podname, F::Podname, vec!["worker-1"]),
        ("managed-cluster-lease", F::Static, F::Static, vec![]),
        ("server-7", F::Serverid, F::Serverid, vec![]),
        ("", F::Static, F::Unheld, vec![]),
        ("a.b", F::HostnameSanitized, F::Hostname, vec!["a.b"]),
    ] {
        let holder = with_uuid(holder);
        let read = parse_as(&holder, Some(told));
        assert_eq!(read.format, format, "{holder}");
        assert_eq!(read.told, read.format == told && !holder.is_empty(), "{holder}");
        let found: Vec<&str> = read.guesses().map(|guess| guess.name).collect();
        let names: Vec<String> = names.into_iter().map(with_uuid).collect();
        assert_eq!(found, names, "{holder}");
    }
}

#[test]
fn each_format_has_one_name_and_one_row() {
    for row in &ROWS {
        assert_eq!(Format::from_label(row.format.label()), Some(row.format));
        assert_eq!(row.format.label(), row.label);
    }
    assert_eq!(Format::from_label("no such format"), None);
}

#[test]
fn what_finds_a_holder_again() {
    let keys =
        |holder: &str| parse(&with_uuid(holder)).keys().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(keys("a-1"), ["a-1", "a"]);
    assert_eq!(keys("a_10.0.0.1"), ["a", "10.0.0.1"]);
    assert_eq!(keys("@"), [U]);
    let long = "h.sub.ns.svc.cluster.local_@";
    assert_eq!(keys(long), ["h.sub.ns.svc.cluster.local", "h.sub.ns.svc"]);
    assert_eq!(keys(""), [""; 0]);
}

#[test]
fn shapes_of_names() {
    for (name, deployment) in [
        ("gitjob-8fb8698c-7j6v9", Some("gitjob")),
        ("cert-manager-5d7f97b46d-8zq9t", Some("cert-manager")),
        ("gitjob-8fb8698c-7j6va", None),
        ("gitjob-8fb8698c-7j6v", None),
        ("-8fb8698c-7j6v9", None),
        ("web-0", None),
        ("", None),
    ] {
        assert_eq!(deployment_of(name), deployment, "{name}");
    }
    for (name, valid) in [
        ("node-a.example.com", true),
        ("a", true),
        ("", false),
        ("a..b", false),
        ("-a", false),
        ("a-", false),
        ("a_b", false),
        ("ä", false),
    ] {
        assert_eq!(dns_name(name), valid, "{name}");
    }
    assert_eq!(sanitize("ip-10-0-0-5.ec2.internal"), "ip-10-0-0-5-ec2-internal");
    assert_eq!(sanitize("a."), "a-X");
    assert_eq!(sanitize(""), "");
    assert_eq!(sanitize("nü"), "n-X");
}

/// Text that looks like a holder, and text that does not.
fn holder() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("gitjob-8fb8698c-7j6v9".to_owned()),
        Just(U.to_owned()),
        Just("10.42.0.17".to_owned()),
        Just("beats-leader-".to_owned()),
        Just("-external-cert-manager-controller".to_owned()),
        Just("JiNhCkOAFs".to_owned()),
        "[-_.]",
        "[0-9]{1,13}",
        "[a-f0-9]{4,8}",
        ".{0,4}",
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_read(holder in holder(), label in 0..ROWS.len()) {
        let told = ROWS.get(label).map(|row| row.format);
        for read in [parse(&holder), parse_as(&holder, told)] {
            prop_assert_eq!(read.format == Format::Unheld, holder.is_empty());
            for name in read.host.into_iter().chain(read.mark).chain(read.keys()) {
                prop_assert!(holder.contains(name) && !name.is_empty());
            }
            prop_assert!(read.guesses().count() <= 4);
            if let Some((host, mark)) = read.host.zip(read.mark) {
                prop_assert!(host.len() + mark.len() < holder.len(), "they do not overlap");
            }
        }
    }

    #[test]
    fn a_name_with_a_uuid_is_never_cut_short(host in "[a-z0-9]([-a-z0-9.]{0,60}[a-z0-9])?") {
        let holder = format!("{host}_{U}");
        let hash = host.trim_start_matches("kube-").strip_prefix("apiserver-");
        prop_assume!(hash.is_none_or(|hash| hash.len() != 26));
        let read = parse(&holder);
        let names: Vec<&str> = read.guesses().map(|guess| guess.name).collect();
        prop_assert_eq!(names, [&*host]);
    }

    #[test]
    fn a_sanitized_name_is_plain_and_stays(host in ".{0,80}") {
        let once = sanitize(&host);
        prop_assert!(once.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
        prop_assert_eq!(sanitize(&once), once);
    }
}
