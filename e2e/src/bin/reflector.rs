//! What most programs do: kube's reflectors with whole types, of all leases and pods. The measure of `peers`.
//!
//! Says `ready` once it knows both, and ends with its standard input.

use std::io::Read;

use anyhow::Result;
use futures::StreamExt;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Pod;
use kube::runtime::{WatchStreamExt, reflector, watcher};
use kube::{Api, Client};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::try_default().await?;
    let (leases, pods) = (keep::<Lease>(&client), keep::<Pod>(&client));
    leases.wait_until_ready().await?;
    pods.wait_until_ready().await?;
    println!("ready");
    let end = || std::io::stdin().read_to_end(&mut Vec::new());
    tokio::task::spawn_blocking(end).await??;
    Ok(())
}

fn keep<K>(client: &Client) -> reflector::Store<K>
where
    K: kube::Resource<DynamicType = ()> + Clone + std::fmt::Debug + Send + Sync + 'static,
    K: serde::de::DeserializeOwned,
{
    let (store, writer) = reflector::store();
    let changes = watcher(Api::<K>::all(client.clone()), watcher::Config::default());
    let kept = changes.default_backoff().reflect(writer);
    tokio::spawn(kept.for_each(|_| std::future::ready(())));
    store
}
