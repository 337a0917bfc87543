//! Texts that many pods share, each kept once and known by a number.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Texts in use: namespaces, nodes, owners, phases, images, names of containers.
#[derive(Debug, Default)]
pub(super) struct Texts {
    ids: BTreeMap<Arc<str>, u32>,
    /// Each with how often it is used; one that nobody uses is free for another text.
    slots: Vec<(Arc<str>, u32)>,
    free: Vec<u32>,
}

impl Texts {
    /// The number of a text, which is used once more now.
    pub(super) fn hold(&mut self, text: &Arc<str>) -> u32 {
        if let Some(id) = self.ids.get(text) {
            if let Some((_, uses)) = place(&mut self.slots, *id) {
                *uses += 1;
            }
            return *id;
        }
        let fresh = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        let id = self.free.pop().unwrap_or(fresh);
        match place(&mut self.slots, id) {
            Some(slot) => *slot = (Arc::clone(text), 1),
            None => self.slots.push((Arc::clone(text), 1)),
        }
        self.ids.insert(Arc::clone(text), id);
        id
    }

    /// The text of a number.
    pub(super) fn get(&self, id: u32) -> Arc<str> {
        let slot = usize::try_from(id).ok().and_then(|id| self.slots.get(id));
        slot.map(|(text, _)| Arc::clone(text)).unwrap_or_default()
    }

    /// The text of a number, which is used once less now. Nobody else may need it any more.
    pub(super) fn drop(&mut self, id: u32) -> Arc<str> {
        let Some((text, uses)) = place(&mut self.slots, id) else {
            return Arc::default();
        };
        *uses = uses.saturating_sub(1);
        if *uses > 0 {
            return Arc::clone(text);
        }
        let text = std::mem::take(text);
        self.ids.remove(&text);
        self.free.push(id);
        text
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }
}

fn place(slots: &mut [(Arc<str>, u32)], id: u32) -> Option<&mut (Arc<str>, u32)> {
    slots.get_mut(usize::try_from(id).ok()?)
}
