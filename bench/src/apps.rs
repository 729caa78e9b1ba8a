//! Many apps: each has keys of its own.

use std::{
    io,
    path::Path,
    time::{Duration, Instant},
};

use tokio::runtime::Builder;

use crate::{client::Client, http::serve, process::Process};

const APPS: usize = 1000;
const SESSIONS: usize = 100;

/// Prints how long it takes one client to make a thousand apps, and a session in each of a hundred of them.
pub(crate) fn show(binary: &Path) -> io::Result<()> {
    println!("\napps, on SQLite, one client");
    let folder = tempfile::tempdir_in(".")?;
    let server = Process::start(&mut serve(binary, folder.path(), "sqlite://apps.db"))?;
    server.settle();
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut client = Client::connect(server.address).await?;
        let started = Instant::now();
        for app in 0..APPS {
            let body = format!(r#"{{"appId":"app{app}","coreConfig":{{}}}}"#);
            let answer = client.send("PUT", "/recipe/multitenancy/app/v2", &body).await?;
            expect(answer, r#""createdNew":true"#)?;
        }
        println!("{APPS} apps: {:.1} s (goal 10)", started.elapsed().as_secs_f64());
        let mut latencies: Vec<Duration> = Vec::new();
        let started = Instant::now();
        for app in 0..SESSIONS {
            let asked = Instant::now();
            let body = r#"{"userId":"u","userDataInJWT":{},"userDataInDatabase":{},"enableAntiCsrf":false}"#;
            let answer = client.send("POST", &format!("/appid-app{app}/public/recipe/session"), body).await?;
            expect(answer, r#""status":"OK""#)?;
            latencies.push(asked.elapsed());
        }
        latencies.sort_unstable();
        let (median, slowest) = (latencies[SESSIONS / 2], latencies[SESSIONS - 1]);
        let all = started.elapsed().as_secs_f64();
        println!(
            "the first session in each of {SESSIONS}: {all:.1} s (median {} ms, slowest {} ms: an RSA key is made for each); resident {} KiB",
            median.as_millis(),
            slowest.as_millis(),
            server.resident()?
        );
        Ok(())
    })
}

fn expect(answer: &str, part: &str) -> io::Result<()> {
    if answer.contains(part) { Ok(()) } else { Err(io::Error::other(answer)) }
}
