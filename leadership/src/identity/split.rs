//! One function for each shape. Whole strings only; what does not fit is `None`.

use std::net::IpAddr;

/// The part that names somebody, and what stands beside it.
pub(super) type Parts<'a> = (Option<&'a str>, Option<&'a str>);
/// Takes a string of one shape apart.
pub(super) type Split = for<'a> fn(&'a str) -> Option<Parts<'a>>;

/// Length of the base32 hash in an API server's name.
const APISERVER_HASH: usize = 26;
/// A process id on Linux has at most seven digits.
const LONGEST_PID: usize = 7;
const MILLIS: usize = 13;
const CERT_MANAGER: &str = "-external-cert-manager-controller";
const ELASTIC: &str = "elastic-agent-leader-";
const BEATS: &str = "beats-leader-";

pub(super) fn nobody(text: &str) -> Option<Parts<'_>> {
    text.is_empty().then_some((None, None))
}

pub(super) fn whole(text: &str) -> Option<Parts<'_>> {
    (!text.is_empty()).then_some((Some(text), None))
}

pub(super) fn opaque(text: &str) -> Option<Parts<'_>> {
    (!text.is_empty()).then_some((None, None))
}

pub(super) fn sanitized(text: &str) -> Option<Parts<'_>> {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    whole(text).filter(|_| plain)
}

pub(super) fn apiserver_uuid(text: &str) -> Option<Parts<'_>> {
    let (lease, mark) = text.rsplit_once('_')?;
    let bare = lease.strip_prefix("kube-").unwrap_or(lease);
    let hash = bare.strip_prefix("apiserver-")?;
    let base32 = hash.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
    (hash.len() == APISERVER_HASH && base32 && uuid(mark)).then_some((None, Some(mark)))
}

pub(super) fn host_uuid(text: &str) -> Option<Parts<'_>> {
    joined(text, uuid)
}

pub(super) fn host_address(text: &str) -> Option<Parts<'_>> {
    joined(text, |mark| mark.parse::<IpAddr>().is_ok())
}

pub(super) fn host_hex(text: &str) -> Option<Parts<'_>> {
    joined(text, |mark| (4..=8).contains(&mark.len()) && mark.bytes().all(lower_hex))
}

/// Whatever stands behind the last `_`: no pod and no node has one in its name.
pub(super) fn host_anything(text: &str) -> Option<Parts<'_>> {
    joined(text, |_| true)
}

pub(super) fn uuid_only(text: &str) -> Option<Parts<'_>> {
    uuid(text).then_some((None, Some(text)))
}

pub(super) fn millis_rand_driver(text: &str) -> Option<Parts<'_>> {
    let mut parts = text.splitn(3, '-');
    let (millis, random, driver) = (parts.next()?, parts.next()?, parts.next()?);
    let fits = millis.len() == MILLIS && (1..=4).contains(&random.len());
    let numbers = digits(millis) && digits(random);
    sanitized(driver).filter(|_| fits && numbers).map(|_| (None, Some(driver)))
}

pub(super) fn literal_suffix(text: &str) -> Option<Parts<'_>> {
    whole(text.strip_suffix(CERT_MANAGER)?)
}

pub(super) fn elastic_prefix(text: &str) -> Option<Parts<'_>> {
    named_or_uuid(text.strip_prefix(ELASTIC)?)
}

pub(super) fn beats_prefix(text: &str) -> Option<Parts<'_>> {
    named_or_uuid(text.strip_prefix(BEATS)?)
}

pub(super) fn host_number(text: &str) -> Option<Parts<'_>> {
    let (host, number) = text.rsplit_once('-')?;
    let pid = (1..=LONGEST_PID).contains(&number.len()) && digits(number);
    (pid && !host.is_empty()).then_some((Some(host), Some(number)))
}

pub(super) fn host_rand10(text: &str) -> Option<Parts<'_>> {
    let (host, random) = text.rsplit_once('-')?;
    let fits = random.len() == 10 && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (fits && !host.is_empty()).then_some((Some(host), Some(random)))
}

/// Ten lower-case letters may be a word of the name; with an upper-case one among them they are not.
pub(super) fn host_mixed_rand10(text: &str) -> Option<Parts<'_>> {
    let mixed = |mark: &str| mark.bytes().any(|byte| byte.is_ascii_uppercase());
    host_rand10(text).filter(|(_, mark)| mark.is_some_and(mixed))
}

/// Split at the last `_`: the host name of a machine outside the cluster may have one too.
fn joined(text: &str, fits: impl Fn(&str) -> bool) -> Option<Parts<'_>> {
    let (host, mark) = text.rsplit_once('_')?;
    (!host.is_empty() && fits(mark)).then_some((Some(host), Some(mark)))
}

fn named_or_uuid(rest: &str) -> Option<Parts<'_>> {
    if uuid(rest) { Some((None, Some(rest))) } else { whole(rest) }
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// 8-4-4-4-12 hexadecimal digits.
fn uuid(text: &str) -> bool {
    let mut groups = text.split('-');
    let lengths = [8, 4, 4, 4, 12];
    let whole = lengths.iter().all(|length| {
        groups.next().is_some_and(|group| {
            group.len() == *length && group.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    });
    whole && groups.next().is_none()
}
