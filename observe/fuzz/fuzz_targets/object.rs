//! Any text as an object of each kind, and as a line of its watch: the readers take it or refuse it, and none panics.
//! `cargo +nightly fuzz run object` in `observe/`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use observe::kinds::ROWS;

fuzz_target!(|text: &str| {
    for row in &ROWS {
        let _ = (row.read)(text);
    }
});
