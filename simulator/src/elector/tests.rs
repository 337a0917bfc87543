//! The laws of client-go's elections, in paused time.

use tokio::task::JoinHandle;

use super::*;
use crate::Scene;
use crate::virtual_time::now;

const TIMING: Timing = Timing::seconds(15, 10, 2);

fn server() -> ApiServer {
    ApiServer::new(&Scene::empty().history(1000), now)
}

fn elect(server: &ApiServer, identity: &str, seed: u64) -> (Strings, JoinHandle<End>) {
    let candidate = Candidate {
        namespace: "ns",
        lease: "lock",
        identity: identity.to_owned(),
        timing: TIMING,
        releases: true,
        manager: "test",
        clock_offset: SignedDuration::ZERO,
    };
    let strings = Strings::default();
    let rng = SmallRng::seed_from_u64(seed);
    let elector = Elector::new(candidate, server.clone(), strings.clone(), rng);
    (strings, tokio::spawn(elector.run(Duration::ZERO)))
}

fn record(server: &ApiServer) -> Record {
    let lease = server.get(Resource::Leases, "ns", "lock").unwrap();
    Record::read(&lease["spec"])
}

/// Lets time pass until the record is as wanted.
async fn until(server: &ApiServer, wanted: impl Fn(&Record) -> bool) -> Record {
    for _ in 0..4_000 {
        sleep(Duration::from_millis(25)).await;
        if server.get(Resource::Leases, "ns", "lock").is_some() && wanted(&record(server)) {
            return record(server);
        }
    }
    panic!("it never came to that; the record is {:?}", record(server));
}

fn between(from: Option<Timestamp>, to: Option<Timestamp>) -> f64 {
    to.unwrap().duration_since(from.unwrap()).as_secs_f64()
}

async fn pass(seconds: f64) {
    sleep(Duration::from_secs_f64(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_leader_renews_at_once_and_then_each_retry_period() {
    let server = server();
    let _a = elect(&server, "a", 1);
    let first = until(&server, |record| record.holder == "a").await;
    assert_eq!((first.transitions, first.duration), (0, 15));
    assert_eq!(first.acquire, first.renew);
    for _ in 0..5 {
        let before = record(&server);
        let after = until(&server, |record| record.renew != before.renew).await;
        assert!((between(before.renew, after.renew) - 2.0).abs() < 0.01);
        assert_eq!(after.acquire, first.acquire);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_leader_is_followed_after_its_duration_and_at_most_two_polls() {
    for seed in 0..40 {
        let server = server();
        let (_, a) = elect(&server, "a", 3 * seed);
        until(&server, |record| record.holder == "a").await;
        let followers = [elect(&server, "b", 3 * seed + 1), elect(&server, "c", 3 * seed + 2)];
        pass(20.0).await;
        a.abort();
        let last = record(&server);
        let next = until(&server, |record| record.holder != "a").await;
        let waited = between(last.renew, next.acquire);
        assert!(waited > 15.0 && waited <= 15.0 + 4.4 * 2.0, "seed {seed}: {waited}");
        assert_eq!(next.transitions, last.transitions + 1);
        for (_, follower) in followers {
            follower.abort();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_released_lease_is_taken_within_one_poll() {
    for seed in 0..40 {
        let server = server();
        let (strings, a) = elect(&server, "a", 2 * seed);
        until(&server, |record| record.holder == "a").await;
        let (_, b) = elect(&server, "b", 2 * seed + 1);
        pass(10.0).await;
        let before = record(&server);
        strings.stop();
        assert_eq!(a.await.unwrap(), End::Stopped);
        let released = record(&server);
        assert_eq!((released.holder.as_str(), released.duration), ("", 1));
        assert_eq!(released.acquire, released.renew);
        assert_eq!(released.transitions, before.transitions);
        let next = until(&server, |record| record.holder == "b").await;
        let waited = between(released.renew, next.acquire);
        assert!(waited > 0.0 && waited <= 2.2 * 2.0, "seed {seed}: {waited}");
        assert_eq!(next.transitions, before.transitions + 1);
        b.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn a_leader_which_cannot_renew_gives_up_in_time() {
    let server = server();
    let (strings, a) = elect(&server, "a", 1);
    until(&server, |record| record.holder == "a").await;
    pass(7.0).await;
    strings.fail(u32::MAX);
    let last = record(&server);
    assert_eq!(a.await.unwrap(), End::Lost);
    let gave_up = between(last.renew, Some(now()));
    assert!((gave_up - 12.0).abs() < 0.01, "{gave_up}");
    assert_eq!(record(&server).holder, "a");
}

#[tokio::test(start_paused = true)]
async fn a_few_failed_tries_only_delay_the_renewal() {
    let server = server();
    let (strings, _a) = elect(&server, "a", 1);
    until(&server, |record| record.holder == "a").await;
    pass(4.5).await;
    strings.fail(2);
    let before = record(&server);
    let after = until(&server, |record| record.renew != before.renew).await;
    assert!((between(before.renew, after.renew) - 6.0).abs() < 0.01);
}

#[tokio::test(start_paused = true)]
async fn a_restart_under_the_same_identity_goes_on_with_the_term() {
    let server = server();
    let (_, first) = elect(&server, "a", 1);
    until(&server, |record| record.holder == "a").await;
    pass(5.0).await;
    first.abort();
    let before = record(&server);
    pass(3.0).await;
    let _second = elect(&server, "a", 2);
    let after = until(&server, |record| record.renew != before.renew).await;
    assert_eq!((after.transitions, after.acquire), (before.transitions, before.acquire));
}

#[tokio::test(start_paused = true)]
async fn a_cold_start_waits_a_whole_duration_whatever_the_stamps_say() {
    let server = server();
    let mut stale = lease::new("ns", "lock");
    let long_ago = Some(now() - SignedDuration::from_hours(2));
    let record = Record {
        holder: "gone".to_owned(),
        duration: 15,
        acquire: long_ago,
        renew: long_ago,
        transitions: 7,
    };
    lease::set(&mut stale, &record, "test", now());
    server.apply(stale).unwrap();
    let started = now();
    let _b = elect(&server, "b", 1);
    let next = until(&server, |record| record.holder == "b").await;
    let waited = between(Some(started), next.acquire);
    assert!((15.0..=15.0 + 2.2 * 2.0).contains(&waited), "{waited}");
    assert_eq!(next.transitions, 8);
}

#[tokio::test(start_paused = true)]
async fn a_leader_creates_a_deleted_lease_again_with_its_old_term() {
    let server = server();
    let _a = elect(&server, "a", 1);
    let first = until(&server, |record| record.holder == "a").await;
    pass(5.0).await;
    server.delete(Resource::Leases, "ns", "lock").unwrap();
    let again = until(&server, |record| record.holder == "a").await;
    assert_eq!(again.acquire, first.acquire);
}

#[tokio::test(start_paused = true)]
async fn a_leader_asserts_itself_when_somebody_emptied_the_lease() {
    let server = server();
    let _a = elect(&server, "a", 1);
    until(&server, |record| record.holder == "a").await;
    pass(5.0).await;
    let before = record(&server);
    server
        .change(Resource::Leases, "ns", "lock", |lease| lease["spec"]["holderIdentity"] = "".into())
        .unwrap();
    let after = until(&server, |record| record.holder == "a").await;
    assert_eq!(after.transitions, before.transitions + 1);
}
