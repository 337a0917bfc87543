//! What the cluster contains, and what happens in it.

mod kubelet;

use std::time::Duration;

use tokio::task::JoinSet;

use crate::apiserver::{ApiServer, Settings};

/// A cluster to play: one of the constructors, then perhaps settings.
#[derive(Clone, Debug)]
pub struct Scene {
    play: Play,
    settings: Settings,
}

#[derive(Clone, Debug)]
enum Play {
    Empty,
}

impl Scene {
    /// Nothing: the test writes its own objects. Pods that are deleted end after their grace, but 2 s at most.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(Play::Empty)
    }

    fn new(play: Play) -> Self {
        let settings = Settings {
            bookmarks_every: Duration::from_secs(5),
            history: 32_768,
            seed: 1,
        };
        Self { play, settings }
    }

    /// How often a watch that asked for bookmarks gets one; 5 s unless told, where real servers take about a minute. Not 0.
    #[must_use]
    pub fn bookmarks_every(mut self, every: Duration) -> Self {
        self.settings.bookmarks_every = every.max(Duration::from_millis(1));
        self
    }

    /// How many changes of each resource a watch can resume over; 32,768 unless told, where real servers keep 75 s.
    #[must_use]
    pub fn history(mut self, changes: usize) -> Self {
        self.settings.history = changes;
        self
    }

    /// What chance does, and random names and uids with it; the same seed gives the same. 1 unless told.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    pub(crate) fn settings(&self) -> Settings {
        self.settings
    }

    /// Writes the scene's objects, then goes on in `tasks`.
    pub(crate) fn play(self, server: &ApiServer, tasks: &mut JoinSet<()>) {
        match self.play {
            Play::Empty => {
                tasks.spawn(kubelet::end_deleted_pods(
                    server.clone(),
                    server.deletions(),
                ));
            }
        }
    }
}
