//! `tls_server_config`: the certificate, the clients' certificates, and the sort of TLS.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{PemObject, SectionKind};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::certificates::{Allowed, Name};
use super::config::Files;
use super::error::Flaw;
use super::suites::{GROUPS, SUITES, VERSIONS, words};

/// The section as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Section {
    cert: Option<Spanned<String>>,
    key: Option<Spanned<String>>,
    client_ca: Option<Spanned<String>>,
    cert_file: Option<Spanned<String>>,
    key_file: Option<Spanned<String>>,
    client_ca_file: Option<Spanned<String>>,
    client_auth_type: Option<Spanned<String>>,
    client_allowed_sans: Option<Vec<Spanned<String>>>,
    min_version: Option<Spanned<String>>,
    max_version: Option<Spanned<String>>,
    cipher_suites: Option<Vec<Spanned<String>>>,
    curve_preferences: Option<Vec<Spanned<String>>>,
    prefer_server_cipher_suites: Option<bool>,
}

/// Whether clients show certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Nothing,
    IfGiven,
    Always,
}

/// What `client_auth_type` can be.
const ASKED: [(&str, Asked); 4] = [
    ("", Asked::Nothing),
    ("NoClientCert", Asked::Nothing),
    ("VerifyClientCertIfGiven", Asked::IfGiven),
    ("RequireAndVerifyClientCert", Asked::Always),
];

impl Section {
    /// The files that it names, with their keys.
    pub(super) fn files(&self) -> impl Iterator<Item = (&'static str, &Spanned<String>)> {
        let files = [
            ("cert_file", &self.cert_file),
            ("key_file", &self.key_file),
            ("client_ca_file", &self.client_ca_file),
        ];
        files.into_iter().filter_map(|(key, file)| {
            let file = file.as_ref().filter(|file| !file.value.is_empty())?;
            Some((key, file))
        })
    }

    /// Whether it says anything that makes connections secret.
    pub(super) fn enabled(&self) -> bool {
        let inline = [&self.cert, &self.key, &self.client_ca, &self.client_auth_type];
        let written = |text: &&Option<Spanned<String>>| {
            text.as_ref().is_some_and(|text| !text.value.is_empty())
        };
        self.files().next().is_some() || inline.iter().any(written)
    }

    /// Whether a client without a certificate is sent away.
    pub(super) fn asks_for_certificates(&self) -> bool {
        self.client_auth_type
            .as_ref()
            .is_some_and(|word| word.value == "RequireAndVerifyClientCert")
    }

    fn asked(&self) -> Result<Asked, Flaw> {
        let Some(word) = &self.client_auth_type else { return Ok(Asked::Nothing) };
        let found = ASKED.iter().find(|(known, _)| *known == word.value);
        found.map(|(_, asked)| *asked).ok_or_else(|| {
            let unchecked = ["RequestClientCert", "RequireAnyClientCert", "RequireClientCert"];
            let text = if unchecked.contains(&word.value.as_str()) {
                "it would ask for certificates and check none; write RequireAndVerifyClientCert"
                    .to_owned()
            } else {
                format!("it can be {}", words(&ASKED[1..]))
            };
            Flaw::at(word, "client_auth_type", text)
        })
    }
}

/// Makes the server's side of TLS.
pub(super) fn build(section: &Spanned<Section>, files: &Files) -> Result<ServerConfig, Flaw> {
    let tls = &section.value;
    let provider = Arc::new(provider(tls)?);
    let (chain, at) = chain(section, files)?;
    let key = key(section, files)?;
    let verifier = verifier(section, files, &provider)?;
    let refused = |error: rustls::Error| Flaw::at(at, "tls_server_config", error.to_string());
    let builder = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions(tls)?)
        .map_err(refused)?;
    let builder = match verifier {
        Some(verifier) => builder.with_client_cert_verifier(verifier),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(chain, key).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            Flaw::at(at, "cert_file", "the certificate and the key do not belong together")
        }
        other => refused(other),
    })?;
    config.ignore_client_order = tls.prefer_server_cipher_suites.unwrap_or(true);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// A text, and the value that led to it.
