use proptest::prelude::*;

use super::*;
use crate::time::Time;

/// Texts as clusters have them, and such as only a test would write.
fn any_text() -> impl Strategy<Value = Arc<str>> {
    let odd = ["", "-", "web", "web-5d8f", "Web-ä", "10.0.0.1", "010.0.0.1", "fd00::1", "FD00::1"];
    let uids = ["b0dfb562-3f0e-4b6a-9d51-0c7a2a3b4c5d", "B0DFB562-3f0e-4b6a-9d51-0c7a2a3b4c5d"];
    let fixed = proptest::sample::select([odd.as_slice(), uids.as_slice()].concat());
    prop_oneof![fixed.prop_map(Arc::from), "\\PC{0,12}".prop_map(Arc::from)]
}

fn any_time() -> impl Strategy<Value = Time> {
    let seconds = (-5_i64..4_000_000_000).prop_map(|second| second * 1_000_000);
    prop_oneof![seconds, any::<i64>()].prop_map(Time::from_micros)
}

fn maybe<T: std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(value)
}

prop_compose! {
    fn any_container()(
        name in any_text(), image in maybe(any_text()), restarts: u32,
        running_since in maybe(any_time()), waiting in maybe(any_text()),
    ) -> ContainerRecord {
        ContainerRecord { name, image, restarts, running_since, waiting }
    }
}

prop_compose! {
    fn any_end()(
        container in any_text(), reason in maybe(any_text()), exit_code: i32,
        finished in maybe(any_time()),
    ) -> Termination {
        Termination { container, reason, exit_code, finished }
    }
}

prop_compose! {
    fn any_pod()(
        texts in proptest::array::uniform4(any_text()),
        options in proptest::array::uniform5(maybe(any_text())),
        times in proptest::array::uniform4(maybe(any_time())),
        flags: [bool; 2],
        owner in maybe((any_text(), any_text())),
        ips in proptest::collection::vec(any_text(), 0..3),
        containers in proptest::collection::vec(any_container(), 0..3),
        terminations in proptest::collection::vec(any_end(), 0..3),
    ) -> PodRecord {
        let [namespace, name, uid, phase] = texts;
        let [node, hostname, reason, disruption, template] = options;
        let [created, started, ready_since, deletion] = times;
        let [host_network, containers_ready] = flags;
        let owner = owner.map(|(kind, name)| Owner { kind, name, uid: Arc::default() });
        PodRecord {
            namespace, name, uid, node, host_network, hostname, ips, phase, reason, created, started,
            ready_since, containers_ready, disruption, deletion, owner, template, containers, terminations,
        }
    }
}

proptest! {
    #[test]
    fn what_is_unpacked_is_what_was_packed(
        pods in proptest::collection::vec((any_pod(), proptest::array::uniform3(maybe(any_time()))), 1..5),
    ) {
        let mut texts = Texts::default();
        let seen: Vec<Seen> = pods.into_iter().map(|(record, times)| {
            let root = Arc::new(Root::of_pod(&record));
            let [deletion_seen, finished_seen, gone] = times;
            Seen { record, root, deletion_seen, finished_seen, gone }
        }).collect();
        let packed: Vec<_> = seen.iter().map(|seen| pack(seen, &mut texts)).collect();
        for (packed, seen) in packed.iter().zip(&seen) {
            prop_assert_eq!(&unpack(packed, &mut |id| texts.get(id)), seen);
        }
        for (packed, seen) in packed.iter().zip(&seen) {
            prop_assert_eq!(&unpack(packed, &mut |id| texts.drop(id)), seen);
        }
        prop_assert_eq!(texts.len(), 0, "nothing of them stays");
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        unpack(&bytes, &mut |_| Arc::from("é"));
    }
}
