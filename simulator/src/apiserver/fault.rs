//! What can be made to go wrong while the server runs.

use std::collections::BTreeSet;

use super::resource::Resource;

/// How the server fails as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// Every request is answered with 503; open watches break.
    Unavailable,
    /// Connections are accepted and closed at once; open ones are cut.
    Disconnected,
}

/// How watches that begin with a list (`sendInitialEvents`) go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamedLists {
    /// They are refused with 422, as by a server that has them switched off.
    Refused,
    /// Nothing marks the end of the list, as with a server too old to know of it.
    Unmarked,
    /// The connection is cut after half of the list.
    Cut,
    /// Nothing comes after half of the list while this stands; then the rest comes.
    Stalled,
    /// After half of the list comes an `ERROR` event: the version is forgotten.
    Expired,
}

/// The faults that stand now; the default is none. Set and cleared with [`ApiServer::faults`](super::ApiServer::faults).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "faults stand or do not, each for itself")]
pub struct Faults {
    /// The whole server is down.
    pub outage: Option<Outage>,
    /// Every request is answered with 429 and told to come again after so many seconds; open watches live on.
    pub busy: Option<u32>,
    /// Every request is answered with 401, as with an expired token; open watches live on.
    pub unauthorized: bool,
    /// Requests for these are answered with 403; open watches live on.
    pub forbidden: BTreeSet<Resource>,
    /// Requests for logs of pods are answered with 403: they have a right of their own.
    pub forbidden_logs: bool,
    /// Evictions are answered with 429: a disruption budget allows none.
    pub budget_spent: bool,
    /// Requests for these are answered with 404, as by a server too old to know them.
    pub unknown: BTreeSet<Resource>,
    /// Lists of these, streamed ones too, get no answer, not even headers, while this stands; then they are answered.
    pub hang_lists: BTreeSet<Resource>,
    /// Starting watches of these get no answer, not even headers, while this stands; then they start.
    pub hang_watch_starts: BTreeSet<Resource>,
    /// Open watches of these send nothing, neither events nor bookmarks nor their end, as over a half-open connection. What
    /// they missed comes when the fault is cleared.
    pub silent_watches: BTreeSet<Resource>,
    /// New watches of these end well as soon as they have begun.
    pub brief_watches: BTreeSet<Resource>,
    /// Watches of any resource that begin with a list go wrong like this.
    pub streamed_lists: Option<StreamedLists>,
    /// The server stands still, as one that hears nothing of what is written through others: lists and watches know what was
    /// so when this began, and bookmarks go on to say that version. What was written comes when this is cleared.
    pub stale: bool,
    /// Nothing is served in protobuf: who takes JSON, too, gets that, and who does not gets a 406.
    pub without_protobuf: bool,
    /// Watches from a forgotten version are refused with an HTTP 410 rather than with an `ERROR` event after a 200. Real
    /// servers do both: the first without, the second with their watch cache.
    pub gone_as_status: bool,
}

impl Faults {
    /// Neither lists nor watches of `resource` answer, and open watches are silent: the network swallows everything.
    pub fn black_hole(&mut self, resource: Resource) {
        self.hang_lists.insert(resource);
        self.hang_watch_starts.insert(resource);
        self.silent_watches.insert(resource);
    }

    /// Ends a black hole.
    pub fn fill_hole(&mut self, resource: Resource) {
        self.hang_lists.remove(&resource);
        self.hang_watch_starts.remove(&resource);
        self.silent_watches.remove(&resource);
    }
}
