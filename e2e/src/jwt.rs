//! Tokens of service accounts that a test signs itself, with the key of the API server or another one.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::SignatureScheme;
use rustls::crypto::ring::sign::any_ecdsa_type;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::SigningKey;
use serde_json::json;

/// Signs tokens as the API server does.
pub struct Signer(Arc<dyn SigningKey>);

impl Signer {
    /// With the key of this file.
    ///
    /// # Errors
    /// When there is no key of P-256 in it.
    pub fn new(path: &Path) -> Result<Self> {
        let key = PrivateKeyDer::from_pem_file(path).context("no key")?;
        Ok(Self(any_ecdsa_type(&key)?))
    }

    /// With a key that nobody knows.
    ///
    /// # Errors
    /// When none can be made.
    pub fn foreign() -> Result<Self> {
        let key = rcgen::KeyPair::generate()?.serialize_pem();
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).context("no key")?;
        Ok(Self(any_ecdsa_type(&key)?))
    }

    /// A token of an account, good from and until so many seconds from now.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn sign(
        &self,
        namespace: &str,
        name: &str,
        uid: &str,
        from: i64,
        to: i64,
    ) -> Result<String> {
        let now = jiff::Timestamp::from(observe::clock::now()).as_second();
        let issuer = "https://kubernetes.default.svc";
        let claims = json!({
            "iss": issuer, "aud": [issuer], "sub": format!("system:serviceaccount:{namespace}:{name}"),
            "iat": now + from, "nbf": now + from, "exp": now + to, "jti": fastrand::u64(..).to_string(),
            "kubernetes.io": {"namespace": namespace, "serviceaccount": {"name": name, "uid": uid}},
        });
        let encode = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let head = encode(json!({"alg": "ES256", "typ": "JWT"}));
        let text = format!("{head}.{}", encode(claims));
        let scheme = [SignatureScheme::ECDSA_NISTP256_SHA256];
        let signer = self.0.choose_scheme(&scheme).context("no key of P-256")?;
        let signature = plain(&signer.sign(text.as_bytes())?)?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// The two numbers of a signature in 64 bytes, as tokens have them, out of their form as a sequence of integers.
fn plain(der: &[u8]) -> Result<Vec<u8>> {
    let mut rest = der.get(2..).context("no sequence")?;
    let mut out = Vec::new();
    for _ in 0..2 {
        let length = usize::from(*rest.get(1).context("no integer")?);
        let number = rest.get(2..2 + length).context("too short")?;
        rest = &rest[2 + length..];
        let start = number.len().saturating_sub(32);
        let digits = &number[start..];
        out.extend(std::iter::repeat_n(0, 32 - digits.len()));
        out.extend_from_slice(digits);
    }
    ensure!(out.len() == 64 && rest.is_empty(), "no signature of P-256");
    Ok(out)
}
