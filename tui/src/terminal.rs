//! The terminal as we take it over, and as we give it back: on leaving, on panic, on a signal.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write, stdout};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{Hide, Show};
use crossterm::style::{Print, force_color_output};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};

use crate::args::ScreenArgs;
use crate::theme::{self, Depth, Theme};

type Backend = CrosstermBackend<BufWriter<Stdout>>;

/// Buttons and wheel, in coordinates of any size. Not crossterm's own command: that asks for every
/// movement of the mouse, too, which is much to send for nothing.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// Whether the terminal is ours at present. There is one terminal, and a panic may come from anywhere.
static OURS: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours; gives it back when it is dropped.
pub struct Screen {
    terminal: Terminal<Backend>,
}

impl Screen {
    /// Takes the terminal over: raw mode, alternate screen, no cursor. A panic gives it back, then ends the process.
    ///
    /// # Errors
    /// When the terminal does not obey.
    pub fn enter() -> io::Result<Self> {
        restore_on_panic();
        Ok(Self { terminal: take_over().inspect_err(|_| restore())? })
    }

    /// Takes the terminal over again, or clears it if it is ours; everything is drawn anew.
    ///
    /// # Errors
    /// When the terminal does not obey.
    pub fn renew(&mut self) -> io::Result<()> {
        // A shell that had the terminal meanwhile may have ended raw mode behind crossterm's back.
        let _ = disable_raw_mode();
        self.terminal = take_over().inspect_err(|_| restore())?;
        Ok(())
    }

    /// Gives the terminal back for a while.
    pub fn leave(&mut self) {
        restore();
    }

    /// Asks the terminal to put `text` into its clipboard. Not every terminal does, and none tells.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), CopyToClipboard::to_clipboard_from(text))
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

/// From its first step on [`restore`] gives the terminal back.
fn take_over() -> io::Result<Terminal<Backend>> {
    enable_raw_mode()?;
    OURS.store(true, Ordering::SeqCst);
    let backend = CrosstermBackend::new(BufWriter::with_capacity(1 << 16, stdout()));
    let mut terminal = Terminal::new(backend)?;
    // Not ratatui's own clear: that asks the terminal where its cursor is, and not every terminal answers.
    let all = Clear(ClearType::All);
    execute!(terminal.backend_mut(), EnterAlternateScreen, Hide, Print(MOUSE_ON), all)?;
    Ok(terminal)
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
        let _ = execute!(out, EndSynchronizedUpdate, Print(MOUSE_OFF), LeaveAlternateScreen, Show);
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

/// The theme that the flags, the environment and the locale ask for.
#[must_use]
pub fn theme(args: &ScreenArgs) -> Theme {
    let depth = theme::detect(args.color, |name| std::env::var(name).ok());
    force_color_output(depth != Depth::None);
    Theme::new(args.theme, depth, args.ascii || !unicode())
}

/// Whether the locale, if there is one, has Unicode. The first variable that is set counts, as for the C library.
fn unicode() -> bool {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set);
    locale.is_none_or(|locale| locale.to_lowercase().replace('-', "").contains("utf8"))
}
