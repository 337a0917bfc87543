//! The terminal as we take it over, and as we give it back: on leaving, on panic, on a signal.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write, stdout};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::style::force_color_output;
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};

use crate::args::{ScreenArgs, When};
use crate::theme::Theme;

/// Whether the terminal is ours at present. There is one terminal, and a panic may come from anywhere.
static OURS: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours; gives it back when it is dropped.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
}

impl Screen {
    /// Takes the terminal over: raw mode, alternate screen, no cursor. A panic gives it back, then ends the process.
    ///
    /// # Errors
    /// When the terminal does not obey.
    pub fn enter() -> io::Result<Self> {
        restore_on_panic();
        enable_raw_mode()?;
        OURS.store(true, Ordering::SeqCst);
        // From here on dropping it gives the terminal back.
        let backend = CrosstermBackend::new(BufWriter::with_capacity(1 << 16, stdout()));
        let mut screen = Self { terminal: Terminal::new(backend).inspect_err(|_| restore())? };
        // Not ratatui's own clear: that asks the terminal where its cursor is, and not every terminal answers.
        let all = Clear(ClearType::All);
        execute!(screen.terminal.backend_mut(), EnterAlternateScreen, Hide, all)?;
        Ok(screen)
    }

    /// Draws one frame, in one piece on terminals that can.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame)) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(view)?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    /// Rows of the terminal.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn height(&self) -> io::Result<u16> {
        Ok(self.terminal.size()?.height)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back, once. Errors are of no use to anybody: the terminal may be gone.
fn restore() {
    if OURS.swap(false, Ordering::SeqCst) {
        let mut out = stdout();
        let _ = execute!(out, EndSynchronizedUpdate, LeaveAlternateScreen, Show);
        let _ = out.flush();
        let _ = disable_raw_mode();
    }
}

/// A panic, of whatever task, gives the terminal back before its message is printed; then the process ends, because
/// what is left of it would draw over that message.
fn restore_on_panic() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let ours = OURS.load(Ordering::SeqCst);
        restore();
        print(panic);
        if ours {
            std::process::exit(101);
        }
    }));
}

/// Whether there is a terminal that can show a screen.
#[must_use]
pub fn able() -> bool {
    let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    stdout().is_terminal() && !dumb
}

/// The theme that the flags, `NO_COLOR` and the locale ask for.
#[must_use]
pub fn theme(args: &ScreenArgs) -> Theme {
    let unwanted = std::env::var("NO_COLOR").is_ok_and(|value| !value.is_empty());
    let colors = match args.color {
        When::Always => true,
        When::Never => false,
        When::Auto => !unwanted,
    };
    force_color_output(colors);
    Theme::new(colors, args.ascii || !unicode())
}

/// Whether the locale, if there is one, has Unicode. The first variable that is set counts, as for the C library.
fn unicode() -> bool {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set);
    locale.is_none_or(|locale| locale.to_lowercase().replace('-', "").contains("utf8"))
}
