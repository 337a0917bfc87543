//! The standard metrics of this process, read from `/proc`.

use std::fs;

/// Ticks of `/proc/*/stat` in a second: `USER_HZ`, which is 100 on every architecture that Linux
/// presents to programs.
const TICKS: u64 = 100;

/// What the kernel says about this process. What it does not say is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// Time spent on a processor, user and system, in hundredths of a second.
    pub cpu_ticks: Option<u64>,
    /// When it started, in hundredths of a second since the Unix epoch.
    pub start_ticks: Option<u64>,
    /// Memory in RAM, in bytes.
    pub resident_bytes: Option<u64>,
    /// Memory in the address space, in bytes.
    pub virtual_bytes: Option<u64>,
    /// Open file descriptors.
    pub open_fds: Option<u64>,
    /// The most file descriptors that may be open.
    pub max_fds: Option<u64>,
    /// Threads.
    pub threads: Option<u64>,
}

impl Process {
    /// Reads the present numbers. All are `None` where there is no `/proc`.
    #[must_use]
    pub fn read() -> Self {
        let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let system = fs::read_to_string("/proc/stat").unwrap_or_default();
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let boot = number_after(&system, "btime");
        Self {
            cpu_ticks: field(&stat, 14).zip(field(&stat, 15)).map(|(user, system)| user + system),
            start_ticks: boot.zip(field(&stat, 22)).map(|(boot, ticks)| boot * TICKS + ticks),
            resident_bytes: number_after(&status, "VmRSS:").map(|kib| kib * 1024),
            virtual_bytes: number_after(&status, "VmSize:").map(|kib| kib * 1024),
            open_fds: fs::read_dir("/proc/self/fd")
                .ok()
                .and_then(|fds| u64::try_from(fds.count()).ok()),
            max_fds: number_after(&limits, "Max open files"),
            threads: number_after(&status, "Threads:"),
        }
    }
}

/// Field `number` of `/proc/self/stat`, counted from 1 as proc(5) does. The second one is the
/// program's name in brackets, which may hold spaces and brackets itself.
fn field(stat: &str, number: usize) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(number - 3)?.parse().ok()
}

/// The first number on the line that begins with `key`.
fn number_after(text: &str, key: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(key))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_move_the_fields() {
        let stat = "7 (a) b) S 1 2 3 4 5 6 7 8 9 10 140 25 0 0 20 0 9 0 4242 0";
        assert_eq!(field(stat, 14), Some(140));
        assert_eq!(field(stat, 15), Some(25));
        assert_eq!(field(stat, 22), Some(4242));
        assert_eq!(field("", 14), None);
    }

    #[test]
    fn the_first_number_of_the_named_line_is_read() {
        let limits = "Limit    Soft Limit\nMax open files            1024                 524288";
        assert_eq!(number_after(limits, "Max open files"), Some(1024));
        assert_eq!(number_after("Max open files unlimited", "Max open files"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_tells_everything_about_this_process() {
        let process = Process::read();
        assert!(process.resident_bytes > Some(100_000), "{process:?}");
        assert!(process.virtual_bytes >= process.resident_bytes);
        assert!(process.open_fds > Some(2));
        assert!(process.threads >= Some(1));
        assert!(process.cpu_ticks.is_some());
        let started = process.start_ticks.unwrap() / TICKS;
        let now = observe::clock::now().as_micros().unsigned_abs() / 1_000_000;
        assert!(started <= now + 2 && now - started < 86_400, "{started} {now}");
    }
}
