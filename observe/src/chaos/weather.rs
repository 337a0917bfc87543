//! What goes wrong between the observer and the API server.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use leadership::time::Time;
use simulator::{Outage, Resource, StreamedLists};
use tokio::time::sleep;

use super::world::{World, name};
use crate::clock;

/// One thing that can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Packets are lost in both directions; open connections never learn of it.
    Partition,
    /// The same, only towards the observer.
    Deaf,
    /// Packets are kept back, and all come at once when it is over.
    Hold,
    /// The server is away, and has lost its watch cache when it comes back.
    Restart,
    /// The server is away and comes back as it was.
    Outage,
    /// A balancer answers 503 in the server's place.
    Unavailable,
    /// The server answers 429.
    Busy,
    /// The server forgets what it knew, again and again.
    Forgetful,
    /// All connections are cut, now and then.
    Cut,
    /// Watches end as soon as they have begun.
    Brief,
    /// The server takes requests and answers none.
    Hung,
    /// Events that nobody can read.
    Poison,
    /// Of the servers behind one address the one that we are at stands still: it answers, and knows nothing new. In the end
    /// it catches up.
    Behind,
    /// The same, and in the end we are at another.
    Replaced,
}

const TROUBLES: [Trouble; 14] = [
    Trouble::Partition,
    Trouble::Deaf,
    Trouble::Hold,
    Trouble::Restart,
    Trouble::Outage,
    Trouble::Unavailable,
    Trouble::Busy,
    Trouble::Forgetful,
    Trouble::Cut,
    Trouble::Brief,
    Trouble::Hung,
    Trouble::Poison,
    Trouble::Behind,
    Trouble::Replaced,
];

/// How lists as streams fare: each history has its own way, from its beginning to its end.
const STREAMED: [Option<StreamedLists>; 6] = [
    None,
    Some(StreamedLists::Cut),
    Some(StreamedLists::Refused),
    Some(StreamedLists::Stalled),
    Some(StreamedLists::Unmarked),
    Some(StreamedLists::Expired),
];

impl Trouble {
    /// Whether nothing new comes through.
    pub(super) fn is_total(self) -> bool {
        matches!(self, Self::Partition | Self::Deaf | Self::Hold | Self::Restart | Self::Outage)
            || self == Self::Hung
            || self.is_still()
    }

    /// Whether the server answers, and knows nothing new.
    pub(super) fn is_still(self) -> bool {
        matches!(self, Self::Behind | Self::Replaced)
    }
}

/// What went wrong, from when until when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spell {
    pub(super) trouble: Trouble,
    pub(super) from: Time,
    pub(super) to: Time,
}

/// What went wrong so far.
pub(super) type Almanac = Arc<Mutex<Vec<Spell>>>;

/// How long all is well before anything goes wrong, and between two troubles at least: rhythms must be learned.
pub(super) const CALM: Duration = Duration::from_mins(1);

/// Nothing but renewals and no trouble: what is provisional becomes final, and all is told.
pub(super) const QUIET: Duration = Duration::from_mins(4);

/// Makes trouble for so long, then none until all is over.
pub(super) async fn blow(world: World, seed: u64, lasts: Duration, almanac: Almanac) {
    let mut rng = Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let way = usize::from(seed.to_le_bytes()[0]);
    world.server.faults(|faults| {
        faults.streamed_lists = STREAMED[way % STREAMED.len()];
        // Each way of lists in either encoding.
        faults.without_protobuf = (way / STREAMED.len()).is_multiple_of(2);
    });
    let begun = clock::now();
    sleep(CALM).await;
    while clock::since(begun) < lasts {
        let trouble = TROUBLES[rng.usize(0..TROUBLES.len())];
        let length = Duration::from_millis(match rng.u8(0..4) {
            0 => rng.u64(200..5_000),
            1 | 2 => rng.u64(5_000..40_000),
            _ => rng.u64(40_000..150_000),
        });
        let from = clock::now();
        strike(&world, trouble, length, &mut rng).await;
        almanac.lock().unwrap().push(Spell { trouble, from, to: clock::now() });
        // Sometimes the next comes before the last is overcome.
        let rest = if rng.u8(0..4) == 0 { CALM / 10 } else { CALM };
        sleep(rest.mul_f64(1.0 + rng.f64())).await;
    }
    world.change(|sky| sky.quiet = true);
    sleep(QUIET).await;
    world.change(|sky| sky.over = true);
}

