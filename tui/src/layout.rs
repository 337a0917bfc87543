//! Which columns fit a screen, and how wide they are.

use leadership::snapshot::Election;

use crate::columns::{Column, In, Lens, are_of_several, columns};
use crate::format;
use crate::order::Order;

/// A column and its width in cells.
pub type Slot = (&'static Column, usize);

/// Cells between two columns.
pub const GAP: usize = 1;

/// A screen that has room for a column which goes before this one shall first have so many more
/// cells for each name.
const LUXURY: u8 = 5;
const COMFORT: usize = 8;

/// More cells for the state while it may say that it is stale.
const STALE_WORD: usize = 6;

/// What all rows together need, whether or not they are seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Needs {
    /// Some of them are stale.
    pub stale: bool,
    /// They are of more than one cluster.
    pub several: bool,
}

/// The columns for a screen of `width` cells on which these elections are shown. Where they do not
/// fit, the one with the highest `drop` goes first, whatever the elections have to say; what is left
/// over goes to the names, first to those that are cut.
#[must_use]
pub fn fit(elections: &[&Election], lens: &Lens, width: u16, needs: Needs) -> Vec<Slot> {
    let width = usize::from(width);
    let mut slots: Vec<Slot> =
        columns(needs.several).map(|column| (column, least(column, needs.stale))).collect();
    while needed(&slots) + comfort(&slots) > width {
        let Some(last) = (0..slots.len())
            .filter(|place| slots[*place].0.drop > 0)
            .max_by_key(|place| slots[*place].0.drop)
        else {
            break;
        };
        slots.remove(last);
    }
    let wanted = |column: &Column| {
        elections.iter().map(|election| told(column, election, lens)).max().unwrap_or(0)
    };
    for (column, cells) in &mut slots {
        // Numbers change all the time; columns of them stay where they are.
        if column.grow == 0 && column.min >= NAMES {
            *cells = (*cells).min(wanted(column).max(format::width(column.title) + 1));
        }
    }
    feed(&mut slots, width, wanted);
    share(&mut slots, width);
    slots
}

/// A column that is at least so wide has names or words, not numbers.
const NAMES: u16 = 18;

/// Shares are compared in whole numbers.
const SCALE: usize = 1_000;

/// Gives what is left over to the growing columns that are cut, until none is.
fn feed(slots: &mut [Slot], width: usize, wanted: impl Fn(&Column) -> usize) {
    let mut left = width.saturating_sub(needed(slots));
    let mut hungry: Vec<(&mut Slot, usize)> = slots
        .iter_mut()
        .filter(|(column, _)| column.grow > 0)
        .map(|slot| {
            let wanted = wanted(slot.0);
            (slot, wanted)
        })
        .collect();
    while left > 0 {
        let cut = hungry.iter_mut().filter(|((_, cells), wanted)| cells < wanted);
        // The one that has least of its share comes first.
        let fed = |slot: &Slot| slot.1 * SCALE / usize::from(slot.0.grow.max(1));
        let Some((slot, _)) = cut.min_by_key(|(slot, _)| fed(slot)) else {
            return;
        };
        slot.1 += 1;
        left -= 1;
    }
}

/// All columns, each as wide as what these elections have to say, for a screen of `width` cells from
/// which so many columns were scrolled away; and how many may be, until the last one is seen.
/// State and lease stay.
#[must_use]
pub fn whole(elections: &[&Election], lens: &Lens, width: u16, aside: usize) -> (Vec<Slot>, usize) {
    let slot = |column: &'static Column| {
        let cells = elections.iter().map(|election| told(column, election, lens));
        let steady = if column.min < NAMES { usize::from(column.min) } else { 0 };
        let least = steady.max(format::width(column.title) + 1);
        (column, cells.max().unwrap_or(0).max(least))
    };
    let several = are_of_several(elections.iter().copied());
    let slots: Vec<Slot> = columns(several).map(slot).collect();
    let kept = KEPT + usize::from(several);
    let (kept, rest) = slots.split_at(kept.min(slots.len()));
    let fits = |skipped: &usize| {
        let shown = [kept, rest.get(*skipped..).unwrap_or_default()].concat();
        needed(&shown) <= usize::from(width)
    };
    let most = (0..rest.len()).find(fits).unwrap_or(rest.len().saturating_sub(1));
    let shown = rest.get(aside.min(most)..).unwrap_or_default();
    ([kept, shown].concat(), most)
}

