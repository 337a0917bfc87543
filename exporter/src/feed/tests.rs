use leadership::event::What;
use leadership::lock::LockKey;
use serde_json::Value;

use super::*;

fn event(name: &str) -> Event {
    Event {
        at: Time::from_micros(0),
        lease: Some(LockKey::lease("n", name)),
        what: What::ExpiredRetracted,
    }
}

fn feed(count: usize) -> Arc<Feed> {
    let feed = Feed::new(Time::from_micros(1_000));
    for number in 0..count {
        feed.push(&event(&number.to_string()));
    }
    feed
}

/// What a reader gets without waiting: names of locks, and gaps.
fn rest(reader: &mut Reader) -> Vec<String> {
    let told = |news| match news {
        News::Event(text) => {
            let line: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(line["schema_version"], 1);
            line["lease"]["name"].as_str().unwrap().to_owned()
        }
        News::Gap(gap) => serde_json::to_string(&gap).unwrap(),
    };
    std::iter::from_fn(|| reader.step()).map(told).collect()
}

#[test]
fn a_reader_begins_now_or_with_what_is_remembered() {
    let feed = feed(3);
    let mut now = feed.read(Start::Now);
    assert_eq!(rest(&mut now), [""; 0]);
    assert_eq!(now.last().to_string(), "1000-3");
    feed.push(&event("x"));
    assert_eq!(rest(&mut now), ["x"]);
    assert_eq!(rest(&mut feed.read(Start::Oldest)), ["0", "1", "2", "x"]);
}

#[test]
fn who_comes_back_misses_nothing() {
    let feed = feed(3);
    let mut first = feed.read(Start::Oldest);
    first.step();
    let id = first.last().to_string();
    drop(first);
    feed.push(&event("x"));
    let mut again = feed.read(Start::After(&id));
    assert_eq!(rest(&mut again), ["1", "2", "x"]);
    assert_eq!(again.last().to_string(), "1000-4");
    assert_eq!(rest(&mut feed.read(Start::After("1000-4"))), [""; 0]);
}

#[test]
fn what_is_forgotten_is_a_gap() {
    let feed = feed(KEPT + 5);
    let told = rest(&mut feed.read(Start::After("1000-2")));
    assert_eq!(told[..2], [r#"{"reason":"forgotten","missed":3}"#, "5"]);
    assert_eq!(told.len(), KEPT + 1);
    assert_eq!(rest(&mut feed.read(Start::Oldest)).len(), KEPT);
}

#[test]
fn a_slow_reader_is_told_what_it_missed() {
    let feed = feed(1);
    let mut slow = feed.read(Start::Now);
    for _ in 0..KEPT + 2 {
        feed.push(&event("x"));
    }
    assert_eq!(rest(&mut slow)[0], r#"{"reason":"forgotten","missed":2}"#);
}

#[test]
fn events_that_were_lost_before_are_a_gap_too() {
    let feed = feed(1);
    let mut reader = feed.read(Start::Oldest);
    feed.skip(7);
    assert_eq!(rest(&mut reader), ["0", r#"{"reason":"forgotten","missed":7}"#]);
    feed.push(&event("x"));
    assert_eq!(rest(&mut reader), ["x"]);
    assert_eq!(reader.last().to_string(), "1000-9");
}

#[test]
fn an_id_of_another_process_is_recognised() {
    let feed = feed(2);
    for id in ["999-1", "1000-3", "1000-", "-1", "", "nonsense", "1000-99999999999999999999"] {
        let told = rest(&mut feed.read(Start::After(id)));
        assert_eq!(told, [r#"{"reason":"restarted"}"#, "0", "1"], "{id}");
    }
}

#[tokio::test]
async fn readers_wait_and_end_with_the_feed() {
    let feed = feed(0);
    let mut reader = feed.read(Start::Now);
    let waiting = tokio::spawn(async move { (reader.next().await, reader.next().await) });
    tokio::task::yield_now().await;
    feed.push(&event("x"));
    tokio::task::yield_now().await;
    feed.close();
    let (first, second) = waiting.await.unwrap();
    assert!(matches!(first, Some(News::Event(_))), "{first:?}");
    assert_eq!(second, None);
}

#[tokio::test]
async fn only_wanted_events_are_taken_up() {
    let feed = feed(0);
    let (sender, events) = broadcast::channel(8);
    let deny = [crate::selection::pattern("b.*").unwrap()];
    let names = crate::selection::Names::default;
    let limits = crate::selection::Limits::DEFAULT;
    let leases = crate::selection::Names::new(&[], &deny);
    let of = Selection::new(&names(), names(), leases, limits);
    for name in ["a", "bb", "c"] {
        sender.send(Arc::new(event(name))).unwrap();
    }
    drop(sender);
    Arc::clone(&feed).follow(events, of).await;
    assert_eq!(rest(&mut feed.read(Start::Oldest)), ["a", "c"]);
}
