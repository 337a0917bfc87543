use super::*;
use crate::samples;

fn of(name: &str) -> Result<Led, Option<String>> {
    led(lease::find(&samples::fleet(), name).unwrap())
}

#[test]
fn the_log_is_the_leader_pods() {
    let led = of("gitjob").unwrap();
    assert_eq!(led.pod.to_string(), "cattle-fleet-system/gitjob-8fb8698c-x2x4k");
    assert_eq!(of("fleet-controller-lock"), Err(Some("expired".into())));
    assert_eq!(of("kube-controller-manager"), Err(None));
}

#[test]
fn only_another_pod_is_a_successor() {
    let fleet = samples::fleet();
    let first = successor(&fleet, "gitjob", None).unwrap();
    assert_eq!(successor(&fleet, "gitjob", Some(&first)), None);
    let reborn = Led { uid: Some("another".into()), ..first.clone() };
    assert_eq!(successor(&fleet, "gitjob", Some(&reborn)), Some(first.clone()));
    let resumed = Led { start: Time::from_micros(0), ..first };
    assert_eq!(successor(&fleet, "gitjob", Some(&resumed)), None);
    assert_eq!(successor(&fleet, "fleet-controller-lock", None), None);
    assert_eq!(successor(&fleet, "nothing", None), None);
}
