//! `leadership-exporter probe`: asks for one page, for tests of an installation.

use std::fmt;
use std::io;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two questions.
const PAUSE: Duration = Duration::from_secs(1);

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    tls: bool,
    host: String,
    port: u16,
    path: String,
}

/// Why the answer was not the expected one.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// Another one.
    #[error("{target} answered {status} and not {expected}: {said}")]
    Status {
        /// What was asked for.
        target: Target,
        /// The status code.
        status: u16,
        /// The one that was expected.
        expected: u16,
        /// The first line of the body.
        said: String,
    },
    /// None.
    #[error(
        "{0} gives no answer: {1}; see whether it runs, and whether a NetworkPolicy is in between"
    )]
    Away(Target, #[source] io::Error),
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = "write it as http://HOST:PORT/PATH or https://HOST:PORT/PATH";
        let (scheme, rest) = text.split_once("://").ok_or(form)?;
        let tls = match scheme {
            "http" => false,
            "https" => true,
            _ => return Err(form.to_owned()),
        };
        let (place, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = place.rsplit_once(':').ok_or(form)?;
        let port = port.parse().map_err(|_| form)?;
        let plain = |byte: u8| byte.is_ascii_graphic();
        if host.is_empty() || !text.bytes().all(plain) {
            return Err(form.to_owned());
        }
        let host = host.trim_matches(['[', ']']).to_owned();
        Ok(Self { tls, host, port, path: format!("/{path}") })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{scheme}://{open}{}{close}:{}{}", self.host, self.port, self.path)
    }
}

/// Asks until the answer has the expected status, or the time is over.
///
/// # Errors
/// When the last answer was another one, or none.
pub async fn probe(target: &Target, expect: u16, wait: Duration) -> Result<(), ProbeError> {
    let mut tries = wait.as_secs();
    loop {
        let asked = match timeout(PATIENCE, ask(target)).await {
            Ok(asked) => asked,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        let error = match asked {
            Ok((status, _)) if status == expect => return Ok(()),
            Ok((status, said)) => {
                ProbeError::Status { target: target.clone(), status, expected: expect, said }
            }
            Err(error) => ProbeError::Away(target.clone(), error),
        };
        if tries == 0 {
            return Err(error);
        }
        tries -= 1;
        sleep(PAUSE).await;
    }
}

/// The status, and the first line of the body.
async fn ask(target: &Target) -> io::Result<(u16, String)> {
    let stream = TcpStream::connect((&*target.host, target.port)).await?;
    if !target.tls {
        return exchange(stream, target).await;
    }
    let name = ServerName::try_from(target.host.clone()).map_err(io::Error::other)?;
    let provider = Arc::new(default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(
            provider.signature_verification_algorithms.supported_schemes(),
        )))
        .with_no_client_auth();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    exchange(stream, target).await
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    target: &Target,
) -> io::Result<(u16, String)> {
    let Target { host, port, path, .. } = target;
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    // The rest of a page would tell nothing more.
    stream.take(16 << 10).read_to_end(&mut answer).await?;
    let text = String::from_utf8_lossy(&answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| io::Error::other("what came is no HTTP"))?;
    Ok((status, leadership::text::clean(body.lines().next().unwrap_or_default()).to_string()))
}

/// Takes any certificate: nothing secret is sent, and what comes is not believed.
#[derive(Debug)]
struct Anybody(Vec<SignatureScheme>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("http://localhost:8080/livez", Some("http://localhost:8080/livez"))]
    #[case("https://[::1]:8080", Some("https://[::1]:8080/"))]
    #[case("https://a.b.svc:1/x/y?z", Some("https://a.b.svc:1/x/y?z"))]
    #[case("localhost:8080/livez", None)]
    #[case("ftp://a:1/", None)]
    #[case("http://a/", None)]
    #[case("http://a:99999/", None)]
    #[case("http://a:1/ x", None)]
    #[case("http://a:1/\r\nx", None)]
    fn targets(#[case] text: &str, #[case] read: Option<&str>) {
        let target = text.parse::<Target>().ok().map(|target| target.to_string());
        assert_eq!(target.as_deref(), read);
    }
}
