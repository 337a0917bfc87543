//! Seats for connections. When all are taken, whoever has been silent for longest makes room.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// All seats.
#[derive(Debug)]
pub(super) struct Seats {
    free: Arc<Semaphore>,
    waiting: Waiting,
    taken: u64,
}

/// Those who have asked for nothing yet, in the order in which they came.
type Waiting = Arc<Mutex<BTreeMap<u64, Arc<Notify>>>>;

/// One seat. Free again when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    number: u64,
    waiting: Waiting,
    asked: Arc<Notify>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Seats {
    pub(super) fn new(seats: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(seats)), waiting: Waiting::default(), taken: 0 }
    }

    /// A seat for a connection that came. If there is none, the one who has asked for nothing for longest is asked to
    /// leave; if all have asked for something, this waits.
    pub(super) async fn take(&mut self) -> Seat {
        let free = Arc::clone(&self.free);
        if free.available_permits() == 0
            && let Some((_, oldest)) = held(&self.waiting).pop_first()
        {
            oldest.notify_one();
        }
        // It is never closed; without a permit a seat would be one too many, which is no harm.
        let permit = free.acquire_owned().await.ok();
        let asked = Arc::new(Notify::new());
        self.taken += 1;
        held(&self.waiting).insert(self.taken, Arc::clone(&asked));
        Seat { number: self.taken, waiting: Arc::clone(&self.waiting), asked, _permit: permit }
    }
}

impl Seat {
    /// Asks for something: from now on nobody makes it leave.
    pub(super) fn keep(&self) {
        held(&self.waiting).remove(&self.number);
    }

    /// Ready when it has to leave.
    pub(super) async fn asked_to_leave(&self) {
        self.asked.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.keep();
    }
}

fn held(waiting: &Waiting) -> MutexGuard<'_, BTreeMap<u64, Arc<Notify>>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const SOON: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn the_oldest_who_asked_for_nothing_makes_room() {
        let mut seats = Seats::new(3);
        let (busy, old, new) = (seats.take().await, seats.take().await, seats.take().await);
        busy.keep();
        let another = timeout(SOON, async {
            tokio::join!(seats.take(), async {
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
        let mut seats = Seats::new(1);
        let busy = seats.take().await;
        busy.keep();
        assert!(timeout(SOON, seats.take()).await.is_err());
        drop(busy);
        assert!(timeout(SOON, seats.take()).await.is_ok());
    }
}
