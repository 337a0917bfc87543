//! What names look like, and what host names become.

/// The name without the cluster's own domain, of a pod that is told its fully qualified name:
/// `<host>.<subdomain>.<namespace>.svc`.
#[must_use]
pub fn within_cluster(host: &str) -> Option<&str> {
    let end = host.find(".svc.")? + ".svc".len();
    host.get(..end)
}

/// As CSI sidecars write a host name: all but letters, digits and `-` becomes `-`, and an `X` follows
/// a `-` at the end.
#[must_use]
pub fn sanitize(host: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let mut text: String = host.chars().map(plain).collect();
    if text.ends_with('-') {
        text.push('X');
    }
    text
}

/// Whether a name looks like that of a Deployment's pod. Its last parts are made of an alphabet
/// without vowels and without 0, 1 and 3.
#[must_use]
pub fn deployment_of(name: &str) -> Option<&str> {
    let safe = |text: &str| text.bytes().all(|byte| b"bcdfghjklmnpqrstvwxz2456789".contains(&byte));
    let (rest, random) = name.rsplit_once('-')?;
    let (deployment, hash) = rest.rsplit_once('-')?;
    let shaped = random.len() == 5 && (5..=10).contains(&hash.len());
    (shaped && safe(random) && safe(hash) && !deployment.is_empty()).then_some(deployment)
}

/// Whether a name is one that a machine may have in the DNS.
#[must_use]
pub fn dns_name(name: &str) -> bool {
    let label = |label: &str| {
        let inner = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (1..=63).contains(&label.len()) && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}
