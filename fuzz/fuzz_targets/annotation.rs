//! Any text as the record in an annotation: the readers take it, count it or leave it alone, and
//! none panics. `just fuzz` runs it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use observe::kinds::ROWS;
use serde_json::json;

fuzz_target!(|record: &str| {
    let whole = json!({"control-plane.alpha.kubernetes.io/leader": record});
    let parts = json!({
        "leader": record, "ttl": record, "renewTime": record, "acquireTime": record, "transitions": record,
    });
    for annotations in [whole, parts] {
        let object = json!({"metadata": {"name": "a", "annotations": annotations}}).to_string();
        for row in &ROWS {
            assert!((row.read)(&object).is_ok(), "nothing in it is needed but the name");
            let _ = (row.read)(record);
        }
    }
});
