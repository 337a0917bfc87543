//! The numbers of a Pod's fields in protobuf.

use super::super::proto::{Malformed, Message, Slot, Value};
use super::{
    Address, Condition, Container, ContainerStatus, Labels, Metadata, Pod, Running, Spec, State,
    Status, Terminated, Waiting,
};

impl Message for Pod {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.metadata),
            2 => value.put(&mut self.spec),
            3 => value.put(&mut self.status),
            _ => Ok(()),
        }
    }
}

impl Message for Metadata {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.name),
            3 => value.put(&mut self.namespace),
            5 => value.put(&mut self.uid),
            6 => value.put(&mut self.resource_version),
            8 => value.put(&mut self.creation_timestamp),
            9 => value.put(&mut self.deletion_timestamp),
            10 => value.put(&mut self.deletion_grace_period_seconds),
            11 => value.put(&mut self.labels.0),
            13 => value.put(&mut self.owner_references),
            _ => Ok(()),
        }
    }
}

impl Slot for Labels {
    fn put(&mut self, value: Value<'_>) -> Result<(), Malformed> {
        let Value::Bytes(entry) = value else { return Ok(()) };
        let (key, value) = entry.entry()?;
        match key.bytes() {
            b"pod-template-hash" => value.put(&mut self.template),
            b"controller-revision-hash" => value.put(&mut self.revision),
            _ => Ok(()),
        }
    }
}

impl Message for Spec {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            2 => value.put(&mut self.containers),
            10 => value.put(&mut self.node_name),
            11 => value.put(&mut self.host_network),
            16 => value.put(&mut self.hostname),
            17 => value.put(&mut self.subdomain),
            35 => value.put(&mut self.fqdn),
            41 => value.put(&mut self.hostname_override),
            _ => Ok(()),
        }
    }
}

impl Message for Container {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.name),
            2 => value.put(&mut self.image),
            _ => Ok(()),
        }
    }
}

impl Message for Status {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.phase),
            2 => value.put(&mut self.conditions),
            4 => value.put(&mut self.reason),
            6 => value.put(&mut self.pod_ip),
            7 => value.put(&mut self.start_time),
            8 => value.put(&mut self.container_statuses),
            12 => value.put(&mut self.pod_ips),
            _ => Ok(()),
        }
    }
}

impl Message for Address {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.ip),
            _ => Ok(()),
        }
    }
}

impl Message for Condition {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.name),
            2 => value.put(&mut self.status),
            4 => value.put(&mut self.last_transition_time),
            5 => value.put(&mut self.reason),
            _ => Ok(()),
        }
    }
}

impl Message for ContainerStatus {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.name),
            2 => value.put(&mut self.state),
            3 => value.put(&mut self.last_state),
            5 => value.put(&mut self.restart_count),
            6 => value.put(&mut self.image),
            _ => Ok(()),
        }
    }
}

impl Message for State {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.waiting),
            2 => value.put(&mut self.running),
            3 => value.put(&mut self.terminated),
            _ => Ok(()),
        }
    }
}

impl Message for Running {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.started_at),
            _ => Ok(()),
        }
    }
}

impl Message for Waiting {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.reason),
            _ => Ok(()),
        }
    }
}

impl Message for Terminated {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Malformed> {
        match number {
            1 => value.put(&mut self.exit_code),
            3 => value.put(&mut self.reason),
            6 => value.put(&mut self.finished_at),
            _ => Ok(()),
        }
    }
}
