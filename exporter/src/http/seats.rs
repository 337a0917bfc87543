//! Seats for connections. When all are taken, whoever has been silent for longest makes room; and no client has more
//! than its share of those that are served.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// All seats.
#[derive(Debug)]
pub(super) struct Seats {
    free: Arc<Semaphore>,
    room: Arc<Mutex<Room>>,
    share: usize,
    taken: u64,
}

/// Who sits where.
#[derive(Debug, Default)]
struct Room {
    /// Those who have asked for nothing yet, in the order in which they came.
    waiting: BTreeMap<u64, Arc<Notify>>,
    /// How many seats are served, by client.
    served: BTreeMap<IpAddr, usize>,
}

/// One seat. Free again when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    number: u64,
    client: IpAddr,
    share: usize,
    room: Arc<Mutex<Room>>,
    served: AtomicBool,
    asked: Arc<Notify>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Seats {
    /// So many seats, of which one client may have `share` that are served.
    pub(super) fn new(seats: usize, share: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(seats)), room: Arc::default(), share, taken: 0 }
    }

    /// A seat for a connection that came. If there is none, the one who has asked for nothing for longest is asked to
    /// leave; if all have asked for something, this waits.
    pub(super) async fn take(&mut self, client: IpAddr) -> Seat {
        let free = Arc::clone(&self.free);
        if free.available_permits() == 0
            && let Some((_, oldest)) = held(&self.room).waiting.pop_first()
        {
            oldest.notify_one();
        }
        // It is never closed; without a permit a seat would be one too many, which is no harm.
        let permit = free.acquire_owned().await.ok();
        let asked = Arc::new(Notify::new());
        self.taken += 1;
        held(&self.room).waiting.insert(self.taken, Arc::clone(&asked));
        Seat {
            number: self.taken,
            client,
            share: self.share,
            room: Arc::clone(&self.room),
            served: AtomicBool::new(false),
            asked,
            _permit: permit,
        }
    }
}

impl Seat {
    /// Asks for something: from now on nobody makes it leave.
    pub(super) fn keep(&self) {
        held(&self.room).waiting.remove(&self.number);
    }

    /// Asks for something that takes its time; whether its client has not as much as its share already.
    pub(super) fn serve(&self) -> bool {
        let mut room = held(&self.room);
        let served = room.served.entry(self.client).or_default();
        let within = *served < self.share;
        if within && !self.served.swap(true, Ordering::Relaxed) {
            *served += 1;
        }
        within
    }

    /// Ready when it has to leave.
    pub(super) async fn asked_to_leave(&self) {
        self.asked.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut room = held(&self.room);
        room.waiting.remove(&self.number);
        if *self.served.get_mut()
            && let Some(served) = room.served.get_mut(&self.client)
        {
            *served -= 1;
            if *served == 0 {
                room.served.remove(&self.client);
            }
        }
    }
}

fn held(room: &Mutex<Room>) -> MutexGuard<'_, Room> {
    room.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const SOON: Duration = Duration::from_secs(1);
    const ONE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    #[tokio::test(start_paused = true)]
    async fn the_oldest_who_asked_for_nothing_makes_room() {
        let mut seats = Seats::new(3, 3);
        let (busy, old, new) =
            (seats.take(ONE).await, seats.take(ONE).await, seats.take(ONE).await);
        busy.keep();
        let another = timeout(SOON, async {
            tokio::join!(seats.take(ONE), async {
                old.asked_to_leave().await;
                drop(old);
            })
            .0
        });
        assert!(another.await.is_ok());
        assert!(timeout(SOON, new.asked_to_leave()).await.is_err());
        assert!(timeout(SOON, busy.asked_to_leave()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn while_all_have_asked_for_something_the_next_one_waits() {
        let mut seats = Seats::new(1, 1);
        let busy = seats.take(ONE).await;
        busy.keep();
        assert!(timeout(SOON, seats.take(ONE)).await.is_err());
        drop(busy);
        assert!(timeout(SOON, seats.take(ONE)).await.is_ok());
    }

    #[tokio::test]
    async fn no_client_is_served_beyond_its_share_and_what_it_leaves_is_free_again() {
        let mut seats = Seats::new(9, 2);
        let (first, second) = (seats.take(ONE).await, seats.take(ONE).await);
        assert!(first.serve() && second.serve());
        let third = seats.take(ONE).await;
        assert!(!third.serve(), "that is more than its share");
        assert!(seats.take(OTHER).await.serve(), "another has a share of its own");
        drop(first);
        assert!(third.serve());
        drop((second, third));
        assert!(held(&seats.room).served.is_empty(), "nobody is remembered who has gone");
    }
}