type Found<'a> = (&'a [u8], &'a Spanned<String>);

/// The text under one of two keys: in the file itself, or in another one.
fn text<'a>(
    inline: (&str, Option<&'a Spanned<String>>),
    file: (&'static str, Option<&'a Spanned<String>>),
    files: &'a Files,
) -> Result<Option<Found<'a>>, Flaw> {
    let written = |text: &&Spanned<String>| !text.value.is_empty();
    match (inline.1.filter(written), file.1.filter(written)) {
        (Some(inline_text), Some(_)) => {
            Err(Flaw::at(inline_text, inline.0, format!("{} is given, too; leave one out", file.0)))
        }
        (Some(inline), None) => Ok(Some((inline.value.as_bytes(), inline))),
        (None, Some(name)) => match files.get(file.0) {
            Some(Ok(content)) => Ok(Some((content, name))),
            Some(Err(error)) => {
                Err(Flaw::at(name, file.0, format!("cannot read {}: {error}", name.value)))
            }
            None => Err(Flaw::at(name, file.0, "this file was not read")),
        },
        (None, None) => Ok(None),
    }
}

type Chain = Vec<CertificateDer<'static>>;

fn chain<'a>(
    section: &'a Spanned<Section>,
    files: &'a Files,
) -> Result<(Chain, &'a Spanned<String>), Flaw> {
    let tls = &section.value;
    let (inline, file) = (("cert", tls.cert.as_ref()), ("cert_file", tls.cert_file.as_ref()));
    let Some((pem, at)) = text(inline, file, files)? else {
        return Err(Flaw::at(section, "tls_server_config", "cert_file is missing"));
    };
    Ok((certificates(pem, at, "cert_file")?, at))
}

fn certificates(pem: &[u8], at: &Spanned<String>, key: &str) -> Result<Chain, Flaw> {
    let read: Result<Chain, _> = CertificateDer::pem_slice_iter(pem).collect();
    let chain = read.map_err(|error| Flaw::at(at, key, format!("this is no PEM: {error}")))?;
    if chain.is_empty() {
        return Err(Flaw::at(at, key, "there is no certificate in it (PEM, BEGIN CERTIFICATE)"));
    }
    Ok(chain)
}

fn key(section: &Spanned<Section>, files: &Files) -> Result<PrivateKeyDer<'static>, Flaw> {
    let tls = &section.value;
    let (inline, file) = (("key", tls.key.as_ref()), ("key_file", tls.key_file.as_ref()));
    let Some((pem, at)) = text(inline, file, files)? else {
        return Err(Flaw::at(section, "tls_server_config", "key_file is missing"));
    };
    PrivateKeyDer::from_pem_slice(pem).map_err(|_| {
        // Nothing of what is in it may be told.
        let kinds =
            [SectionKind::PrivateKey, SectionKind::RsaPrivateKey, SectionKind::EcPrivateKey];
        let text = format!(
            "there is no private key in it (PEM, one of {} forms, not encrypted)",
            kinds.len()
        );
        Flaw::at(at, "key_file", text)
    })
}

type Verifier = Arc<dyn ClientCertVerifier>;