async fn strike(world: &World, trouble: Trouble, length: Duration, rng: &mut Rng) {
    let server = &world.server;
    match trouble {
        Trouble::Partition => {
            turmoil::partition("observer", "api");
            sleep(length).await;
            turmoil::repair("observer", "api");
        }
        Trouble::Deaf => {
            turmoil::partition_oneway("api", "observer");
            sleep(length).await;
            turmoil::repair_oneway("api", "observer");
        }
        Trouble::Hold => {
            turmoil::hold("observer", "api");
            sleep(length).await;
            turmoil::release("observer", "api");
        }
        Trouble::Restart => go_away(world, length, || server.compact()).await,
        Trouble::Outage => go_away(world, length, || {}).await,
        Trouble::Unavailable => {
            server.faults(|faults| faults.outage = Some(Outage::Unavailable));
            sleep(length).await;
            server.faults(|faults| faults.outage = None);
        }
        Trouble::Busy => {
            let seconds = rng.u32(1..20);
            server.faults(|faults| faults.busy = Some(seconds));
            server.break_watches();
            sleep(length).await;
            server.faults(|faults| faults.busy = None);
        }
        Trouble::Forgetful => again_and_again(length, rng, || server.compact()).await,
        Trouble::Cut => again_and_again(length, rng, || server.break_watches()).await,
        Trouble::Brief => {
            server.faults(|faults| faults.brief_watches = [Resource::Leases].into());
            server.break_watches();
            sleep(length).await;
            server.faults(|faults| faults.brief_watches.clear());
        }
        Trouble::Hung => {
            server.faults(|faults| faults.black_hole(Resource::Leases));
            sleep(length).await;
            server.faults(|faults| faults.fill_hole(Resource::Leases));
        }
        Trouble::Behind => stand_still(world, length).await,
        Trouble::Replaced => {
            stand_still(world, length).await;
            server.break_watches();
        }
        Trouble::Poison => {
            let mut turn = 0_usize;
            again_and_again(length, rng, || {
                turn += 1;
                poison(world, turn);
            })
            .await;
        }
    }
}

/// Nobody reaches the server for so long; when it comes back it is not the same.
async fn go_away(world: &World, length: Duration, change: impl FnOnce()) {
    world.change(|sky| sky.down = true);
    world.server.faults(|faults| faults.outage = Some(Outage::Disconnected));
    sleep(length).await;
    change();
    world.server.faults(|faults| faults.outage = None);
    world.change(|sky| sky.down = false);
}

async fn stand_still(world: &World, length: Duration) {
    world.server.faults(|faults| faults.stale = true);
    sleep(length).await;
    world.server.faults(|faults| faults.stale = false);
}

async fn again_and_again(length: Duration, rng: &mut Rng, mut what: impl FnMut()) {
    let begun = clock::now();
    while clock::since(begun) < length {
        what();
        sleep(Duration::from_millis(rng.u64(300..8_000))).await;
    }
}

fn poison(world: &World, turn: usize) {
    let line: &[u8] = match turn % 6 {
        0 => {
            // It may be deleted at present.
            let _ = world.server.poison_lease("ns", &name(turn % 4));
            return;
        }
        1 => b"{\"type\":\"MODIFIED\",\"object\":\xff\xfe}\n",
        2 => b"{\"type\":\"MODIFIED\",\"object\":{\"metadata\":17}}\n",
        3 => b"\n\n",
        4 => b"{\"type\":\"NEWS\",\"object\":null}\n",
        _ => b"{\"type\":\"ERROR\",\"object\":{\"code\":500,\"message\":\"cannot encode\"}}\n",
    };
    world.server.inject(Resource::Leases, line.to_vec());
}
