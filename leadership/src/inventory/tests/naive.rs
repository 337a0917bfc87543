//! The packed store against the simplest one: a list that is searched from end to end.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Apply(PodRecord),
    Delete(PodRecord),
    List(Vec<PodRecord>),
}

fn any_pod() -> impl Strategy<Value = PodRecord> {
    let few = |texts: &'static [&'static str]| proptest::sample::select(texts);
    (few(&["a", "b"]), few(&["p", "p.1", "q-1-x"]), 0..3_u8, few(&["n1", "n2"]), 0..8_u8).prop_map(
        |(namespace, name, version, node, bits)| {
            let host_network = bits & 1 != 0;
            let named = pod(namespace, name, node);
            let pod = if bits & 2 != 0 { owned(named, "ReplicaSet", "q-1", "1") } else { named };
            PodRecord {
                uid: format!("{name}-{version}").into(),
                host_network,
                hostname: (bits & 4 != 0 && !host_network).then(|| text("h.x")),
                ips: if host_network { vec![] } else { vec![format!("10.0.0.{version}").into()] },
                ..pod
            }
        },
    )
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => any_pod().prop_map(Step::Apply),
        2 => any_pod().prop_map(Step::Delete),
        1 => proptest::collection::vec(any_pod(), 0..6).prop_map(Step::List),
    ]
}

/// One pod in each place, the newest.
#[derive(Default)]
struct Naive(Vec<PodRecord>);

impl Naive {
    fn apply(&mut self, pod: PodRecord) {
        self.0.retain(|it| (&it.namespace, &it.name) != (&pod.namespace, &pod.name));
        self.0.push(pod);
    }

    fn delete(&mut self, pod: &PodRecord) {
        let is = |it: &PodRecord| {
            (&it.namespace, &it.name, &it.uid) == (&pod.namespace, &pod.name, &pod.uid)
        };
        self.0.retain(|it| !is(it));
    }

    fn find(&self, fits: impl Fn(&PodRecord) -> bool) -> Vec<PodRecord> {
        sorted(self.0.iter().filter(|it| fits(it)).cloned())
    }
}

/// Without what nobody asks for.
fn sorted(pods: impl Iterator<Item = PodRecord>) -> Vec<PodRecord> {
    let plain = pods.map(|mut pod| {
        pod.owner.iter_mut().for_each(|owner| owner.uid = Arc::default());
        pod
    });
    let mut pods: Vec<PodRecord> = plain.collect();
    pods.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
    pods
}

fn found(seen: impl Iterator<Item = Seen>) -> Vec<PodRecord> {
    sorted(seen.map(|seen| seen.record))
}

fn compare(inventory: &Inventory, naive: &Naive) {
    assert_eq!(inventory.pods(), naive.0.len());
    for name in ["p", "p.1", "q-1-x", "h.x", "p-1", "h-x", "10.0.0.0", "10.0.0.1", "10.0.0.2"] {
        let key = text(name);
        let find = |index| found(inventory.find(index, &key, None));
        assert_eq!(find(Index::Name), naive.find(|pod| pod.name == key));
        assert_eq!(find(Index::Host), naive.find(|pod| pod.hostname.as_ref() == Some(&key)));
        assert_eq!(find(Index::Address), naive.find(|pod| pod.ips.contains(&key)));
        let plain = |pod: &PodRecord| index::sanitized(pod).as_ref() == Some(&key);
        assert_eq!(find(Index::Sanitized), naive.find(plain));
        let near = found(inventory.find(Index::Name, &key, Some(&text("a"))));
        assert_eq!(near, naive.find(|pod| pod.name == key && *pod.namespace == *"a"));
    }
    for node in ["n1", "n2"] {
        let here = |pod: &PodRecord| pod.host_network && pod.node.as_deref() == Some(node);
        assert_eq!(found(inventory.on_host(&text(node))), naive.find(here));
    }
    for pod in &naive.0 {
        let root = Arc::new(Root::of_pod(pod));
        assert_eq!(found(inventory.siblings(&root)), naive.find(|it| Root::of_pod(it) == *root));
        assert!(inventory.pod(&pod.uid).is_some_and(|seen| seen.gone.is_none()));
    }
}

proptest! {
    #[test]
    fn the_packed_store_finds_what_a_search_of_all_pods_finds(
        steps in proptest::collection::vec(any_step(), 1..30),
    ) {
        let (mut inventory, mut naive) = (Inventory::default(), Naive::default());
        for (second, step) in (0..).zip(steps) {
            match step {
                Step::Apply(pod) => {
                    inventory.apply_pod(pod.clone(), at(second));
                    naive.apply(pod);
                }
                Step::Delete(pod) => {
                    inventory.delete_pod(pod.clone(), at(second));
                    naive.delete(&pod);
                }
                Step::List(pods) => {
                    inventory.begin_list(Kind::Pod);
                    naive.0.clear();
                    for pod in pods {
                        inventory.apply_pod(pod.clone(), at(second));
                        naive.apply(pod);
                    }
                    inventory.end_list(Kind::Pod, at(second));
                }
            }
            compare(&inventory, &naive);
        }
    }
}
