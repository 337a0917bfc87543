//! `docs/fleet-top.md` is written from the tables, and this keeps it so.

use std::fmt::Write as _;
use std::path::Path;

use fleet_top::columns::COLUMNS;
use fleet_top::command_line::PHRASES;
use fleet_top::filter::WORDS;
use fleet_top::keymap::{BINDINGS, Binding};
use fleet_top::theme::PALETTES;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/fleet-top.md");

const HEAD: &str = "# fleet-top on the screen

This page is written from the tables in `tui/src`; `UPDATE=1 cargo test -p fleet-top --test docs` renews it.

The overview tells one election a row, the worst first; its summary line always says how many are held, late,
leaderless and without a standby. `enter` opens an election whole: who leads and how sure that is, its timing as bars,
the last failover as a waterfall of its phases with cause and evidence, who else could lead, past reigns, advice.
Behind `tab` are the timeline, the nodes with what a drain of each would move, the events, and the health of our own
watches. From 36 rows on, the election under the cursor is shown below the overview; where there is less room, what
happened last.

<picture>
  <source media=\"(prefers-color-scheme: dark)\" srcset=\"pictures/timeline-dark.svg\">
  <img alt=\"The timeline: one lane an election\" src=\"pictures/timeline-light.svg\">
</picture>

<picture>
  <source media=\"(prefers-color-scheme: dark)\" srcset=\"pictures/events-dark.svg\">
  <img alt=\"The events, the newest last\" src=\"pictures/events-light.svg\">
</picture>

When a watch breaks, a banner says since when and why; what it saw last stays, greyed, marked `stale`, and its ages
stand still. The events keep the last 2,000 since the screen was opened.

## Keys

| key | what it does | its name |
| --- | --- | --- |
";

const KEYS: &str = "
`ctrl-c` always quits. A click moves the cursor; on the row that has the cursor it opens the election, on a heading it
sorts by that column, and the same click again turns the order round. The wheel scrolls. Most terminals select text
while shift is held.

`c` and `C` ask the terminal to copy (OSC 52); some terminals, and tmux without `set-clipboard on`, do not.

With `--replay FILE` the screen shows the end of a recording. `space` plays it from its beginning or from where it
stands, `.` and `,` go from event to event, `[` and `]` by half a minute, `{` and `}` change the speed (1 to 300 times;
`--speed N` begins with another), and `:seek` goes to any time of it. Everything else works as on a live cluster.

`D` gives the terminal to `fleet-top drill` for the election under the cursor, which learns, tells what it would do, and
asks; then enter leads back. The screen itself only reads.

## Commands

`:` opens the command line. Tab completes and goes through what there is, shift-tab goes back, esc gives up. A command
may be shortened as long as only one begins so. Whatever has a key can be typed by its name, too.

| command | what it does |
| --- | --- |
";

const FILTERS: &str = "
## Filters

`/` opens the filter, which applies while it is typed; enter keeps it, esc restores the one before. It is made of words
that must all apply, and narrows the events as well.

| word | what is shown |
| --- | --- |
| `text` | what has it in the names of its lease, holder, pod, node or component, in either case |
| `^kube.*r$` | what matches the regular expression; a word is one if it has any of `^ $ * + ? ( ) [ ] { \\| \\` |
| `!word` | what is not so |
| `-l app=x,!canary` | what has these labels: a selector in kubectl's grammar, `in (a,b)` and all |
";

const FILTERS_END: &str = "
The value of a word may be a regular expression. What cannot be read, and a state, class or cause that does
not exist, says so in the last line, and hides nothing.

## Themes

`--theme NAME`, `FLEET_TOP_THEME` or `:theme NAME`. Where the terminal has fewer colours than a theme wants, the
nearest ones are used: `COLORTERM` tells of truecolor, `TERM` of 256. `NO_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR=0` and
`--color always|never` are heeded. No meaning is carried by colour alone: every state has a sign and a word, and the
cursor is reversed. `--ascii` keeps to signs that every terminal has. Nothing moves but ages and bars. With
`TERM=dumb` there is no screen but one list. `--lines` is for screen readers: it tells how things stand, and then what
happens, in sentences that are only ever added to.

| theme | for whom |
| --- | --- |
";

const COLUMNS_HEAD: &str = "
## Columns

Where the screen is too narrow for all columns, they go in this order; `w` shows all of them whole, and the arrows
look at those that do not fit. Below 40 columns or 10 rows the screen says that it needs more.

";

fn key(row: &Binding) -> String {
    let keys: Vec<String> = row.keys.iter().map(|key| format!("`{key}`")).collect();
    format!("| {} | {} | `{}` |\n", keys.join(" "), row.help, row.name)
}

fn generated() -> String {
    let mut page = HEAD.to_owned();
    page.extend(BINDINGS.iter().map(key));
    page += KEYS;
    for phrase in PHRASES {
        let _ = writeln!(page, "| `:{} {}` | {} |", phrase.name, phrase.takes, phrase.help);
    }
    page += FILTERS;
    for word in WORDS {
        let _ = writeln!(page, "| `{}:` | {} |", word.name, word.help);
    }
    page += FILTERS_END;
    for palette in PALETTES {
        let _ = writeln!(page, "| `{}` | {} |", palette.name, palette.about);
    }
    page += COLUMNS_HEAD;
    let mut columns: Vec<_> = COLUMNS.iter().filter(|column| column.drop > 0).collect();
    columns.sort_by_key(|column| std::cmp::Reverse(column.drop));
    let names: Vec<String> = columns.iter().map(|column| format!("`{}`", column.title)).collect();
    let stay: Vec<String> = COLUMNS
        .iter()
        .filter(|column| column.drop == 0)
        .map(|column| format!("`{}`", column.title))
        .collect();
    let _ = writeln!(page, "{}. {} stay.", names.join(", "), stay.join(" and "));
    page
}

#[test]
fn the_page_tells_what_there_is() {
    let wanted = generated();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(PAGE, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(Path::new(PAGE)).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/fleet-top.md is old: UPDATE=1 cargo test -p fleet-top --test docs"
    );
}
