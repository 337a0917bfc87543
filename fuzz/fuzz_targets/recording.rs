//! Any bytes as a recording, and what it says as the past of a cluster.
#![no_main]

#[path = "../laws.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    laws::recording(bytes);
});
