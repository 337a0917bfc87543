use rcgen::{CertificateParams, KeyPair};
use rstest::rstest;
use tempfile::TempDir;

use super::*;

const HASH: &str = "$2y$04$RwXk2o.PtGlgiYCpWVvJUe0MJmLkPBHmBMJZXTGEzY3BhkRO/Gk8y";

/// A folder with a certificate, its key, another key, and the web config file.
fn folder(content: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let files = [
        ("c.pem", certificate.pem()),
        ("k.pem", key.serialize_pem()),
        ("other.pem", other.serialize_pem()),
        ("web.yml", content.replace("HASH", HASH)),
    ];
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn read(content: &str) -> Result<Rules, String> {
    let folder = folder(content);
    let draft = Draft::read(&folder.path().join("web.yml")).unwrap();
    draft.rules().map_err(|flaw| flaw.to_string())
}

const TLS: &str = "tls_server_config:\n  cert_file: c.pem\n  key_file: k.pem\n";

#[test]
fn a_whole_file_is_understood() {
    let rules = read(
        "tls_server_config:\n  cert_file: c.pem\n  key_file: k.pem\n  client_ca_file: c.pem\n  \
         client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: [a.example, 10.0.0.1, 'spiffe://a/b']\n  \
         min_version: TLS13\n  max_version: TLS13\n  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]\n  \
         curve_preferences: [X25519]\n  prefer_server_cipher_suites: true\n\
         http_server_config:\n  http2: true\n  headers:\n    X-Frame-Options: deny\n\
         basic_auth_users:\n  alice: HASH\nrate_limit:\n  interval: 100ms\n  burst: 5\n",
    )
    .unwrap();
    assert!(rules.tls.is_some() && rules.client_certificates);
    assert_eq!(rules.users["alice"], HASH);
    assert_eq!(rules.headers[0].1, "deny");
    assert_eq!(rules.rate.unwrap().burst, 5);
}

#[rstest]
#[case("")]
#[case("# nothing\n\n")]
#[case("tls_server_config:\nhttp_server_config:\nbasic_auth_users:\nrate_limit:\n")]
#[case("rate_limit: {interval: 0s, burst: 0}\n")]
fn what_says_nothing_asks_for_nothing(#[case] content: &str) {
    let rules = read(content).unwrap();
    assert!(rules.tls.is_none() && rules.users.is_empty() && rules.rate.is_none());
}

/// Text before the flaw, the file, and the flaw as it is told.
#[rstest]
#[case("tls_server_confg:\n  cert_file: c.pem\n", "1: tls_server_confg: ")]
#[case("tls_server_config:\n  cert_fil: c.pem\n", "2: cert_fil: ")]
#[case("a: [\n", "")]
#[case("tls_server_config:\n  cert_file: c.pem\n", "key_file is missing")]
#[case("tls_server_config:\n  key_file: k.pem\n", "cert_file is missing")]
#[case(
    "tls_server_config:\n  cert_file: gone.pem\n  key_file: k.pem\n",
    "2: cert_file: cannot read gone.pem: "
)]
#[case(
    "tls_server_config:\n  cert_file: k.pem\n  key_file: k.pem\n",
    "2: cert_file: there is no certificate"
)]
#[case(
    "tls_server_config:\n  cert_file: c.pem\n  key_file: c.pem\n",
    "3: key_file: there is no private key"
)]
#[case(
    "tls_server_config:\n  cert_file: c.pem\n  key_file: other.pem\n",
    "2: cert_file: the certificate and the key do not belong together"
)]
#[case("TLS  cert: x\n", "4: cert: cert_file is given, too")]
#[case("TLS  min_version: TLS10\n", "4: min_version: TLS10 is not spoken; TLS12, TLS13 are")]
#[case(
    "TLS  min_version: TLS13\n  max_version: TLS12\n",
    "4: min_version: it is newer than max_version"
)]
#[case(
    "TLS  cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA]\n",
    "4: cipher_suites: TLS_RSA_WITH_AES_128_CBC_SHA is not spoken"
)]
#[case(
    "TLS  curve_preferences:\n    - CurveP521\n",
    "5: curve_preferences: CurveP521 is not spoken"
)]
#[case(
    "TLS  client_auth_type: RequireAnyClientCert\n",
    "4: client_auth_type: it would ask for certificates and check none"
)]
#[case("TLS  client_auth_type: Maybe\n", "4: client_auth_type: it can be NoClientCert, ")]
#[case(
    "TLS  client_auth_type: RequireAndVerifyClientCert\n",
    "client_auth_type needs client_ca_file"
)]
#[case("TLS  client_ca_file: c.pem\n", "4: client_ca_file: it does nothing without")]
#[case("TLS  client_allowed_sans: [a]\n", "client_allowed_sans needs client_auth_type")]
#[case(
    "TLS  client_ca_file: c.pem\n  client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: ['a@b.c']\n",
    "6: client_allowed_sans: addresses of e-mail"
)]
#[case(
    "http_server_config:\n  headers:\n    X-Powered-By: us\n",
    "3: headers: X-Powered-By: this header cannot be set"
)]
#[case(
    "http_server_config:\n  headers:\n    X-Frame-Options: never\n",
    "3: headers: X-Frame-Options: it can be deny or sameorigin only"
)]
#[case(
    "basic_auth_users:\n  alice: hunter2\n",
    "2: basic_auth_users: alice: this is no bcrypt hash"
)]
#[case(
    "basic_auth_users:\n  alice: '$2y$31$RwXk2o.PtGlgiYCpWVvJUe0MJmLkPBHmBMJZXTGEzY3BhkRO/Gk8y'\n",
    "2: basic_auth_users: alice: a cost of 31"
)]
#[case(
    "rate_limit:\n  interval: 1 hour\n  burst: 1\n",
    "2: rate_limit: interval: write it like 1s"
)]
#[case(
    "rate_limit:\n  interval: 1s\n  burst: 0\n",
    "3: rate_limit: burst: nothing would be let through"
)]
#[case("rate_limit:\n  interval: 1s\n", "2: rate_limit: burst is missing")]
#[case("rate_limit:\n  interval: 1s\n  burst: many\n", "3: burst: ")]
fn flaws_are_told_with_line_and_key(#[case] content: &str, #[case] told: &str) {
    let flaw = read(&content.replace("TLS  ", &format!("{TLS}  "))).unwrap_err();
    assert!(flaw.contains(told), "{flaw}");
}

