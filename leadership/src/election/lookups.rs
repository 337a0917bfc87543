//! Which pods a lock would have looked up, where nobody watches them all.

use std::net::IpAddr;
use std::sync::Arc;

use super::Lock;
use crate::event::Phase;
use crate::identity::{Format, dns_name, parse_as, within_cluster};
use crate::snapshot::{Leader, Note, PodName};
use crate::time::Time;

/// What calls for a look at a pod when it changes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Whose term it is, and since when.
    term: Option<(Arc<str>, Time)>,
    /// Whether it is over, as far as is known.
    over: bool,
    /// Whether its clocks have settled, and its cause has not.
    waits: bool,
    /// When the pod of a holder that was silent for long is looked at next.
    lapse: Option<Time>,
}

impl Lock {
    /// The present moment.
    pub(crate) fn moment(&self) -> Moment {
        Moment {
            term: self.term.as_ref().map(|term| (Arc::clone(&term.holder), term.start)),
            over: !matches!(self.phase, Phase::Held | Phase::Late | Phase::Unknown),
            waits: self.pending.as_ref().is_some_and(|pending| pending.measured),
            lapse: self.lapse.as_ref().map(|lapse| lapse.due),
        }
    }

    /// The pods to look at because of what changed since `before`: the holder's when its term begins and when it ends,
    /// and again where a cause waits for evidence.
    pub(crate) fn wishes(&self, before: &Moment) -> impl Iterator<Item = PodName> + use<'_> {
        let now = self.moment();
        let changed = now.term != before.term;
        let present = self.term.as_ref().filter(|_| changed || (now.over && !before.over));
        let present = present.map(|term| (&term.holder, &term.leader));
        let past = (changed && !before.over) || (now.waits && !before.waits);
        let past = self.pending.as_ref().filter(|_| past);
        let past = past.map(|it| (&it.handover.from, &it.scene.leader));
        let lapse = self.lapse.as_ref().filter(|_| now.lapse != before.lapse);
        let lapse = lapse.map(|lapse| (&lapse.holder, &lapse.leader));
        let all = [present, past, lapse].into_iter().flatten();
        all.filter_map(|(holder, leader)| self.pod_of(holder, leader))
    }

    /// The pod that a leader is, or else the one that it most likely is.
    fn pod_of(&self, holder: &str, leader: &Leader) -> Option<PodName> {
        let known = leader.pod_namespace.clone().zip(leader.pod.clone());
        known
            .map(|(namespace, name)| PodName { namespace, name })
            .or_else(|| self.guesses(holder).next().filter(|_| !leader.has(Note::External)))
    }

    /// The pod that the present holder may be if it is not this one.
    pub(crate) fn next_guess(&self, tried: &PodName) -> Option<PodName> {
        let term = self.term.as_ref().filter(|term| term.leader.pod.is_none())?;
        let mut guesses = self.guesses(&term.holder);
        guesses.find(|guess| guess == tried)?;
        guesses.next()
    }

    /// The pods that a holder may be, the surest first, each of them once. They are looked for where the lock is; last
    /// the static pod of the control plane that is called like the lock and its node.
    fn guesses(&self, holder: &str) -> impl Iterator<Item = PodName> + use<> {
        let told = self.reading.as_ref().and_then(|reading| reading.identity);
        let identity = parse_as(holder, told);
        let mut names: Vec<Arc<str>> = Vec::new();
        let fixed = identity.host.map(|host| format!("{}-{host}", self.key.name));
        let guesses = identity.guesses().flat_map(|guess| {
            let within = within_cluster(guess.name).and_then(|name| name.split('.').next());
            [within, Some(guess.name)].into_iter().flatten()
        });
        let fixed = fixed.as_deref().filter(|_| identity.format == Format::HostnameUuid);
        for name in guesses.chain(fixed).filter(|name| may_be_a_pod(name)) {
            if !names.iter().any(|known| **known == *name) {
                names.push(name.into());
            }
        }
        let namespace = Arc::clone(&self.key.namespace);
        names.into_iter().map(move |name| PodName { namespace: Arc::clone(&namespace), name })
    }
}

/// Whether a pod may be called so.
fn may_be_a_pod(name: &str) -> bool {
    let small = !name.bytes().any(|byte| byte.is_ascii_uppercase());
    small && dns_name(name) && name.parse::<IpAddr>().is_err()
}
