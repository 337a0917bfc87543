//! TLS before a server that has none of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Result;
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Where the server can be reached by TLS.
#[derive(Debug)]
pub struct Front {
    /// A port of this machine.
    pub port: u16,
    /// The certificate, in PEM, which nobody has signed but itself.
    pub certificate: String,
}

impl Front {
    /// Passes on what comes, for as long as the runtime lives. Whatever the server sends by itself becomes a record by itself.
    ///
    /// # Errors
    /// When there is no port to listen on, or no certificate can be made.
    pub async fn start(server: SocketAddr) -> Result<Self> {
        let made = rcgen::generate_simple_self_signed([Ipv4Addr::LOCALHOST.to_string()])?;
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der())
            .map_err(|why| anyhow::anyhow!("the key is none: {why}"))?;
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        tokio::spawn(accept(listener, TlsAcceptor::from(Arc::new(config)), server));
        Ok(Self { port, certificate: made.cert.pem() })
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, server: SocketAddr) {
    while let Ok((client, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        // Whoever breaks off is told nothing: its connection ends.
        tokio::spawn(async move { pass(client, acceptor, server).await.ok() });
    }
}

async fn pass(client: TcpStream, acceptor: TlsAcceptor, server: SocketAddr) -> Result<()> {
    let mut behind = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    behind.set_nodelay(true)?;
    copy_bidirectional(&mut acceptor.accept(client).await?, &mut behind).await?;
    Ok(())
}
