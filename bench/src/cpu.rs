//! Processor time of processes, user and system together, as Linux tells it: in ticks of a hundredth of a second.

use std::{fs, path::Path, time::Duration};

pub(crate) fn of_this_process() -> Duration {
    ticks(&stat(Path::new("/proc/self")).expect("Linux tells every process its times"), OWN)
}

/// Nothing for a process that has ended.
pub(crate) fn of(pid: u32) -> Duration {
    stat(Path::new(&format!("/proc/{pid}"))).map_or(Duration::ZERO, |stat| ticks(&stat, OWN))
}

/// A process and its children, those that have ended included.
pub(crate) fn of_family(pid: u32) -> Duration {
    let parent = stat(Path::new(&format!("/proc/{pid}"))).map_or(Duration::ZERO, |stat| ticks(&stat, OWN + ENDED_CHILDREN));
    let all = fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| stat(&entry.path()));
    let children = all.filter(|stat| stat.get(PARENT).is_some_and(|parent| *parent == pid.to_string()));
    children.map(|stat| ticks(&stat, OWN)).sum::<Duration>() + parent
}

/// Where the parent stands in what follows a process's name.
const PARENT: usize = 1;
/// Where the times begin.
const TIMES: usize = 11;
/// So many of them are the process's own: user and system.
const OWN: usize = 2;
/// So many after them are those of its children that have ended.
const ENDED_CHILDREN: usize = 2;

/// What follows a process's name, which may hold anything and stands in parentheses.
fn stat(process: &Path) -> Option<Vec<String>> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    Some(stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}

fn ticks(stat: &[String], times: usize) -> Duration {
    let ticks: u64 = stat.iter().skip(TIMES).take(times).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
