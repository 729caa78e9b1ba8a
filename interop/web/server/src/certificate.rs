//! A certificate that nobody trusts, for the harness's TLS.

use std::{fs, io, path::Path};

/// All names that the harness's sites have. None of them exists (RFC 2606 §2).
const NAMES: [&str; 5] = ["shop.example", "*.shop.example", "other.example", "*.other.example", "news.example"];

/// Writes `certificate.pem` and `key.pem` into a folder.
pub(crate) fn write(folder: &Path) -> io::Result<()> {
    let made = rcgen::generate_simple_self_signed(NAMES.map(str::to_owned)).map_err(io::Error::other)?;
    fs::write(folder.join("certificate.pem"), made.cert.pem())?;
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem())
}
