//! How fast, beside how fast it could be.
//!
//! ```text
//! cargo build --release && cargo run --release -p hallpass-bench
//! ```
//!
//! Every figure stands beside a limit that the same run measured on the same machine: a creation or a refresh cannot
//! cost less than one signature and one row in a group-committed transaction (raw SQLite, `synchronous=FULL`), a
//! verification not less than one raw verification. Per CPU-second counts the processor time of the whole process.

mod idle;
mod limits;
mod load;

use hallpass_engine::keys::Algorithm;

use crate::limits::Rate;

fn main() {
    println!("{:<24}{:>12}{:>14}{:>14}{:>8}", "", "per second", "per CPU-s", "limit/CPU-s", "ratio");
    let update = limits::group_committed_update();
    show("raw update", update, None);
    for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
        let name = algorithm.as_str();
        let (signature, verification) = limits::signature(algorithm);
        show(&format!("{name} raw signature"), signature, None);
        show(&format!("{name} raw verification"), verification, None);
        let limit = 1.0 / (1.0 / signature.per_cpu_second + 1.0 / update.per_cpu_second);
        let (creations, refreshes, verifications) = load::run(algorithm);
        show(&format!("{name} creations"), creations, Some(limit));
        show(&format!("{name} refreshes"), refreshes, Some(limit));
        show(&format!("{name} verifications"), verifications, Some(verification.per_cpu_second));
    }
    idle();
}

fn idle() {
    let demo = std::env::current_exe().expect("a running program has a path").with_file_name("hallpass");
    match idle::measure(&demo) {
        Ok((answered, kib)) => {
            println!("idle demo: first answer after {} ms (goal: 100), resident {} KiB (goal: 20480)", answered.as_millis(), kib);
        }
        Err(error) => println!("idle demo: not measured ({}: {error})", demo.display()),
    }
}

fn show(what: &str, rate: Rate, limit: Option<f64>) {
    print!("{what:<24}{:>12.0}{:>14.0}", rate.per_second, rate.per_cpu_second);
    match limit {
        Some(limit) => println!("{limit:>14.0}{:>8.2}", rate.per_cpu_second / limit),
        None => println!(),
    }
}
