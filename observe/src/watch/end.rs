//! The end of a round: what is said of it, and what helps.

use std::time::Duration;

use leadership::observation::Fact;
use leadership::text::clean;

use super::Watcher;
use super::failure::{Failure, Remedy};
use crate::clock;

/// How long to wait for the next round.
pub(super) struct Rest {
    pub(super) pause: Duration,
    /// Whether the server is not there: the wait ends when somebody finds it.
    pub(super) away: bool,
}

impl Watcher {
    /// What follows from the end of a round: how long to wait before the next one.
    pub(super) async fn judge(&mut self, ended: Result<(), Failure>) -> Option<Rest> {
        let accepted = self.accepted.take();
        let lived = accepted.map_or(Duration::ZERO, clock::since);
        let given_up = std::mem::take(&mut self.given_up);
        let failure = match ended {
            Ok(()) if given_up || lived >= self.patience.settled => return None,
            Ok(()) => Failure::brief(lived),
            Err(failure) => failure,
        };
        if failure.remedy == Remedy::None {
            self.go_without(&failure).await;
            return Some(Rest { pause: failure.wait, away: false });
        }
        self.pulse.broke();
        self.lose(&failure).await;
        if failure.remedy == Remedy::Relist && self.may_list_at_once(&failure) {
            self.version = None;
            return None;
        }
        match failure.remedy {
            Remedy::Resume | Remedy::None => {}
            Remedy::Relist => self.version = None,
            Remedy::Renew => self.renew().await,
        }
        // A stream that was accepted and broke tells of a server that is there.
        let away = failure.away && accepted.is_none();
        self.backoff.lived(lived);
        self.absence.lived(lived);
        let pause = if away {
            self.absence.pause(1).min(self.patience.longest_absence)
        } else {
            // A list and a watch.
            let requests = if failure.remedy == Remedy::Relist { 2 } else { 1 };
            self.backoff.pause(requests)
        };
        Some(Rest { pause: pause.max(failure.wait), away })
    }

    /// A server that was restarted forgets versions, but it is there: blindness need not last as long as the pauses
    /// have grown while it was away. A second list soon after waits: it is what costs a server most.
    fn may_list_at_once(&self, failure: &Failure) -> bool {
        let rare = |listed| clock::since(listed) >= self.patience.healthy;
        failure.wait.is_zero() && self.version.is_some() && self.listed.is_some_and(rare)
    }

    async fn renew(&mut self) {
        if let Err(error) = self.cluster.renew(self.generation).await {
            tracing::warn!(%error, "new credentials could not be had");
        }
    }

    /// Says that we are blind, once for each reason.
    pub(super) async fn lose(&mut self, failure: &Failure) {
        let kind = self.target.row.kind;
        let error = clean(&failure.told_of(&self.target));
        if self.blind && self.complaint.as_ref() == Some(&error) {
            return;
        }
        tracing::warn!(watch = kind.label(), %error, "the watch broke");
        self.complaint = Some(error.clone());
        self.tell(clock::now(), Fact::Lost { kind, error }).await;
        self.blind = true;
    }

    /// Says once that there are no such objects. Nothing is broken, so nobody is blind.
    async fn go_without(&mut self, failure: &Failure) {
        let text = clean(&failure.told_of(&self.target));
        if self.complaint.as_ref() == Some(&text) {
            return;
        }
        let kind = self.target.row.kind;
        tracing::info!(watch = kind.label(), "{text}");
        self.version = None;
        if self.spoke {
            // There were some, or might have been.
            self.locks.relist(&[]);
            self.tell(clock::now(), Fact::Listed { kind, objects: Vec::new() }).await;
        }
        self.complaint = Some(text);
    }
}
