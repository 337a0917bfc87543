//! Texts set anew in an object that is encoded already: the little that a renewal changes, without all the work of a write.

use std::sync::OnceLock;

use serde_json::{Value, json};

use super::change::ChangeKind;
use super::encoded::{Line, untyped};
use super::{ApiServer, Refused, Resource};

/// Where in an object, as a JSON pointer, and what shall be there.
pub(crate) type Stamp = (&'static str, String);

/// What an object says since its JSON was written.
#[derive(Debug)]
pub(super) struct Stamped {
    resource: Resource,
    stamps: Vec<Stamp>,
    /// Made when somebody asks for it: that takes ten times as long as the same in protobuf.
    line: OnceLock<Line>,
}

impl Stamped {
    /// Of two stamps in one place the new one counts.
    pub(super) fn new(resource: Resource, old: Option<&Self>, new: &[Stamp]) -> Self {
        let old = old.map_or(&[][..], |old| &old.stamps);
        let kept = old.iter().filter(|old| new.iter().all(|new| new.0 != old.0));
        Self { resource, stamps: kept.chain(new).cloned().collect(), line: OnceLock::new() }
    }

    pub(super) fn put_on(&self, mut object: Value) -> Value {
        for (pointer, text) in &self.stamps {
            if let Some(value) = object.pointer_mut(pointer).filter(|value| value.is_string()) {
                *value = json!(text);
            }
        }
        object
    }

    pub(super) fn line(&self, written: &Line) -> &Line {
        self.line.get_or_init(|| {
            let object = untyped(self.put_on(written.parse()));
            Line::new(ChangeKind::Modified, self.resource, &object)
        })
    }
}

impl ApiServer {
    /// Sets texts and times of an object that has them, which no selector asks for; others stay away.
    ///
    /// # Errors
    /// [`Refused::NotFound`].
    pub(crate) fn stamp(
        &self,
        resource: Resource,
        namespace: &str,
        name: &str,
        stamps: &[Stamp],
    ) -> Result<u64, Refused> {
        let version = self.store().stamp(resource, namespace, name, stamps)?;
        self.notify(resource, version);
        Ok(version)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::apiserver::encoding::Encoding;
    use crate::apiserver::selector::Selector;
    use crate::objects::{lease, micros, seconds};
    use crate::scene::Scene;
    use crate::virtual_time::now;

    /// Of the same object in two servers, one is written and one is stamped: nobody can tell them apart.
    struct Pair {
        written: ApiServer,
        stamped: ApiServer,
        resource: Resource,
    }

    impl Pair {
        fn of(resource: Resource, mut object: Value) -> Self {
            // Their clocks may have gone on in between.
            object["metadata"]["creationTimestamp"] = json!(seconds(now()));
            let [written, stamped] = [(); 2].map(|()| ApiServer::new(&Scene::empty(), now));
            for server in [&written, &stamped] {
                server.apply(object.clone()).unwrap();
            }
            Self { written, stamped, resource }
        }

        fn set(&self, namespace: &str, name: &str, stamps: &[Stamp]) {
            let edit = |object: &mut Value| {
                for (pointer, text) in stamps {
                    *object.pointer_mut(pointer).unwrap() = json!(text);
                }
            };
            self.written.change(self.resource, namespace, name, edit).unwrap();
            self.stamped.stamp(self.resource, namespace, name, stamps).unwrap();
        }

        fn is_one(&self) {
            for encoding in [Encoding::Json, Encoding::Protobuf] {
                let [written, stamped] = [&self.written, &self.stamped].map(|server| {
                    let store = server.store();
                    let shown = store.shown(self.resource, &Selector::default());
                    let items: Vec<Vec<u8>> =
                        shown.iter().map(|object| object.item(encoding).to_vec()).collect();
                    (items, store.since(self.resource, 0, &Selector::default(), encoding).ok())
                });
                assert_eq!(written, stamped);
            }
            assert_eq!(self.written.list(self.resource), self.stamped.list(self.resource));
        }
    }

    #[test]
    fn a_renewal_is_what_a_write_would_have_been() {
        // Some of these lengths are written in one byte and some in two, and so are versions and times.
        for length in 0..160 {
            let holder = "x".repeat(length);
            let renew = Some(now());
            let record = lease::Record { holder, renew, ..lease::Record::default() };
            let mut object = lease::new("ns", "lease");
            lease::set(&mut object, &record, "app", now());
            let pair = Pair::of(Resource::Leases, object);
            for nanos in [0, 1_000, 9_000, 2_000_000, 999_999_000, 0, 5_000] {
                let at = Timestamp::new(1_700_000_000, nanos).unwrap();
                let stamps = [
                    ("/spec/renewTime", micros(at)),
                    ("/metadata/managedFields/0/time", seconds(at)),
                ];
                pair.set("ns", "lease", &stamps);
                pair.set("ns", "lease", &stamps[..1]);
            }
            pair.is_one();
        }
    }

    fn pod() -> Value {
        let conditions = ["Initialized", "Ready", "ContainersReady"].map(|of| {
            json!({"type": of, "status": "True", "lastProbeTime": null, "lastTransitionTime": seconds(now())})
        });
        json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "ns", "name": "pod"},
            "status": {"phase": "Running", "conditions": conditions},
        })
    }

    const LATER: &str = "2030-01-01T00:00:00Z";

    #[test]
    fn one_condition_of_many_is_stamped_and_what_is_not_there_stays_away() {
        let pair = Pair::of(Resource::Pods, pod());
        pair.set("ns", "pod", &[("/status/conditions/1/lastTransitionTime", LATER.to_owned())]);
        pair.is_one();
        let pod = || pair.stamped.get(Resource::Pods, "ns", "pod").unwrap();
        assert_eq!(pod()["status"]["conditions"][1]["lastTransitionTime"], LATER);
        let mut before = pod();
        let absent = ["/status/conditions/9/lastTransitionTime", "/status/startTime"]
            .map(|pointer| (pointer, LATER.to_owned()));
        before["metadata"]["resourceVersion"] =
            json!(pair.stamped.stamp(Resource::Pods, "ns", "pod", &absent).unwrap().to_string());
        assert_eq!(pod(), before);
        let refused = pair.stamped.stamp(Resource::Pods, "ns", "other", &absent);
        assert!(matches!(refused, Err(Refused::NotFound { .. })), "{refused:?}");
    }

    #[test]
    fn what_was_stamped_can_be_written_again() {
        let pair = Pair::of(Resource::Pods, pod());
        pair.set("ns", "pod", &[("/status/conditions/0/lastTransitionTime", LATER.to_owned())]);
        for server in [&pair.written, &pair.stamped] {
            let edit = |pod: &mut Value| pod["status"]["phase"] = json!("Failed");
            server.change(Resource::Pods, "ns", "pod", edit).unwrap();
        }
        pair.is_one();
        let pod = pair.stamped.get(Resource::Pods, "ns", "pod").unwrap();
        assert_eq!(pod["status"]["conditions"][0]["lastTransitionTime"], LATER);
    }

    #[test]
    fn stamps_do_not_gather() {
        let stamp = |pointer, text: &str| (pointer, text.to_owned());
        let first = Stamped::new(Resource::Pods, None, &[stamp("/a", "1"), stamp("/b", "1")]);
        let second = Stamped::new(Resource::Pods, Some(&first), &[stamp("/a", "2")]);
        assert_eq!(second.stamps, [stamp("/b", "1"), stamp("/a", "2")]);
    }
}
