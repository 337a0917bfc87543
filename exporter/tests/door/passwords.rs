//! Names with passwords.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use leadership_exporter::door::Door;
use observe::clock;

use super::{Web, get, start};

fn header(name: &str, password: &str) -> String {
    format!("authorization: Basic {}\r\n", STANDARD.encode(format!("{name}:{password}")))
}

fn users(cost: u32) -> String {
    let hash = bcrypt::hash("correct horse", cost).unwrap();
    format!("basic_auth_users:\n  alice: '{hash}'\n")
}

#[tokio::test]
async fn only_the_right_name_with_the_right_password_comes_in() {
    let web = Web::new(&users(4));
    let address = start(web.door()).await;
    let mallory = header("mallory", "correct horse");
    let cases = [
        ("", 401),
        (&*header("alice", "correct horse"), 200),
        (&*header("alice", "correct horse"), 200),
        (&*header("alice", "wrong"), 401),
        (&*header("alice", "wrong"), 401),
        (&*mallory, 401),
        (&*header("", ""), 401),
        ("authorization: Basic !!!\r\n", 401),
        ("authorization: Bearer correct horse\r\n", 401),
        ("authorization: Basic\r\n", 401),
    ];
    for path in ["/metrics", "/", "/nothing", "/metrics/", "//metrics", "/livez/../metrics"] {
        for (more, status) in cases {
            let answer = get(address, path, more).await;
            let expected =
                if status == 200 && !["/metrics", "/"].contains(&path) { 404 } else { status };
            assert_eq!(answer.status, expected, "{path} {more}");
            if status == 401 {
                assert!(answer.head.contains("www-authenticate: basic"), "{}", answer.head);
            }
        }
    }
}

#[tokio::test]
async fn probes_need_no_key_and_tell_nothing() {
    let web = Web::new(&users(4));
    let address = start(web.door()).await;
    for path in ["/livez", "/readyz", "/healthz"] {
        let answer = get(address, path, "").await;
        assert_eq!((answer.status, &*answer.body), (200, "ok\n"));
    }
}

#[tokio::test]
async fn what_was_refused_is_counted() {
    let web = Web::new(&users(4));
    let address = start(web.door()).await;
    get(address, "/", "").await;
    get(address, "/", &header("alice", "wrong")).await;
    let page = get(address, "/metrics", &header("alice", "correct horse")).await.body;
    let line = "leadership_exporter_refused_requests_total{reason=\"credentials\"} 2\n";
    assert!(page.contains(line), "{page}");
}

#[tokio::test]
async fn a_password_that_is_known_does_not_wait_for_guesses() {
    let web = Web::new(&users(9));
    let address = start(web.door()).await;
    let right = header("alice", "correct horse");
    let began = clock::now();
    assert_eq!(get(address, "/metrics", &right).await.status, 200);
    let one_check = clock::since(began);
    // Each guess is another one, and they are checked one after the other.
    let guesses: Vec<_> = (0..8)
        .map(|number| {
            let more = header("alice", &number.to_string());
            tokio::spawn(async move { get(address, "/", &more).await.status })
        })
        .collect();
    let began = clock::now();
    assert_eq!(get(address, "/metrics", &right).await.status, 200);
    assert!(clock::since(began) < one_check * 4, "{:?} beside {one_check:?}", clock::since(began));
    for guess in guesses {
        assert_eq!(guess.await.unwrap(), 401);
    }
}

#[tokio::test]
async fn a_password_that_is_changed_is_wrong_at_once() {
    let web = Web::new(&users(4));
    let address = start(web.door()).await;
    let right = header("alice", "correct horse");
    assert_eq!(get(address, "/", &right).await.status, 200);
    let other = bcrypt::hash("battery staple", 4).unwrap();
    web.write(&format!("basic_auth_users:\n  alice: '{other}'\n"));
    super::eventually(async || get(address, "/", &right).await.status == 401).await;
    assert_eq!(get(address, "/", &header("alice", "battery staple")).await.status, 200);
}

#[tokio::test]
async fn a_file_that_is_half_written_does_not_open_the_door() {
    let web = Web::new(&users(4));
    let address = start(web.door()).await;
    let right = header("alice", "correct horse");
    for content in ["", "basic_auth_users:\n", "basic_auth_users:\n  ali", "rate_limit: {}\n"] {
        web.write(content);
        let stale = "leadership_exporter_web_config_current 0\n";
        super::eventually(async || get(address, "/metrics", &right).await.body.contains(stale))
            .await;
        assert_eq!(get(address, "/metrics", "").await.status, 401, "{content:?}");
        web.write(&users(5));
        let fresh = "leadership_exporter_web_config_current 1\n";
        super::eventually(async || get(address, "/metrics", &right).await.body.contains(fresh))
            .await;
    }
    std::fs::remove_file(web.path()).unwrap();
    assert_eq!(get(address, "/metrics", "").await.status, 401);
}

#[test]
fn a_bad_file_is_refused_with_its_place() {
    let web = Web::new("basic_auth_users:\n  alice: secret\n");
    let error = Door::new(Some(&web.path())).unwrap_err().to_string();
    let place = format!("{}:2: basic_auth_users: alice: ", web.path().display());
    assert!(error.starts_with(&place) && !error.contains("secret"), "{error}");
}
