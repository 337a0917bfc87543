//! Leases.

use super::Shape::{Message, Number, Text, Time};
use super::meta::OBJECT_META;
use super::{Fields, always, maybe};

pub(super) const LEASE: Fields =
    &[always("metadata", 1, Message(OBJECT_META)), always("spec", 2, Message(LEASE_SPEC))];

const LEASE_SPEC: Fields = &[
    maybe("holderIdentity", 1, Text),
    maybe("leaseDurationSeconds", 2, Number),
    maybe("acquireTime", 3, Time),
    maybe("renewTime", 4, Time),
    maybe("leaseTransitions", 5, Number),
    maybe("strategy", 6, Text),
    maybe("preferredHolder", 7, Text),
];
