//! The probe, against doors of all sorts.

use std::time::Duration;

use leadership_exporter::door::Door;
use leadership_exporter::probe::probe;

use super::authority::Authority;
use super::{Web, start};

async fn outcome(address: std::net::SocketAddr, scheme: &str, path: &str, expect: u16) -> String {
    let target = format!("{scheme}://{address}{path}").parse().unwrap();
    probe(&target, expect, Duration::ZERO).await.err().map_or("ok".to_owned(), |it| it.to_string())
}

#[tokio::test]
async fn it_says_whether_the_answer_is_the_expected_one() {
    let address = start(Door::new(None).unwrap()).await;
    assert_eq!(outcome(address, "http", "/livez", 200).await, "ok");
    assert_eq!(outcome(address, "http", "/nothing", 404).await, "ok");
    let said = outcome(address, "http", "/nothing", 200).await;
    assert!(said.contains("/nothing answered 404 and not 200: not found"), "{said}");
    let said = outcome(address, "https", "/livez", 200).await;
    assert!(said.contains("gives no answer"), "{said}");
}

#[tokio::test]
async fn it_takes_any_certificate() {
    let web = Web::new("tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n");
    Authority::new().sign("elsewhere").write(web.folder());
    let address = start(web.door()).await;
    assert_eq!(outcome(address, "https", "/metrics", 200).await, "ok");
}
