//! What the command `hallpass` does.
//!
//! [`demo`] is a sample site to try sessions on, [`keys`] what an operator does about a leaked signing key, [`admin`] about users,
//! their sessions and roles; all are thin users of the crate `hallpass`. [`doctor`] looks at an app from outside; the binary only
//! reads the command line.

pub mod admin;
pub mod api;
pub mod app_settings;
pub mod core_config;
pub mod demo;
pub mod doctor;
pub mod keys;
pub mod serve;
pub mod settings;
