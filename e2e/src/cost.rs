//! What a process costs, as the kernel counts it.

use anyhow::{Context, Result};
use leadership::time::Delta;

/// The kernel's clock ticks in a second, as `/proc` counts processor time.
const TICKS: f64 = 100.0;

/// What a process has cost so far.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Processor time, user and system, in seconds.
    pub seconds: f64,
    /// Resident memory, in KiB.
    pub resident: u64,
    /// The most that was ever resident, in KiB.
    pub peak: u64,
}

impl Cost {
    /// Of the process with this id.
    ///
    /// # Errors
    /// When there is no such process, or no `/proc`.
    pub fn of(process: u32) -> Result<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
        // The name of the program may contain blanks.
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or("").split(' ').collect();
        let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<f64>().ok());
        let seconds = (ticks(11).context("utime")? + ticks(12).context("stime")?) / TICKS;
        let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        Ok(Self {
            seconds,
            resident: kib("VmRSS:").context("VmRSS")?,
            peak: kib("VmHWM:").context("VmHWM")?,
        })
    }

    /// Processor time since then, which is so long ago, in percent of one core.
    #[must_use]
    pub fn share_since(self, before: Self, passed: Delta) -> f64 {
        (self.seconds - before.seconds) / passed.as_secs_f64() * 100.0
    }
}
