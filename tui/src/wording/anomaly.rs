//! What no sound election does, in words.

use leadership::event::Anomaly;
use leadership::time::Delta;

use crate::format;

pub(super) fn anomaly(anomaly: &Anomaly) -> String {
    let seconds = |delta: &Delta| format::measured(*delta);
    match anomaly {
        Anomaly::TransitionsBackwards { from, to } => {
            format!("leaseTransitions fell from {from} to {to}")
        }
        Anomaly::TransitionsJump { by } => format!("leaseTransitions rose by {by} in one write"),
        Anomaly::TransitionsNotCounted { transitions } => {
            format!("another holder, but leaseTransitions is still {transitions}")
        }
        Anomaly::RenewBackwards { by_seconds } => format!(
            "the holder's clock went back by {}, or two write under one name",
            seconds(by_seconds)
        ),
        Anomaly::ClockStepForward { by_seconds } => {
            format!("the holder's clock jumped ahead by {}", seconds(by_seconds))
        }
        Anomaly::HolderCleared { manager } => {
            format!("emptied by {}", manager.as_deref().unwrap_or("somebody who is not its holder"))
        }
        Anomaly::RecreatedInGap { .. } => "re-created while we were blind".to_owned(),
        Anomaly::MissedDelete { uid } => {
            format!("re-created; the deletion of {uid} was never delivered")
        }
        Anomaly::NoDuration => "the lease has no duration: it never expires".to_owned(),
        Anomaly::TwoWriters { backwards, apart_seconds: None } => format!(
            "two processes renew under one name ({backwards} of 10 stamps went back): two leaders"
        ),
        Anomaly::TwoWriters { apart_seconds: Some(apart), .. } => format!(
            "two processes whose clocks differ by {} renew by turns under one name: two leaders",
            seconds(apart)
        ),
        Anomaly::AlternatingHolders { first, second } => {
            format!("{first} and {second} take it from each other within its duration")
        }
        Anomaly::StaleRelease { holder } => {
            format!("{holder} was wiped by the late release of its predecessor")
        }
        Anomaly::LocksDisagree { holder, other, other_holder } => {
            let other = other.label();
            format!(
                "{holder} holds the lease and {other_holder} the {other} of its name: two leaders"
            )
        }
    }
}