fn verifier(
    section: &Spanned<Section>,
    files: &Files,
    provider: &Arc<CryptoProvider>,
) -> Result<Option<Verifier>, Flaw> {
    let tls = &section.value;
    let asked = tls.asked()?;
    let (inline, file) =
        (("client_ca", tls.client_ca.as_ref()), ("client_ca_file", tls.client_ca_file.as_ref()));
    let authorities = text(inline, file, files)?;
    let (pem, at) = match (asked, authorities) {
        (Asked::Nothing, None) if tls.client_allowed_sans.is_none() => return Ok(None),
        (Asked::Nothing, Some((_, at))) => {
            let text = "it does nothing without client_auth_type: RequireAndVerifyClientCert";
            return Err(Flaw::at(at, "client_ca_file", text));
        }
        (Asked::Nothing, None) => return Err(names_need_certificates(section)),
        (_, None) => {
            let text = "client_auth_type needs client_ca_file: whose certificates are good";
            return Err(Flaw::at(section, "tls_server_config", text));
        }
        (_, Some(authorities)) => authorities,
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem, at, "client_ca_file")? {
        let refused = |error| Flaw::at(at, "client_ca_file", format!("{error}"));
        roots.add(certificate).map_err(refused)?;
    }
    let builder =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    let builder = if asked == Asked::IfGiven { builder.allow_unauthenticated() } else { builder };
    let verifier = builder.build();
    let verifier = verifier.map_err(|error| Flaw::at(at, "client_ca_file", error.to_string()))?;
    match &tls.client_allowed_sans {
        None => Ok(Some(verifier)),
        Some(_) if asked != Asked::Always => Err(names_need_certificates(section)),
        Some(names) => Ok(Some(Arc::new(Allowed::new(verifier, parsed(names)?)))),
    }
}

fn names_need_certificates(section: &Spanned<Section>) -> Flaw {
    let text = "client_allowed_sans needs client_auth_type: RequireAndVerifyClientCert";
    Flaw::at(section, "tls_server_config", text)
}

fn parsed(names: &[Spanned<String>]) -> Result<Vec<Name>, Flaw> {
    let parse = |name: &Spanned<String>| {
        Name::parse(&name.value).map_err(|text| Flaw::at(name, "client_allowed_sans", text))
    };
    names.iter().map(parse).collect()
}

fn versions(tls: &Section) -> Result<Vec<&'static SupportedProtocolVersion>, Flaw> {
    let place = |word: Option<&Spanned<String>>, key: &str, default: usize| match word {
        None => Ok(default),
        Some(word) => {
            let place = VERSIONS.iter().position(|(known, _)| *known == word.value);
            let text = || format!("{} is not spoken; {} are", word.value, words(&VERSIONS));
            place.ok_or_else(|| Flaw::at(word, key, text()))
        }
    };
    let first = place(tls.min_version.as_ref(), "min_version", 0)?;
    let last = place(tls.max_version.as_ref(), "max_version", VERSIONS.len() - 1)?;
    match (VERSIONS.get(first..=last), tls.min_version.as_ref()) {
        (Some(spoken), _) if !spoken.is_empty() => Ok(spoken.iter().map(|(_, it)| *it).collect()),
        (_, Some(word)) => Err(Flaw::at(word, "min_version", "it is newer than max_version")),
        (_, None) => Err(Flaw::whole("no version of TLS is left")),
    }
}

/// Ring, with what the file lets it do.
fn provider(tls: &Section) -> Result<CryptoProvider, Flaw> {
    let mut provider = ring::default_provider();
    if let Some(named) = tls.cipher_suites.as_deref().filter(|named| !named.is_empty()) {
        let chosen = chosen(named, &SUITES, "cipher_suites")?;
        // The list is about TLS 1.2; all suites of 1.3 are good.
        provider.cipher_suites.retain(|suite| suite.tls13().is_some());
        let older = chosen.into_iter().filter(|suite| suite.tls13().is_none());
        provider.cipher_suites.extend(older);
    }
    if let Some(named) = tls.curve_preferences.as_deref().filter(|named| !named.is_empty()) {
        provider.kx_groups = chosen(named, &GROUPS, "curve_preferences")?;
    }
    Ok(provider)
}

fn chosen<T: Copy>(
    named: &[Spanned<String>],
    table: &[(&str, T)],
    key: &str,
) -> Result<Vec<T>, Flaw> {
    let find = |word: &Spanned<String>| {
        let found = table.iter().find(|(known, _)| *known == word.value);
        let text = || format!("{} is not spoken; {} are", word.value, words(table));
        found.map(|(_, it)| *it).ok_or_else(|| Flaw::at(word, key, text()))
    };
    named.iter().map(find).collect()
}
