//! A pod in some hundred bytes: a cluster has 150,000 of them, and most are never asked for.
//!
//! Shared texts are numbers, identities and addresses are binary where that gives the very same text back,
//! numbers take as many bytes as they need. [`pack`] and [`unpack`] name the fields in one order.

mod bytes;

use std::sync::Arc;

use super::texts::Texts;
use super::{Root, Seen};
use crate::observation::{ContainerRecord, Owner, PodRecord, Termination};

use bytes::{Reader, Writer};

const HOST_NETWORK: u64 = 1;
const CONTAINERS_READY: u64 = 2;
/// A pod's template: none, the end of its owner's name, or another text.
const NO_TEMPLATE: u64 = 0;
const TAIL: u64 = 1;
const OTHER: u64 = 2;

/// Packs a pod. Its texts are in use until it is unpacked by [`Texts::drop`].
pub(super) fn pack(seen: &Seen, texts: &mut Texts) -> Box<[u8]> {
    let pod = &seen.record;
    let mut out = Writer::new(texts);
    out.text(&pod.namespace);
    out.maybe(pod.owner.as_ref(), |out, owner| {
        out.text(&owner.kind);
        out.text(&owner.name);
    });
    let owner = pod.owner.as_ref().map_or("", |owner| &*owner.name);
    out.after(owner, &pod.name);
    out.uid(&pod.uid);
    let host = if pod.host_network { HOST_NETWORK } else { 0 };
    let ready = if pod.containers_ready { CONTAINERS_READY } else { 0 };
    out.number(host | ready);
    out.maybe(pod.hostname.as_ref(), Writer::own);
    out.list(&pod.ips, Writer::address);
    out.text(&pod.phase);
    for text in [&pod.node, &pod.reason, &pod.disruption] {
        out.maybe(text.as_ref(), Writer::text);
    }
    pack_template(&mut out, owner, pod.template.as_ref());
    out.list(&pod.containers, |out, container| {
        out.text(&container.name);
        out.maybe(container.image.as_ref(), Writer::text);
        out.number(container.restarts.into());
        out.time(container.running_since);
        out.maybe(container.waiting.as_ref(), Writer::text);
    });
    out.list(&pod.terminations, |out, end| {
        out.text(&end.container);
        out.maybe(end.reason.as_ref(), Writer::text);
        out.signed(end.exit_code.into());
        out.time(end.finished);
    });
    for time in [pod.created, pod.started, pod.ready_since, pod.deletion] {
        out.time(time);
    }
    for time in [seen.deletion_seen, seen.finished_seen, seen.gone] {
        out.time(time);
    }
    out.done()
}

/// `ReplicaSet`s end in their pods' template hash.
fn pack_template(out: &mut Writer<'_>, owner: &str, template: Option<&Arc<str>>) {
    match template {
        None => out.number(NO_TEMPLATE),
        Some(template) if !owner.is_empty() && owner.ends_with(&**template) => {
            out.number(TAIL);
            out.length(template.len());
        }
        Some(template) => {
            out.number(OTHER);
            out.text(template);
        }
    }
}

/// Unpacks a pod; `text` gives the texts of its numbers.
pub(super) fn unpack(bytes: &[u8], text: &mut dyn FnMut(u32) -> Arc<str>) -> Seen {
    let mut from = Reader::new(bytes, text);
    let namespace = from.text();
    let owner =
        from.maybe(|from| Owner { kind: from.text(), name: from.text(), uid: Arc::default() });
    let above = owner.as_ref().map_or("", |owner| &*owner.name);
    let name = from.after(above);
    let uid = from.uid();
    let flags = from.number();
    let hostname = from.maybe(Reader::own);
    let ips = from.list(Reader::address);
    let phase = from.text();
    let [node, reason, disruption] = std::array::from_fn(|_| from.maybe(Reader::text));
    let template = unpack_template(&mut from, above);
    let containers = from.list(|from| ContainerRecord {
        name: from.text(),
        image: from.maybe(Reader::text),
        restarts: u32::try_from(from.number()).unwrap_or(u32::MAX),
        running_since: from.time(),
        waiting: from.maybe(Reader::text),
    });
    let terminations = from.list(|from| Termination {
        container: from.text(),
        reason: from.maybe(Reader::text),
        exit_code: i32::try_from(from.signed()).unwrap_or(i32::MAX),
        finished: from.time(),
    });
    let [created, started, ready_since, deletion] = std::array::from_fn(|_| from.time());
    let [deletion_seen, finished_seen, gone] = std::array::from_fn(|_| from.time());
    let host_network = flags & HOST_NETWORK != 0;
    let containers_ready = flags & CONTAINERS_READY != 0;
    #[rustfmt::skip]
    let record = PodRecord {
        namespace, name, uid, node, host_network, hostname, ips, phase, reason, created, started, ready_since,
        containers_ready, disruption, deletion, owner, template, containers, terminations,
    };
    let root = Arc::new(Root::of_pod(&record));
    Seen { record, root, deletion_seen, finished_seen, gone }
}

fn unpack_template(from: &mut Reader<'_, '_>, owner: &str) -> Option<Arc<str>> {
    match from.number() {
        TAIL => {
            let from_end = owner.len().saturating_sub(from.length());
            owner.get(from_end..).map(Arc::from)
        }
        OTHER => Some(from.text()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
