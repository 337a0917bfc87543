//! How many colours a terminal has, by what its user and its environment say.

use crate::args::When;

/// How many colours a terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// None, or none are wanted.
    None,
    /// The sixteen that its user may have chosen.
    Of16,
    /// The cube of 256.
    Of256,
    /// All.
    True,
}

/// Tells it by the flag and the variables of the environment, of which `variable` gives the one of that name.
///
/// The flag wins; then a `NO_COLOR` that is not empty; then a `CLICOLOR_FORCE` that is neither
/// empty nor 0; then a `CLICOLOR` of 0.
#[must_use]
pub fn detect(wanted: When, variable: impl Fn(&str) -> Option<String>) -> Depth {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let forced = || set("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    let unwanted = || set("CLICOLOR").is_some_and(|value| value == "0");
    let colors = match wanted {
        When::Always => true,
        When::Never => false,
        When::Auto => set("NO_COLOR").is_none() && (forced() || !unwanted()),
    };
    if colors { of_terminal(set) } else { Depth::None }
}

fn of_terminal(set: impl Fn(&str) -> Option<String>) -> Depth {
    let term = set("TERM").unwrap_or_default();
    let color_term = set("COLORTERM").unwrap_or_default();
    match () {
        () if ["truecolor", "24bit"].contains(&&*color_term) => Depth::True,
        () if term.ends_with("-direct") => Depth::True,
        () if term.contains("256color") => Depth::Of256,
        () => Depth::Of16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(wanted: When, variables: &[(&str, &str)]) -> Depth {
        detect(wanted, |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_terminal_says_how_many_colours_it_has() {
        let auto = |variables| depth(When::Auto, variables);
        assert_eq!(auto(&[]), Depth::Of16);
        assert_eq!(auto(&[("TERM", "xterm-256color")]), Depth::Of256);
        let true_color = [("TERM", "xterm-256color"), ("COLORTERM", "truecolor")];
        assert_eq!(auto(&true_color), Depth::True);
        assert_eq!(auto(&[("TERM", "xterm-direct")]), Depth::True);
    }

    #[test]
    fn the_user_has_the_last_word() {
        assert_eq!(depth(When::Auto, &[("NO_COLOR", "1")]), Depth::None);
        assert_eq!(depth(When::Auto, &[("NO_COLOR", "")]), Depth::Of16);
        let both = [("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")];
        assert_eq!(depth(When::Auto, &both), Depth::None);
        assert_eq!(depth(When::Always, &both), Depth::Of16);
        assert_eq!(depth(When::Never, &[("CLICOLOR_FORCE", "1")]), Depth::None);
        assert_eq!(depth(When::Auto, &[("CLICOLOR", "0")]), Depth::None);
        let forced = [("CLICOLOR", "0"), ("CLICOLOR_FORCE", "1")];
        assert_eq!(depth(When::Auto, &forced), Depth::Of16);
    }
}
