//! A real control plane on loopback.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Namespace, Pod};
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use tempfile::TempDir;
use tokio::runtime::{Handle, Runtime};

use crate::process::{Process, eventually, free_port, go_program};

/// The namespace in which candidates compete.
pub const NAMESPACE: &str = "default";
/// A user who may do nothing until a role says otherwise.
pub const STRANGER: &str = "stranger";

/// etcd and kube-apiserver, and a client with all rights.
pub struct ControlPlane {
    apiserver: Option<Process>,
    etcd: Process,
    flags: &'static [&'static str],
    etcd_port: u16,
    port: u16,
    runtime: Runtime,
    client: kube::Client,
    dir: TempDir,
}

impl ControlPlane {
    /// Starts both and waits until the API server is ready.
    ///
    /// # Errors
    /// When one of them does not start.
    pub fn start() -> Result<Self> {
        Self::start_with(&[])
    }

    /// The same, with flags of kube-apiserver itself.
    ///
    /// # Errors
    /// When one of them does not start.
    pub fn start_with(flags: &'static [&'static str]) -> Result<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = TempDir::new()?;
        let (etcd_port, port) = (free_port()?, free_port()?);
        let mut etcd = go_program("controlplane")?;
        etcd.args(["etcd", "--exit-with-stdin", "--data-dir"]).arg(dir.path().join("etcd"));
        etcd.args(["--client-port", &etcd_port.to_string()]);
        let mut etcd = Process::start(&mut etcd, &dir.path().join("etcd.log"))?;
        etcd.ready().context("etcd")?;
        let runtime = Runtime::new()?;
        let apiserver = Some(start_apiserver(&dir, etcd_port, port, flags)?);
        let client = runtime.block_on(connect(&dir.path().join("api/kubeconfig")))?;
        let plane = Self { apiserver, etcd, flags, etcd_port, port, runtime, client, dir };
        plane.wait_for_namespace()?;
        Ok(plane)
    }

    fn wait_for_namespace(&self) -> Result<()> {
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        eventually(Duration::from_secs(20), "the namespace exists", || {
            Ok(self.runtime.block_on(namespaces.get_opt(NAMESPACE))?.map(|_| ()))
        })
    }

    /// Kills the API server as a crash does.
    pub fn stop_apiserver(&mut self) {
        self.apiserver = None;
    }

    /// Starts it again on the same port.
    ///
    /// # Errors
    /// When it does not become ready.
    pub fn start_apiserver(&mut self) -> Result<()> {
        let again = start_apiserver(&self.dir, self.etcd_port, self.port, self.flags)?;
        self.apiserver = Some(again);
        Ok(())
    }

    /// The process of the API server, while there is one.
    #[must_use]
    pub fn apiserver(&self) -> Option<&Process> {
        self.apiserver.as_ref()
    }

    /// The process of etcd.
    #[must_use]
    pub fn etcd(&self) -> &Process {
        &self.etcd
    }

    /// A client with all rights.
    #[must_use]
    pub fn client(&self) -> kube::Client {
        self.client.clone()
    }

    /// Where its client works.
    #[must_use]
    pub fn runtime(&self) -> &Handle {
        self.runtime.handle()
    }

    /// A folder that goes when the control plane does.
    #[must_use]
    pub fn dir(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    /// The port of the API server; it stays the same when the server is started again.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The kubeconfig; its contexts are `admin` and [`STRANGER`].
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.dir.path().join("api/kubeconfig")
    }

    /// Creates a pod on a node, and says that it is ready: there is no kubelet.
    ///
    /// # Errors
    /// When the API server refuses.
    pub fn create_pod(&self, name: &str, node: &str) -> Result<()> {
        let pod: Pod = serde_json::from_value(serde_json::json!({
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {"nodeName": node, "containers": [{"name": "candidate", "image": "candidate"}]},
        }))?;
        let status = serde_json::json!({"status": {"phase": "Running", "conditions": [
            {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"},
        ]}});
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), NAMESPACE);
        self.runtime.block_on(async {
            pods.create(&PostParams::default(), &pod).await?;
            pods.patch_status(name, &PatchParams::default(), &Patch::Merge(&status)).await?;
            Ok(())
        })
    }

    /// Deletes a lease.
    ///
    /// # Errors
    /// When the API server refuses.
    pub fn delete_lease(&self, name: &str) -> Result<()> {
        let leases: Api<Lease> = Api::namespaced(self.client.clone(), NAMESPACE);
        self.runtime.block_on(leases.delete(name, &DeleteParams::default()))?;
        Ok(())
    }

    /// Empties the holder of a lease, under the name that `kubectl edit` writes with.
    ///
    /// # Errors
    /// When the API server refuses.
    pub fn clear_lease(&self, name: &str) -> Result<()> {
        let leases: Api<Lease> = Api::namespaced(self.client.clone(), NAMESPACE);
        let patch = serde_json::json!({"spec": {"holderIdentity": ""}});
        let by = PatchParams { field_manager: Some("kubectl-edit".into()), ..Default::default() };
        self.runtime.block_on(leases.patch(name, &by, &Patch::Merge(&patch)))?;
        Ok(())
    }

    /// Lets [`STRANGER`] list and watch these resources of the core and coordination groups.
    ///
    /// # Errors
    /// When the API server refuses.
    pub fn let_stranger_watch(&self, resources: &[&str]) -> Result<()> {
        use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
        let role: ClusterRole = serde_json::from_value(serde_json::json!({
            "metadata": {"name": STRANGER},
            "rules": [{"apiGroups": ["", "coordination.k8s.io"], "resources": resources,
                       "verbs": ["get", "list", "watch"]}],
        }))?;
        let binding: ClusterRoleBinding = serde_json::from_value(serde_json::json!({
            "metadata": {"name": STRANGER},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": STRANGER},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": STRANGER}],
        }))?;
        self.runtime.block_on(async {
            Api::all(self.client.clone()).create(&PostParams::default(), &role).await?;
            Api::all(self.client.clone()).create(&PostParams::default(), &binding).await?;
            Ok(())
        })
    }
}

fn start_apiserver(dir: &TempDir, etcd_port: u16, port: u16, flags: &[&str]) -> Result<Process> {
    let mut command = go_program("controlplane")?;
    command.args(["apiserver", "--exit-with-stdin", "--dir"]).arg(dir.path().join("api"));
    command.args(["--etcd", &format!("http://127.0.0.1:{etcd_port}"), "--port", &port.to_string()]);
    command.args(["--user", &format!("{STRANGER}=a-stranger-s-token")]);
    command.arg("--").args(flags);
    let mut apiserver = Process::start(&mut command, &dir.path().join("apiserver.log"))?;
    apiserver.ready().context("kube-apiserver")?;
    Ok(apiserver)
}

async fn connect(kubeconfig: &std::path::Path) -> Result<kube::Client> {
    let kubeconfig = Kubeconfig::read_from(kubeconfig)?;
    let config =
        kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
    Ok(kube::Client::try_from(config)?)
}
