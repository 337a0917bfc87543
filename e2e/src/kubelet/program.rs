//! The processes that stand for containers.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use k8s_openapi::api::core::v1::Pod;
use tokio::process::{Child, ChildStdin, Command};

use crate::process::go_program;

/// The image of electors.
pub(super) const CANDIDATE: &str = "candidate";
/// The image of the control plane's own components.
pub(super) const CONTROL_PLANE: &str = "controlplane";
/// The image of what only takes room.
pub(super) const PAUSE: &str = "pause";

/// A process that has been started.
pub(super) struct Started {
    /// It is killed when this is dropped.
    pub(super) child: Child,
    /// It ends with this too; waiting for a child would close it.
    _stdin: Option<ChildStdin>,
    pub(super) identity: String,
    pub(super) journal: PathBuf,
}

/// Starts the program of a pod's container. Each start of an elector has an identity of its own,
/// unless its arguments say otherwise; `$(POD_NAME)` in them is the pod's name.
pub(super) fn start(pod: &Pod, kubeconfig: &Path, dir: &Path) -> Result<Started> {
    let name = pod.metadata.name.as_deref().context("a pod without a name")?;
    let namespace = pod.metadata.namespace.as_deref().context("a pod without a namespace")?;
    let containers = pod.spec.as_ref().map(|spec| &spec.containers);
    let container = containers.and_then(|it| it.first()).context("a pod without containers")?;
    let args = container.args.iter().flatten().map(|arg| arg.replace("$(POD_NAME)", name));
    let args: Vec<String> = args.collect();
    let journal = dir.join(format!("{namespace}.{name}.jsonl"));
    let chosen = args.iter().find_map(|arg| arg.strip_prefix("--identity="));
    let identity = chosen.map_or_else(|| format!("{name}_{}", uuid()), str::to_owned);
    let mut command = match container.image.as_deref() {
        Some(CANDIDATE) => {
            let mut command = Command::from(go_program("candidate")?);
            command.args(["--exit-with-stdin", "--namespace", namespace, "--identity", &identity]);
            command.arg("--kubeconfig").arg(kubeconfig).arg("--log").arg(&journal).args(args);
            command
        }
        Some(CONTROL_PLANE) => {
            let mut command = Command::from(go_program("controlplane")?);
            let (component, flags) = args.split_first().context("which component?")?;
            command.args([component, "--exit-with-stdin", "--kubeconfig"]).arg(kubeconfig);
            command.arg("--").args(flags);
            command
        }
        // It ends with its standard input, and so with us.
        Some(PAUSE) => Command::new("cat"),
        image => bail!("there is no program for the image {image:?}"),
    };
    let log = std::fs::File::options()
        .create(true)
        .append(true)
        .open(dir.join(format!("{namespace}.{name}.log")))?;
    let log = command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
    let mut child = log.spawn().with_context(|| format!("starting {namespace}/{name}"))?;
    let stdin = child.stdin.take();
    Ok(Started { child, _stdin: stdin, identity, journal })
}

/// Looks like one, and differs from all others.
fn uuid() -> String {
    let bits = fastrand::u128(..);
    let hex = format!("{bits:032x}");
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}