#[rstest]
#[case("basic_auth_users:\n  alice: {hunter2: hunter2}\n")]
#[case("basic_auth_users:\n  alice: hunter2\n")]
#[case("basic_auth_users: hunter2\n")]
#[case("tls_server_config:\n  cert_file: c.pem\n  key: hunter2\n")]
#[case("rate_limit:\n  burst: hunter2\n")]
#[case("tls_server_config:\n  key: [hunter2]\n")]
fn no_flaw_tells_what_may_be_a_secret(#[case] content: &str) {
    let flaw = read(content).unwrap_err();
    assert!(!flaw.contains("hunter2"), "{flaw}");
}

#[test]
fn a_change_of_any_file_is_a_change() {
    let folder = folder(TLS);
    let print = || Draft::read(&folder.path().join("web.yml")).unwrap().print;
    let before = print();
    assert_eq!(before, print());
    std::fs::write(folder.path().join("k.pem"), "x").unwrap();
    let after = print();
    assert_ne!(before, after);
    std::fs::remove_file(folder.path().join("k.pem")).unwrap();
    assert_ne!(after, print());
}

#[test]
fn a_file_without_end_is_not_read() {
    let folder = folder("");
    let path = folder.path().join("web.yml");
    std::fs::write(&path, vec![b'#'; 2 << 20]).unwrap();
    let error = Draft::read(&path).err().unwrap().to_string();
    assert!(error.contains("web.yml") && error.contains("larger than 1 MiB"), "{error}");
}