/// Columns that are never scrolled away.
const KEPT: usize = 2;

/// Cells that a column needs for an election; one that is only for the screen fills what it gets.
fn told(column: &Column, election: &Election, lens: &Lens) -> usize {
    if column.place == In::Screen {
        return usize::from(column.min);
    }
    format::width(&(column.cell)(election, lens, usize::MAX).text)
}

fn least(column: &Column, stale: bool) -> usize {
    let more = if stale && column.order == Some(Order::State) { STALE_WORD } else { 0 };
    usize::from(column.min) + more
}

fn comfort(slots: &[Slot]) -> usize {
    if slots.iter().all(|(column, _)| column.drop <= LUXURY) {
        return 0;
    }
    let names = slots.iter().filter(|(column, _)| column.grow > 0);
    names.count() * COMFORT
}

fn needed(slots: &[Slot]) -> usize {
    let cells: usize = slots.iter().map(|(_, width)| width).sum();
    cells + GAP * slots.len().saturating_sub(1)
}

/// Gives what is left over to the columns that grow, or takes what is missing from them.
fn share(slots: &mut [Slot], width: usize) {
    let need = needed(slots);
    let grow: usize = slots.iter().map(|(c, _)| usize::from(c.grow)).sum();
    let growing = slots.iter_mut().filter(|(column, _)| column.grow > 0);
    if need > width {
        let missing = need - width;
        for (_, cells) in growing {
            *cells = cells.saturating_sub(missing).max(1);
        }
        return;
    }
    let left = width - need;
    for (column, cells) in growing {
        *cells += left * usize::from(column.grow) / grow.max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::COLUMNS;
    use crate::samples;
    use crate::theme::UNICODE;

    const LENS: Lens = Lens { now: samples::NOW, glyphs: UNICODE };

    fn fitted(width: u16, needs: Needs) -> Vec<Slot> {
        let fleet = samples::fleet();
        let elections: Vec<&Election> = fleet.elections.iter().map(|it| &**it).collect();
        let empty = fit(&[], &LENS, width, needs);
        let full = fit(&elections, &LENS, width, needs);
        let columns = |slots: &[Slot]| slots.iter().map(|(it, _)| it.title).collect::<Vec<_>>();
        assert_eq!(
            columns(&empty),
            columns(&full),
            "only the width decides which columns there are"
        );
        assert!(needed(&empty) <= usize::from(width));
        full
    }

    fn titles(width: u16) -> Vec<&'static str> {
        fitted(width, Needs::default()).iter().map(|(column, _)| column.title).collect()
    }

    #[test]
    fn columns_never_exceed_the_screen() {
        for width in 40..300 {
            for stale in [false, true] {
                let needs = Needs { stale, several: width > 80 };
                assert!(needed(&fitted(width, needs)) <= usize::from(width), "{width}");
            }
        }
    }

    #[test]
    fn columns_go_in_the_stated_order() {
        assert_eq!(titles(240).len(), COLUMNS.len());
        assert!(["NODE", "COMPONENT", "CAUSE"].iter().all(|title| titles(200).contains(title)));
        let lean = ["STATE", "LEASE", "HOLDER", "STANDBY", "FOR", "LEFT", "GAP", "CAUSE"];
        assert_eq!(titles(120), lean);
        assert_eq!(titles(80), ["STATE", "LEASE", "HOLDER", "STANDBY", "FOR", "LEFT", "GAP"]);
        assert_eq!(titles(60), ["STATE", "LEASE", "HOLDER", "FOR"]);
        assert_eq!(titles(40), ["STATE", "LEASE"]);
        let mut before = COLUMNS.len();
        for width in (40..240).rev() {
            let now = titles(width).len();
            assert!(now <= before, "a narrower screen never has more columns");
            before = now;
        }
    }
}
