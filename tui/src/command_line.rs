//! What can be typed after `:`. One row a command that takes something; every command that has a key
//! can be typed by its name, too.

use std::collections::BTreeSet;

use leadership::time::{Delta, Time};
use observe::several::split;

use crate::app::{App, Effect};
use crate::columns;
use crate::keymap::BINDINGS;
use crate::order::Order;
use crate::player::Play;
use crate::theme::{PALETTES, Palette};

/// What became of a command: what it wants from the world outside, or why it cannot be obeyed.
type Done = Result<Option<Effect>, String>;

/// One command that takes something.
#[derive(Debug)]
pub struct Phrase {
    /// What it is called.
    pub name: &'static str,
    /// What it takes, for the help.
    pub takes: &'static str,
    /// What it does, for the help.
    pub help: &'static str,
    /// What may be taken at present.
    options: fn(&App) -> Vec<String>,
    /// Does it, or tells why that is impossible.
    obey: fn(&mut App, &str) -> Done,
}

/// All commands that take something.
pub const PHRASES: &[Phrase] = &[
    Phrase {
        name: "ns",
        takes: "[NAMESPACE]",
        help: "only this namespace; all without one",
        options: namespaces,
        obey: namespace,
    },
    Phrase {
        name: "ctx",
        takes: "[CLUSTER]",
        help: "only this cluster; all without one",
        options: clusters,
        obey: cluster,
    },
    Phrase {
        name: "sort",
        takes: "COLUMN",
        help: "order by it; again: the other way round",
        options: orders,
        obey: sort,
    },
    Phrase { name: "theme", takes: "NAME", help: "other colours", options: themes, obey: theme },
    Phrase {
        name: "seek",
        takes: "TIME",
        help: "recording: 00:47:40, -90, +90, start, end",
        options: |_| ["start", "end"].map(str::to_owned).to_vec(),
        obey: seek,
    },
    Phrase {
        name: "filter",
        takes: "[FILTER]",
        help: "as after /; none without one",
        options: |_| Vec::new(),
        obey: filter,
    },
];

/// Other names of commands that have a key.
const ALIASES: &[(&str, &str)] =
    &[("q", "quit"), ("quit!", "quit"), ("q!", "quit"), ("copy", "copy-pod")];

/// Does what was typed.
///
/// # Errors
/// When there is no such command or it cannot be obeyed; the text is for the user.
pub fn obey(app: &mut App, text: &str, now: Time) -> Result<Option<Effect>, String> {
    let (typed, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if typed.is_empty() {
        return Ok(None);
    }
    let name = resolve(typed)?;
    if let Some(phrase) = PHRASES.iter().find(|phrase| phrase.name == name) {
        return (phrase.obey)(app, rest.trim());
    }
    if !rest.trim().is_empty() {
        return Err(format!("{name} takes nothing"));
    }
    let binding = BINDINGS.iter().find(|row| row.name == name);
    Ok(binding.and_then(|row| app.obey(row.command, now)))
}

/// The command of this name, or the only one that begins so.
fn resolve(typed: &str) -> Result<&'static str, String> {
    if let Some((_, name)) = ALIASES.iter().find(|(alias, _)| *alias == typed) {
        return Ok(name);
    }
    let begin: Vec<&'static str> = names().filter(|name| name.starts_with(typed)).collect();
    match begin.as_slice() {
        _ if begin.contains(&typed) => {
            Ok(begin.into_iter().find(|name| *name == typed).unwrap_or(""))
        }
        [only] => Ok(only),
        [] => Err(format!("there is no command {typed}; tab shows what there is")),
        several => Err(format!("{typed} may mean {}", several.join(", "))),
    }
}

/// The names of all commands: first those that take something.
fn names() -> impl Iterator<Item = &'static str> {
    let taking = || PHRASES.iter().map(|phrase| phrase.name);
    let keyed = BINDINGS.iter().map(|row| row.name);
    taking().chain(keyed.filter(move |name| taking().all(|other| other != *name)))
}

