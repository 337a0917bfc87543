//! Streams that say nothing, and servers that know nothing.

use super::*;

/// A stream that was renewed on so often that the watch knows the rhythm.
async fn drummed() -> Bench {
    let mut bench = Bench::with_leases(hasty()).await;
    bench.watch(Kind::Lease).await;
    bench.listed().await;
    bench.streaming().await;
    for beat in 0..40 {
        let by = format!("beat {beat}");
        bench.renew("ns", "a", &by);
        assert_eq!(holder(&bench.next().await), applied("ns/a", &by));
    }
    bench
}

#[tokio::test]
async fn a_silence_that_cannot_be_is_asked_about_and_is_no_loss() {
    let mut bench = drummed().await;
    bench.faults(|faults| faults.silent_watches = [Resource::Leases].into());
    bench.renew("ns", "a", "unheard");
    bench.streams(2).await;
    bench.faults(|faults| *faults = Faults::default());
    assert_eq!(holder(&bench.next().await), applied("ns/a", "unheard"));
    assert_eq!(bench.traffic().lists, 1);
}

#[tokio::test]
async fn where_many_are_held_even_the_first_silence_cannot_be() {
    for held in [true, false] {
        let mut bench = Bench::new(Scene::empty(), hasty()).await;
        let renewed = clock::now() - Delta::from_secs(if held { 1 } else { 40 });
        for number in 0..100 {
            bench.apply(json!({
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                "metadata": {"namespace": "ns", "name": format!("lease-{number}")},
                "spec": {
                    "holderIdentity": "a", "leaseDurationSeconds": 15,
                    "renewTime": renewed.to_string(),
                },
            }));
        }
        bench.watch(Kind::Lease).await;
        bench.listed().await;
        bench.streaming().await;
        bench.faults(|faults| faults.silent_watches = [Resource::Leases].into());
        let patience = if held { LONG } else { Duration::from_secs(2) };
        let doubted = timeout(patience, bench.lost()).await;
        assert_eq!(doubted.is_ok(), held, "{doubted:?}");
    }
}

#[tokio::test]
async fn a_server_that_takes_watches_and_is_silent_is_asked_for_a_list() {
    let mut bench = drummed().await;
    bench.faults(|faults| {
        faults.silent_watches = [Resource::Leases].into();
        faults.streamed_lists = Some(StreamedLists::Refused);
    });
    bench.renew("ns", "a", "unheard");
    let error = bench.lost().await;
    assert!(error.contains("may be behind"), "{error}");
    let Fact::Listed { objects, .. } = bench.next().await else { panic!("no list") };
    let mut holders = objects.into_iter().map(|object| holder(&Fact::Applied(object)));
    assert!(holders.any(|it| it == applied("ns/a", "unheard")));
}

#[tokio::test]
async fn a_black_hole_is_noticed_by_its_silence() {
    let mut bench = drummed().await;
    bench.faults(|faults| faults.black_hole(Resource::Leases));
    let fell_silent = clock::now();
    let error = bench.lost().await;
    assert!(error.contains("within 100ms"), "{error}");
    assert!(clock::since(fell_silent) < Duration::from_millis(1500));
    bench.renew("ns", "a", "unheard");
    bench.faults(|faults| *faults = Faults::default());
    assert_eq!(holder(&bench.next().await), applied("ns/a", "unheard"));
    assert_eq!(bench.traffic().lists, 1);
}

#[tokio::test]
async fn a_watch_that_goes_on_and_brings_nothing_of_what_was_missed_is_no_sight() {
    let mut bench = drummed().await;
    bench.faults(|faults| faults.black_hole(Resource::Leases));
    bench.lost().await;
    bench.faults(|faults| faults.stale = true);
    bench.renew("ns", "a", "unheard");
    bench.faults(|faults| faults.fill_hole(Resource::Leases));
    let error = bench.lost().await;
    assert!(error.contains("may be behind"), "{error}");
    bench.faults(|faults| faults.stale = false);
    assert!(bench.relisted().await <= 1);
}

#[tokio::test]
async fn a_server_that_stands_still_is_not_believed_until_it_has_news() {
    for replaced in [false, true] {
        let mut bench = drummed().await;
        // Others wrote before, and nobody told this watch of that.
        bench.renew("kube-node-lease", "n", "n");
        bench.faults(|faults| faults.stale = true);
        bench.renew("ns", "a", "unheard");
        let error = bench.lost().await;
        assert!(error.contains("may be behind"), "{error}");
        let error = bench.lost().await;
        assert!(error.contains("lists nothing that was written since"), "{error}");
        let more = timeout(Duration::from_millis(500), bench.facts.recv()).await;
        assert!(more.is_err(), "blind, and {more:?}");
        bench.faults(|faults| faults.stale = false);
        if replaced {
            bench.sim.server().break_watches();
        }
        let Fact::Listed { objects, .. } = bench.next().await else { panic!("no list") };
        let mut holders = objects.into_iter().map(|object| holder(&Fact::Applied(object)));
        assert!(holders.any(|it| it == applied("ns/a", "unheard")));
    }
}

#[tokio::test]
async fn where_nobody_renews_a_server_that_hears_of_others_is_believed() {
    let mut bench = drummed().await;
    let server = bench.sim.server().clone();
    bench.tasks.spawn(async move {
        loop {
            let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "ns", "name": "p"}});
            server.apply(pod).unwrap();
            sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(bench.relisted().await > 0);
    assert!(bench.traffic().lists >= 3, "one alone could be that of a server that stands still");
}
