use super::*;
use crossterm::event::{KeyCode, KeyModifiers};

fn rebound(wanted: &[(&str, &[&str])]) -> Result<Keymap, Error> {
    let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    let wanted = wanted.iter().map(|(name, keys)| ((*name).to_owned(), owned(keys)));
    Keymap::rebound(&wanted.collect())
}

fn means(keymap: &Keymap, code: KeyCode, modifiers: KeyModifiers) -> Option<Command> {
    keymap.command(KeyEvent::new(code, modifiers))
}

#[test]
fn no_key_has_two_meanings_and_every_key_can_be_read() {
    let keymap = Keymap::default();
    assert_eq!(keymap.conflict(), None);
    for row in &keymap.rows {
        assert_eq!(row.keys.len(), row.binding.keys.len(), "{}", row.binding.name);
        assert!(!row.keys.is_empty());
    }
}

#[test]
fn every_command_has_a_name_of_its_own() {
    let mut names: Vec<&str> = BINDINGS.iter().map(|row| row.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn modifiers_count() {
    let keymap = Keymap::default();
    let plain = KeyModifiers::NONE;
    assert_eq!(means(&keymap, KeyCode::Char('G'), KeyModifiers::SHIFT), Some(Command::Bottom));
    assert_eq!(means(&keymap, KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Command::Quit));
    assert_eq!(means(&keymap, KeyCode::Char('c'), plain), Some(Command::Copy(Copied::Pod)));
    assert_eq!(means(&keymap, KeyCode::Char('q'), KeyModifiers::ALT), None);
}

#[test]
fn keys_can_be_changed() {
    let keymap = rebound(&[("freeze", &["ctrl-s"]), ("first", &["f"])]).unwrap();
    let control = KeyModifiers::CONTROL;
    assert_eq!(means(&keymap, KeyCode::Char('s'), control), Some(Command::Freeze));
    assert_eq!(means(&keymap, KeyCode::Char('f'), KeyModifiers::NONE), Some(Command::Top));
    assert_eq!(means(&keymap, KeyCode::Char('g'), KeyModifiers::NONE), None);
    assert_eq!(keymap.key(Command::Freeze).as_deref(), Some("ctrl-s"));
}

#[test]
fn whatever_is_bound_control_c_quits() {
    let keymap = rebound(&[("quit", &[])]).unwrap();
    assert_eq!(means(&keymap, KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Command::Quit));
    assert!(matches!(rebound(&[("freeze", &["ctrl-c"])]), Err(Error::WayOut(_))));
}

#[test]
fn mistakes_name_what_is_wrong() {
    let told = |wanted| rebound(wanted).unwrap_err().to_string();
    let unknown = told(&[("explode", &["x"])]);
    assert!(unknown.contains("\"explode\"") && unknown.contains("sort-state"), "{unknown}");
    let unreadable = told(&[("freeze", &["hyper-x"])]);
    assert!(unreadable.contains("freeze: \"hyper-x\""), "{unreadable}");
    let conflict = told(&[("freeze", &["q"])]);
    assert!(conflict.contains("q would mean both quit and freeze"), "{conflict}");
}
