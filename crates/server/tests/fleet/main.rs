//! Servers in processes of their own that share one PostgreSQL: they agree, and what kills one of them, or the database, costs
//! nobody a session.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is test code")]

mod agreement;
mod caller;
mod crash;
mod feed;
mod honest;
mod load;
mod node;
mod outage;
mod start;
mod stop;
