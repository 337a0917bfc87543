//! One copy of each text that many pods share.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::observation::PodRecord;

/// Below so many texts nothing is thrown away.
const SMALL: usize = 1024;

/// Texts in use: namespaces, nodes, phases, images, names of containers.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    texts: BTreeSet<Arc<str>>,
    /// How many there were after those in use were told from those that are not.
    tidy: usize,
}

impl Shelf {
    /// Lets the record use the texts that others use already.
    pub(super) fn share(&mut self, pod: &mut PodRecord) {
        self.tidy_up();
        self.one(&mut pod.namespace);
        self.one(&mut pod.phase);
        let some = [&mut pod.node, &mut pod.reason, &mut pod.disruption, &mut pod.template];
        for text in some.into_iter().flatten() {
            self.one(text);
        }
        if let Some(owner) = &mut pod.owner {
            for text in [&mut owner.kind, &mut owner.name, &mut owner.uid] {
                self.one(text);
            }
        }
        for container in &mut pod.containers {
            self.one(&mut container.name);
            for text in [&mut container.image, &mut container.waiting].into_iter().flatten() {
                self.one(text);
            }
        }
        for end in &mut pod.terminations {
            self.one(&mut end.container);
            end.reason.iter_mut().for_each(|reason| self.one(reason));
        }
        pod.containers.shrink_to_fit();
        pod.terminations.shrink_to_fit();
        pod.ips.shrink_to_fit();
    }

    fn one(&mut self, text: &mut Arc<str>) {
        if let Some(known) = self.texts.get(&**text) {
            *text = Arc::clone(known);
        } else {
            self.texts.insert(Arc::clone(text));
        }
    }

    /// Each time the shelf has doubled, what nobody uses any more is thrown away.
    fn tidy_up(&mut self) {
        if self.texts.len() >= SMALL.max(self.tidy.saturating_mul(2)) {
            self.texts.retain(|text| Arc::strong_count(text) > 1);
            self.tidy = self.texts.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_uses_is_thrown_away() {
        let mut shelf = Shelf::default();
        let mut kept = Vec::new();
        for n in 0..100_000 {
            let mut pod = PodRecord { namespace: format!("{n}").into(), ..PodRecord::default() };
            shelf.share(&mut pod);
            if n < 10 {
                kept.push(pod);
            }
        }
        assert!(shelf.texts.len() <= SMALL, "{}", shelf.texts.len());
        for pod in &kept {
            let mut again = PodRecord {
                namespace: pod.namespace.to_string().as_str().into(),
                ..PodRecord::default()
            };
            shelf.share(&mut again);
            assert!(Arc::ptr_eq(&again.namespace, &pod.namespace));
        }
    }
}
