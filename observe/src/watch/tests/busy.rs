//! Watches that bring one event after the other.

use super::*;

const BEATS: usize = 1_500;

/// Streams end meanwhile, and the next one is asked for over a connection that may rest.
#[tokio::test]
async fn a_busy_watch_misses_nothing_and_is_never_blind() {
    let settled = Duration::from_millis(300);
    let patience = Patience { watch_seconds: 1..=1, settled, ..Patience::default() };
    let mut bench = Bench::with_leases(patience).await;
    bench.watch(Kind::Lease).await;
    bench.listed().await;
    bench.streaming().await;
    let beat = |number: usize| format!("beat {number}");
    for begin in (0..BEATS).step_by(100) {
        for number in begin..begin + 100 {
            bench.renew("ns", "a", &beat(number));
            sleep(Duration::from_millis(1)).await;
        }
        for number in begin..begin + 100 {
            let mut fact = bench.next().await;
            // A stream may end with a bookmark.
            while matches!(fact, Fact::Alive(_)) {
                fact = bench.next().await;
            }
            assert_eq!(holder(&fact), applied("ns/a", &beat(number)));
        }
    }
    let Traffic { watches, lists, .. } = bench.traffic();
    assert!(watches > 2, "{watches} streams");
    assert_eq!(lists, 1);
}
