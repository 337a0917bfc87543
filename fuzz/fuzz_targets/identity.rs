//! Any text as a holder's name: it comes apart, and every part lies in it.
//! `just fuzz` runs it.
#![no_main]

use leadership::identity::{Format, parse, parse_as, sanitize};
use libfuzzer_sys::fuzz_target;

const TOLD: [&str; 6] = [
    "hostname_pid",
    "hostname_rand10",
    "hostname_sanitized",
    "nodename_uuid",
    "podname",
    "static",
];

fuzz_target!(|holder: &str| {
    let told = TOLD.iter().map(|label| parse_as(holder, Format::from_label(label)));
    for read in told.chain([parse(holder)]) {
        assert_eq!(read.format == Format::Unheld, holder.is_empty());
        for name in read.host.into_iter().chain(read.mark).chain(read.keys()) {
            assert!(holder.contains(name) && !name.is_empty());
        }
        assert!(read.guesses().count() <= 4);
    }
    let clean = sanitize(holder);
    assert_eq!(sanitize(&clean), clean);
});
