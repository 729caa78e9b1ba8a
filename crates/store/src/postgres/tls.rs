//! Encrypted connections, to the server that the URL names and no other.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::ConnectError;

/// Checks certificates against the roots in the PEM file, or against the system's.
///
/// # Errors
/// When there are none: no certificate could be trusted.
pub(super) fn verified(file: Option<&Path>) -> Result<MakeRustlsConnect, ConnectError> {
    let mut roots = RootCertStore::empty();
    match file {
        Some(path) => {
            let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
            let certificates = certificates.map_err(|error| refused(path, &error.to_string()))?;
            for certificate in certificates {
                roots.add(certificate).map_err(|error| refused(path, &error.to_string()))?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err(match file {
            Some(path) => refused(path, "it holds none"),
            None => ConnectError::Roots(
                "this system has no root certificates: install them (Debian: ca-certificates), or name a file with sslrootcert".into(),
            ),
        });
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| ConnectError::Roots(error.to_string()))?;
    Ok(MakeRustlsConnect::new(config.with_root_certificates(roots).with_no_client_auth()))
}

fn refused(path: &Path, why: &str) -> ConnectError {
    ConnectError::Roots(format!("cannot read certificates from sslrootcert {path:?}: {why}"))
}
