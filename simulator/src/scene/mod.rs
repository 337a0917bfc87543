//! What the cluster contains, and what happens in it.

mod fleet;
mod kubelet;
mod load;

use std::time::Duration;

use tokio::task::JoinSet;

use crate::apiserver::{ApiServer, Settings};
pub use load::Size;

/// A cluster to play: one of the constructors, then perhaps settings.
#[derive(Clone, Debug)]
pub struct Scene {
    play: Play,
    settings: Settings,
}

#[derive(Clone, Debug)]
enum Play {
    Empty,
    Fleet,
    Load(Size),
}

impl Scene {
    /// Nothing: the test writes its own objects. Pods that are deleted end after their grace, but 2 s at most.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(Play::Empty)
    }

    /// A Rancher Fleet installation with three replicas of each part, on four nodes, to whose leaders something happens again
    /// and again: crashes, a drain, a rollout, a step-down, stalls, a lost node. The first failover is over 15 s after the
    /// start; for that gitjob's lock lasts 6 s (renewed each 1 s) and the agent's 15 s (2 s), all others 30 s (10 s), as in
    /// Fleet's chart.
    #[must_use]
    pub fn fleet() -> Self {
        Self::new(Play::Fleet)
    }

    /// Many of everything, for benchmarks. 20,000 pods take about 150 MB.
    #[must_use]
    pub fn load(size: Size) -> Self {
        let renew_every = size.renew_every.max(Duration::from_millis(1));
        Self::new(Play::Load(Size { renew_every, ..size }))
    }

    fn new(play: Play) -> Self {
        let settings =
            Settings { bookmarks_every: Duration::from_secs(5), history: 32_768, seed: 1 };
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
            Play::Fleet => {
                tasks.spawn(fleet::World::new(server, self.settings.seed).run());
            }
            Play::Load(size) => {
                tasks.spawn(load::Load::new(server, size, self.settings.seed).run());
                tasks.spawn(kubelet::end_deleted_pods(server.clone(), server.deletions()));
            }
            Play::Empty => {
                tasks.spawn(kubelet::end_deleted_pods(server.clone(), server.deletions()));
            }
        }
    }
}
