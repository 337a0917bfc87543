//! A program in a terminal.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use leadership::time::Delta;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Nothing here takes longer unless it is broken.
const PATIENCE_SECONDS: i64 = 30;

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

/// A program in a terminal.
pub(crate) struct Session {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    pub(crate) screen: vt100::Parser,
    /// All that was written to the terminal.
    pub(crate) raw: Vec<u8>,
    /// Where its kubeconfig is.
    directory: Option<tempfile::TempDir>,
}

impl Session {
    pub(crate) fn start(command: CommandBuilder) -> Self {
        Self::start_with(command, |_| {})
    }

    /// Starts it in an environment that does not depend on who runs the test, but for this change.
    fn start_with(mut command: CommandBuilder, change: impl FnOnce(&mut CommandBuilder)) -> Self {
        let size = PtySize { rows: 24, cols: 80, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).unwrap();
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLORTERM", "FLEET_TOP_THEME"] {
            command.env_remove(variable);
        }
        change(&mut command);
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            keyboard: pair.master.take_writer().unwrap(),
            master: pair.master,
            output,
            screen: vt100::Parser::new(cells(24), cells(80), 0),
            raw: Vec::new(),
            directory: None,
        }
    }

    pub(crate) fn demo() -> Self {
        Self::demo_with(|_| {})
    }

    /// The demo, with other flags or another environment.
    pub(crate) fn demo_with(change: impl FnOnce(&mut CommandBuilder)) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_fleet-top"));
        command.arg("--demo");
        Self::start_with(command, change)
    }

    /// Gives the terminal another size, as its user would.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, ..PtySize::default() };
        self.master.resize(size).unwrap();
        if rows > 0 && columns > 0 {
            self.screen.screen_mut().set_size(cells(rows), cells(columns));
        }
    }

    /// The program as it watches the server at this address.
    pub(crate) fn of_server(url: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config");
        let config = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
             clusters: [{{name: test, cluster: {{server: '{url}'}}}}]\n\
             users: [{{name: test, user: {{token: x}}}}]\n\
             contexts: [{{name: test, context: {{cluster: test, user: test}}}}]\n"
        );
        std::fs::write(&path, config).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_fleet-top"));
        command.args(["--kubeconfig".as_ref(), path.as_os_str()]);
        let mut session = Self::start(command);
        session.directory = Some(directory);
        session
    }

    pub(crate) fn wait_for_text(&mut self, text: &str) {
        self.wait_for(text, |screen| screen.contents().contains(text));
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Reads until the screen is as wanted.
    pub(crate) fn wait_for(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let deadline = observe::clock::now() + Delta::from_secs(PATIENCE_SECONDS);
        while !wanted(self.screen.screen()) {
            match self.output.recv_timeout(observe::clock::until(deadline)) {
                Ok(bytes) => self.take(&bytes),
                Err(error) => panic!("{what}: {error}; the screen is:\n{}", self.text()),
            }
        }
    }

    /// Reads until the program ended; gives back its exit code.
    pub(crate) fn wait_for_end(&mut self) -> u32 {
        let code = self.child.wait().unwrap().exit_code();
        loop {
            match self.output.recv_timeout(Duration::from_secs(1)) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return code,
            }
        }
    }

    pub(crate) fn take(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        self.screen.process(bytes);
    }

    pub(crate) fn text(&self) -> String {
        self.screen.screen().contents()
    }

    pub(crate) fn wait_for_rows(&mut self) {
        self.wait_for("rows", |screen| screen.contents().contains("● held"));
    }

    /// Whether the terminal is as we found it.
    pub(crate) fn assert_restored(&self) {
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "the alternate screen was left");
        assert!(!screen.hide_cursor(), "the cursor is shown");
        let modes = format!("{:?}", self.master.get_termios().unwrap().local_flags);
        for mode in ["ECHO", "ICANON", "ISIG"] {
            assert!(modes.split(" | ").any(|set| set == mode), "raw mode was left: {modes}");
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        Self::kill(name, &self.child.process_id().unwrap().to_string());
    }

    /// Sends a signal to what the shell in the terminal runs.
    pub(crate) fn signal_child(&self, name: &str) {
        let shell = self.child.process_id().unwrap();
        let children = format!("/proc/{shell}/task/{shell}/children");
        Self::kill(name, std::fs::read_to_string(children).unwrap().trim());
    }

    fn kill(name: &str, pid: &str) {
        let status = std::process::Command::new("kill").args([name, pid]).status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
