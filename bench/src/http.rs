//! The server under load: the real binary, over HTTP, with many clients at once.

use std::{io, path::Path, process::Command, time::Duration};

use hallpass_engine::keys::Algorithm;
use hallpass_testkit::postgres::Server;

use crate::{
    bare_route,
    caller::Operation,
    limits::{self, Rows, postgres::Table},
    load::{self, Load},
    process::{Process, postmaster},
    rate::{Rate, combined},
};

const CLIENTS: [usize; 4] = [1, 8, 64, 256];

/// As many connections to PostgreSQL as the server has by default.
const CONNECTIONS: usize = 10;

/// On a SQLite file.
pub(crate) fn on_sqlite(binary: &Path, span: Duration) -> io::Result<()> {
    println!("\nhallpass serve, SQLite (a file, synchronous=FULL)");
    let (update, read) = limits::sqlite::rows(span);
    show_part("raw update, grouped", &update.into());
    show_part("raw read", &read.into());
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let folder = tempfile::tempdir_in(".")?;
        let server = Process::start(serve(binary, folder.path(), "sqlite://load.db").args(["--signing-algorithm", algorithm.as_str()]))?;
        let rows = |operation, _| if operation == Operation::Verify { read.into() } else { update.into() };
        under_load(&server, None, algorithm, rows, span)?;
    }
    Ok(())
}

/// On PostgreSQL, whose processor time is not the server's.
pub(crate) fn on_postgres(binary: &Path, span: Duration) -> io::Result<()> {
    println!("\nhallpass serve, PostgreSQL (over {CONNECTIONS} connections)");
    let postgres = Server::start();
    let table = Table::new(&postgres);
    let connections = |clients: usize| clients.min(CONNECTIONS);
    let mut counts = CLIENTS.map(connections).to_vec();
    counts.dedup();
    let rows: Vec<_> = counts.iter().map(|&count| (count, table.update(count, span), table.read(count, span))).collect();
    for (count, update, read) in &rows {
        show_part(&format!("raw update, {count} connections"), update);
        show_part(&format!("raw read, {count} connections"), read);
    }
    show_part("raw update, 64 rows in one", &table.grouped_update(CONNECTIONS, span));
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let (folder, database) = (tempfile::tempdir_in(".")?, postgres.database());
        let mut command = serve(binary, folder.path(), &database.url());
        let server = Process::start(command.args(["--signing-algorithm", algorithm.as_str(), "--dangerous-plaintext-keys"]))?;
        let rows = |operation, clients| {
            let (_, update, read) = rows.iter().find(|(count, ..)| *count == connections(clients)).expect("all counts are measured");
            if operation == Operation::Verify { *read } else { *update }
        };
        under_load(&server, Some(postmaster(&postgres)), algorithm, rows, span)?;
    }
    Ok(())
}

/// The server, without any settings but those that it is given.
pub(crate) fn serve(binary: &Path, folder: &Path, database: &str) -> Command {
    let mut command = Command::new(binary);
    command.env_clear().current_dir(folder).env("HALLPASS_DATABASE", database).args(["serve", "--listen", "127.0.0.1:0"]);
    command
}

/// Measures every operation with every number of clients, each beside the bare route with as many.
///
/// The limit is what could be done in a second of the server's processor time if there were nothing but one answer of the
/// bare route, one signature (or its verification), and one row: `1 / (1/route + 1/signature + 1/row)`. The row
/// of SQLite is one of a full group: few clients have nobody to share a commit with. What PostgreSQL does for a row is its
/// own processor time, and stands beside what it does for a raw one.
fn under_load(
    server: &Process,
    postmaster: Option<u32>,
    algorithm: Algorithm,
    rows: impl Fn(Operation, usize) -> Rows,
    span: Duration,
) -> io::Result<()> {
    let (signature, verification) = limits::signature(algorithm, span);
    show_part(&format!("{} raw signature", algorithm.as_str()), &signature.into());
    show_part(&format!("{} raw verification", algorithm.as_str()), &verification.into());
    let route = bare_route::start(&load::answers(server)?)?;
    server.settle();
    print!("{:<16}{:>8}{:>12}{:>9}{:>9}", algorithm.as_str(), "clients", "per second", "p50 ms", "p99 ms");
    print!("{:>12}{:>12}{:>7}", "per CPU-s", "limit", "ratio");
    println!("{}", if postmaster.is_some() { format!("{:>14}{:>12}{:>7}", "per PG-CPU-s", "limit", "ratio") } else { String::new() });
    for operation in Operation::ALL {
        let crypto = if operation == Operation::Verify { verification } else { signature };
        for clients in CLIENTS {
            let bare = load::run(&route, None, operation, clients, span)?;
            let load = load::run(server, postmaster, operation, clients, span)?;
            show(operation, clients, &load, &bare, crypto, &rows(operation, clients));
        }
    }
    Ok(())
}

fn show(operation: Operation, clients: usize, load: &Load, bare: &Load, crypto: Rate, rows: &Rows) {
    let ms = |latency: Duration| latency.as_secs_f64() * 1000.0;
    let limit = combined([bare.rate.per_cpu_second, crypto.per_cpu_second, rows.rate.per_cpu_second]);
    print!("{:<16}{clients:>8}{:>12.0}", operation.name(), load.rate.per_second);
    print!("{:>9.2}{:>9.2}{:>12.0}", ms(load.median), ms(load.p99), load.rate.per_cpu_second);
    print!("{limit:>12.0}{:>7.2}", load.rate.per_cpu_second / limit);
    match load.per_database_cpu_second.zip(rows.per_database_cpu_second) {
        Some((database, limit)) => println!("{database:>14.0}{limit:>12.0}{:>7.2}", database / limit),
        None => println!(),
    }
    println!(
        "{:<16}{clients:>8}{:>12.0}{:>9.2}{:>9.2}{:>12.0}",
        "  bare route",
        bare.rate.per_second,
        ms(bare.median),
        ms(bare.p99),
        bare.rate.per_cpu_second
    );
}

/// One of the parts that limits are made of.
fn show_part(what: &str, rows: &Rows) {
    print!("{what:<32}{:>12.0} per second{:>12.0} per CPU-s", rows.rate.per_second, rows.rate.per_cpu_second);
    match rows.per_database_cpu_second {
        Some(database) => println!("{database:>12.0} per PG-CPU-s"),
        None => println!(),
    }
}
