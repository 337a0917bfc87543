use leadership::observation::Kind;
use leadership::time::Time;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::*;

const LONG: Duration = Duration::from_secs(10);

/// A lease as a fold saw it, in an exporter's answer.
fn answer(schema: &str) -> String {
    let recording = r#"{"at":"2026-11-22T15:00:00.000000Z","fact":"listed","kind":"Lease","objects":[{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"namespace":"a","name":"b"},"spec":{"holderIdentity":"x_1","leaseDurationSeconds":15,"acquireTime":"2026-11-22T14:00:00.000000Z","renewTime":"2026-11-22T15:00:00.000000Z","leaseTransitions":3}}]}"#;
    let snapshot = crate::drive::replay(recording.as_bytes(), |_| {}).unwrap();
    serde_json::json!({"schema": schema, "snapshot": *snapshot}).to_string()
}

/// Answers every request for leases with this body, as long as it is polled.
async fn serve(listener: TcpListener, body: String, token: Option<&str>) {
    loop {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let length = socket.read(&mut request).await.unwrap();
        let request = String::from_utf8_lossy(&request[..length]).into_owned();
        let known = token.is_none_or(|token| request.contains(&format!("Bearer {token}")));
        let (status, body) = match known {
            true if request.starts_with("GET /under/api/v1/leases") => ("200 OK", body.as_str()),
            true => ("404 Not Found", ""),
            false => ("401 Unauthorized", ""),
        };
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
        socket.write_all((head + body).as_bytes()).await.unwrap();
    }
}

async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/under/", listener.local_addr().unwrap());
    (listener, url)
}

async fn until(live: &mut Live, wanted: impl FnMut(&Arc<Snapshot>) -> bool) -> Arc<Snapshot> {
    let found =
        timeout(LONG, live.snapshots.wait_for(wanted)).await.map(|it| it.map(|it| it.clone()));
    if let Ok(found) = found {
        return found.unwrap();
    }
    panic!("no such snapshot in time: {:?}", live.snapshots.borrow().watches)
}

#[tokio::test]
async fn the_last_picture_of_an_exporter_stays_when_it_goes() {
    let (listener, url) = listener().await;
    let exporter = connect(&url, None).await.unwrap();
    let mut live = exporter.follow();
    let serving = tokio::spawn(serve(listener, answer(SCHEMA), None));
    let picture = until(&mut live, |it| !it.elections.is_empty()).await;
    assert_eq!(picture.elections[0].key.to_string(), "a/b");
    assert_eq!(picture.elections[0].blind_since, None);
    serving.abort();
    let picture = until(&mut live, |it| it.elections[0].blind_since.is_some()).await;
    let watch = picture.watch(Kind::Lease).unwrap();
    assert!(!watch.up && watch.listed, "{watch:?}");
    let error = watch.last_error.as_deref().unwrap();
    assert!(error.contains("no answer from the exporter"), "{error}");
}

#[test]
fn losses_of_ours_are_counted_on_when_an_exporter_was_started_anew() {
    let picture = || serde_json::from_str::<Leases>(&answer(SCHEMA)).unwrap().snapshot;
    let at = |seconds: i64| Time::from_micros(1_800_000_000_000_000 + seconds * 1_000_000);
    let counts = |shown: &Snapshot| {
        let watch = shown.watch(Kind::Lease).unwrap();
        (watch.up, watch.losses, watch.blind.as_micros() / 1_000_000)
    };
    let mut sight = sight::Sight::default();
    assert_eq!(counts(&sight.seen(picture(), at(0))), (true, 0, 0));
    assert_eq!(counts(&sight.missed(at(1), at(2), "gone")), (false, 1, 1));
    assert_eq!(counts(&sight.missed(at(3), at(4), "gone")), (false, 1, 3));
    assert_eq!(counts(&sight.seen(picture(), at(5))), (true, 1, 4));
    assert_eq!(counts(&sight.seen(picture(), at(6))), (true, 1, 4));
    assert_eq!(counts(&sight.missed(at(7), at(9), "gone")), (false, 2, 6));
}

#[tokio::test]
async fn another_form_is_refused_and_a_token_is_sent() {
    let (listener, url) = listener().await;
    let dir = tempfile::tempdir().unwrap();
    let token = dir.path().join("token");
    std::fs::write(&token, "secret\n").unwrap();
    let exporter = connect(&url, Some(&token)).await.unwrap();
    tokio::spawn(serve(listener, answer("leadership-exporter/v9"), Some("secret")));
    let error = exporter.picture().await.unwrap_err();
    assert!(error.contains("leadership-exporter/v9"), "{error}");
    let stranger = connect(&url, None).await.unwrap();
    let error = stranger.picture().await.unwrap_err();
    assert!(error.contains("--exporter-token-file") && !error.contains("log in"), "{error}");
    let nobody = connect("http://127.0.0.1:1", None).await.unwrap();
    let error = nobody.picture().await.unwrap_err();
    assert!(error.contains("refused"), "{error}");
    assert!(connect("exporter", None).await.is_err());
    assert!(connect("http://x", Some(std::path::Path::new("/nowhere"))).await.is_err());
}
