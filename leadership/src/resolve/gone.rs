//! A holder whose pod was deleted not long ago.

use super::judge::came_later;
use super::{Asked, ambiguous, named, pod_name};
use crate::identity::{Guess, within_cluster};
use crate::inventory::{Index, Inventory, Seen};
use crate::snapshot::{Leader, Method, Note};

/// Where a deleted pod is looked for, and how sure it is then.
const PLACES: [(Index, u16); 3] = [(Index::Name, 900), (Index::Host, 850), (Index::Sanitized, 800)];
/// How sure it is if something had to be taken off the name.
const WEAK: u16 = 600;

/// The deleted pod that a holder means; the newest of those that came back under one name.
pub(super) fn find(inventory: &Inventory, asked: &Asked<'_>) -> Option<Leader> {
    let (strong, weak): (Vec<Guess<'_>>, Vec<Guess<'_>>) =
        asked.identity.guesses().partition(|guess| !guess.weak);
    strong.into_iter().chain(weak).find_map(|guess| {
        PLACES.iter().find_map(|(index, sure)| {
            let short = within_cluster(guess.name).filter(|_| *index == Index::Host);
            let mut names = std::iter::once(guess.name).chain(short);
            let sure = if guess.weak { WEAK } else { *sure };
            names.find_map(|name| decide(&inventory.find_gone(*index, &name.into()), asked, sure))
        })
    })
}

fn decide(found: &[Seen], asked: &Asked<'_>, sure: u16) -> Option<Leader> {
    let mut pods: Vec<&Seen> = found.iter().filter(|seen| !came_later(seen, asked)).collect();
    let namespace = &asked.query.lock.namespace;
    if pods.iter().any(|seen| seen.record.namespace == *namespace) {
        pods.retain(|seen| seen.record.namespace == *namespace);
    }
    let newest = pods.first()?;
    let others = pods.iter().any(|seen| pod_name(seen) != pod_name(newest));
    let mut leader =
        if others { ambiguous(&pods, Method::Cached) } else { named(newest, Method::Cached, sure) };
    leader.note(Note::Gone);
    Some(leader)
}
