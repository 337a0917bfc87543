//! Any text as a user's catalogue: it is taken or refused with a place, and nothing panics.
//! `cargo +nightly fuzz run catalogue` in `observe/`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use observe::catalogue::{built_in, extend};

fuzz_target!(|text: &str| {
    if let Err(error) = extend(&built_in(), text) {
        assert!(!error.to_string().is_empty());
    }
});