/// How what is typed may go on: whole lines.
#[must_use]
pub fn suggestions(app: &App, text: &str) -> Vec<String> {
    let Some((name, start)) = text.split_once(' ') else {
        let going_on = names().filter(|name| name.starts_with(text) && *name != text);
        return going_on.map(str::to_owned).collect();
    };
    let phrase = resolve(name).ok().and_then(|name| PHRASES.iter().find(|it| it.name == name));
    let options = phrase.map_or_else(Vec::new, |phrase| (phrase.options)(app));
    let start = start.trim_start();
    let going_on =
        options.into_iter().filter(|option| option.starts_with(start) && option != start);
    going_on.map(|option| format!("{name} {option}")).collect()
}

fn namespaces(app: &App) -> Vec<String> {
    // Of several clusters a namespace is that of each, or with its name that of one.
    let all = app.snapshot.elections.iter();
    let all = all.flat_map(|it| [split(&it.key.namespace).1, &*it.key.namespace]);
    all.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
}

fn namespace(app: &mut App, name: &str) -> Done {
    if name.is_empty() || name == "all" {
        app.confine(None);
        return Ok(None);
    }
    if !namespaces(app).iter().any(|known| known == name) {
        return Err(format!("no election is seen in the namespace {name}"));
    }
    app.confine(Some(name.into()));
    Ok(None)
}

fn clusters(app: &App) -> Vec<String> {
    let all = app.snapshot.elections.iter();
    let all = all.filter_map(|election| split(&election.key.namespace).0.map(str::to_owned));
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

fn cluster(app: &mut App, name: &str) -> Done {
    if name.is_empty() || name == "all" {
        app.filter_by("");
        return Ok(None);
    }
    let known = clusters(app);
    if known.is_empty() {
        return Err("there is only one cluster; --context may be given more than once".to_owned());
    }
    if !known.iter().any(|cluster| cluster == name) {
        return Err(one_of(name, &known));
    }
    filter(app, &format!("cluster:{name}"))
}

fn orders(_: &App) -> Vec<String> {
    Order::all().map(|order| order.label().to_owned()).collect()
}

fn sort(app: &mut App, name: &str) -> Done {
    let titled = || columns::COLUMNS.iter().find(|it| it.title.eq_ignore_ascii_case(name))?.order;
    let order = Order::named(&name.to_ascii_lowercase()).or_else(titled);
    let order = order.ok_or_else(|| one_of(name, &orders(app)))?;
    app.sort(order);
    Ok(None)
}

fn themes(_: &App) -> Vec<String> {
    PALETTES.iter().map(|palette| palette.name.to_owned()).collect()
}

fn theme(app: &mut App, name: &str) -> Done {
    app.theme.palette = Palette::named(name).ok_or_else(|| one_of(name, &themes(app)))?;
    Ok(None)
}

fn filter(app: &mut App, text: &str) -> Done {
    app.filter_by(text);
    app.filter.error().map_or(Ok(None), |error| Err(error.to_owned()))
}

/// To a time of day of the recording, or by so many seconds.
fn seek(app: &mut App, text: &str) -> Done {
    let played = app.played.ok_or("only a recording can be played (--replay FILE)")?;
    let (start, end) = played.span;
    let play = match text {
        "" => return Err("when? 00:47:40, +90, -90, start or end".to_owned()),
        "start" => Play::At(start),
        "end" => Play::At(end),
        _ if text.starts_with(['+', '-']) => {
            let seconds = text.parse().map_err(|_| format!("{text} is no number of seconds"))?;
            Play::Seek(seconds)
        }
        _ => Play::At(time_of_day(text, start)?),
    };
    Ok(Some(Effect::Play(play)))
}

/// The first such time at or after the beginning.
fn time_of_day(text: &str, start: Time) -> Result<Time, String> {
    let wanted = text.trim_end_matches('Z').parse::<jiff::civil::Time>();
    let wanted = wanted.map_err(|_| format!("{text} is no time: write 00:47:40, +90 or -90"))?;
    let begin = jiff::Timestamp::from(start).to_zoned(jiff::tz::TimeZone::UTC);
    let same_day = begin.with().time(wanted).build().map_err(|error| error.to_string())?;
    let time = Time::from(same_day.timestamp());
    let day = Delta::from_secs(24 * 60 * 60);
    Ok(if time < start { time + day } else { time })
}

fn one_of(name: &str, options: &[String]) -> String {
    let options = options.join(", ");
    if name.is_empty() {
        return format!("which? {options}");
    }
    format!("{name} is none of {options}")
}
