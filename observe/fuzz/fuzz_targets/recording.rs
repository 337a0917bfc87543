//! Any bytes as a recording: the reader refuses or reads them, the fold takes what was read, and
//! neither panics. `cargo +nightly fuzz run recording` in `observe/`.
#![no_main]

use leadership::Leadership;
use leadership::time::Delta;
use libfuzzer_sys::fuzz_target;
use observe::recording::Reader;

fuzz_target!(|bytes: &[u8]| {
    let mut fold = Leadership::new();
    for observation in Reader::new(bytes) {
        let Ok(observation) = observation else { break };
        let at = observation.at;
        let events = fold.observe(observation);
        assert!(events.windows(2).all(|pair| pair[0].at <= pair[1].at));
        fold.advance(at + Delta::from_secs(3));
        fold.snapshot();
    }
    while let Some(due) = fold.next_deadline() {
        fold.advance(due);
        assert_ne!(fold.next_deadline(), Some(due), "a deadline that does not pass");
    }
    fold.finish();
});
