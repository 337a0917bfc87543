//! `docs/catalogue.md` is written from the data, and this keeps it so.

use std::fmt::{Debug, Write as _};
use std::path::Path;

use leadership::catalogue::{Class, Entry, Timing};
use observe::catalogue::{built_in, elsewhere};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/catalogue.md");

const HEAD: &str = include_str!("head.md");

fn label(value: impl Debug) -> String {
    let mut out = String::new();
    for (place, letter) in format!("{value:?}").char_indices() {
        if letter.is_uppercase() && place > 0 {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

fn timing(timing: Option<Timing>) -> String {
    let Some(timing) = timing else { return "?".to_owned() };
    let told = |part: Option<leadership::time::Delta>| {
        part.map_or_else(|| "–".to_owned(), |it| it.as_secs_f64().to_string())
    };
    let parts = [Some(timing.duration), timing.renew_deadline, timing.retry].map(told);
    parts.join(" / ")
}

fn locks(entry: &Entry) -> String {
    // A bar in a table would end its cell.
    let code = |text: &str| format!("`{}`", text.replace('|', "\\|"));
    let mut parts: Vec<String> = entry.leases.iter().map(|name| code(name)).collect();
    parts.extend(entry.pattern.as_deref().map(code));
    parts.extend(entry.owner.as_ref().map(|kind| format!("named after the {kind} that owns it")));
    let mut out = parts.join(", ");
    if let Some(namespaces) = &entry.namespaces {
        let _ = write!(out, " in {}", code(namespaces));
    }
    if !entry.kinds.is_empty() {
        let _ = write!(out, " ({:?})", entry.kinds);
    }
    out
}

fn row(out: &mut String, entry: &Entry) {
    let releases = entry.releases.map_or("?", |it| if it { "yes" } else { "no" });
    let identity = entry.identity.map_or_else(|| "?".to_owned(), label);
    let evidence = entry.evidence.map_or_else(String::new, label);
    let _ = writeln!(
        out,
        "| `{}` | {} | {} | {} | {identity} | {} | {} | {releases} | {evidence} |",
        entry.id,
        entry.title,
        entry.class.label(),
        locks(entry),
        entry.library.as_deref().unwrap_or(""),
        timing(entry.timing),
    );
}

fn notes(out: &mut String, entry: &Entry) {
    let Some(hint) = &entry.hint else { return };
    let _ = writeln!(out, "* `{}`: {hint}", entry.id);
}

fn generated() -> String {
    let mut out = HEAD.to_owned();
    let catalogue = built_in();
    out.push_str("\n## Known components\n\nIn the order in which they are tried. Timing: duration, renew deadline and interval, in seconds.\n\n");
    out.push_str("| component | what it is | class | locks | identity | library | timing | released | known by |\n");
    out.push_str("| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    catalogue.entries().for_each(|entry| row(&mut out, entry));
    out.push_str("\n## What to know about them\n\n");
    catalogue.entries().for_each(|entry| notes(&mut out, entry));
    out.push_str("\n## Components without a lock\n\n| component | why |\n| --- | --- |\n");
    for it in elsewhere() {
        let _ = writeln!(out, "| {} | {} |", it.title, it.why);
    }
    out
}

#[test]
fn the_page_of_the_catalogue_is_true() {
    let generated = generated();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(Path::new(FILE), &generated).unwrap();
    }
    let committed = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        committed == generated,
        "docs/catalogue.md is not what the data says; `UPDATE=1 cargo test -p observe --test catalogue` renews it"
    );
}

#[test]
fn every_class_and_field_is_explained() {
    for class in Class::ALL {
        assert!(HEAD.contains(&format!("`{}`", class.label())), "{class:?}");
    }
    // The debug form of an entry names its fields.
    let entry = format!("{:#?}", Entry::default());
    let fields = entry.lines().filter_map(|line| line.strip_prefix("    ")?.split_once(':'));
    for (field, _) in fields {
        assert!(HEAD.contains(&format!("`{field}`")), "{field} is not explained");
    }
}
