use super::*;

use leadership::catalogue::Class;
use leadership::lock::LockKey;

fn refused(text: &str) -> String {
    extend(&built_in(), text).unwrap_err().to_string()
}

#[test]
fn the_place_and_the_reason_of_a_mistake_are_told() {
    for (text, expected) in [
        ("locks:\n  - id: a\n    lease: [x]\n", &["line 3, column 5", "lease"][..]),
        ("locks:\n  - id: a\n    leases: x\n", &["line 3, column 13"]),
        ("locks:\n  - id: a\n    leases: [x]\n    class: leader\n", &["line 4", "leader"]),
        ("locks:\n  - id: a\n    leases: [x]\n    timing: {duration: -1}\n", &["line 4", "-1"]),
        ("locks:\n  - id: a\n    leases: [x]\n    timing: {retry: 1}\n", &["line 4", "duration"]),
        ("locks: [\n", &["line 1", "bracket"]),
        ("lock: []\n", &["line 1", "lock"]),
        ("", &["end of input"]),
        ("elsewhere: []\n", &["line 1", "locks"]),
        (
            "locks:\n  - {id: a, leases: [x]}\n  - id: mine\n    pattern: 'x('\n",
            &["line 3, column 5", "\"mine\"", "pattern", "unclosed group"],
        ),
        ("locks:\n  - {id: a, leases: [x]}\n  - {id: a, leases: [y]}\n", &["line 3", "same id"]),
    ] {
        let told = refused(text);
        assert!(expected.iter().all(|words| told.contains(words)), "{text}\n{told}");
        assert!(!told.contains('\n'), "{told}");
    }
}

#[test]
fn a_file_adds_to_what_is_known() {
    let text = "locks:\n  - {id: mine, leases: [my-lock], class: election_oneshot}\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.yaml");
    std::fs::write(&path, text).unwrap();
    let catalogue = load(&path).unwrap();
    let known = catalogue.find(&LockKey::lease("n", "my-lock"), None).unwrap();
    assert_eq!((&*known.entry.id, known.entry.class), ("mine", Class::ElectionOneshot));
    let known = catalogue.find(&LockKey::lease("kube-system", "kube-scheduler"), None).unwrap();
    assert_eq!(&*known.entry.id, "kube-scheduler");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let told = load(Path::new("/nowhere/c.yaml")).unwrap_err().to_string();
    assert!(told.contains("/nowhere/c.yaml"), "{told}");
}
