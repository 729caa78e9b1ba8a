//! TLS, with a certificate that the test makes.

use std::{fs, path::Path, sync::Arc};

use hallpass_server::serve::Server;
use rustls_pki_types::ServerName;
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs::default_provider},
};

use crate::running::{Running, answer, get, settings, status};

fn certificate(folder: &Path) -> (rcgen::CertifiedKey<rcgen::KeyPair>, String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    (made, certificate.display().to_string(), key.display().to_string())
}

#[tokio::test]
async fn the_server_speaks_tls_with_its_certificate_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (made, certificate, key) = certificate(folder.path());
    let server = Running::with(&[("HALLPASS_TLS_CERTIFICATE_FILE", &certificate), ("HALLPASS_TLS_KEY_FILE", &key)]).await;

    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions().unwrap();
    let connector = TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()));
    let plain = TcpStream::connect(server.address).await.unwrap();
    let mut connection = connector.connect(ServerName::try_from("localhost").unwrap(), plain).await.unwrap();
    connection.write_all(get("/").as_bytes()).await.unwrap();
    let said = answer(&mut connection).await;
    assert!(status(&said) == 200 && said.ends_with("the app"), "{said}");

    let plain = server.says(get("/")).await;
    assert!(!plain.contains("HTTP/1.1"), "{plain}");
}

#[tokio::test]
async fn files_that_are_no_certificate_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (_, certificate, key) = certificate(folder.path());
    let junk = folder.path().join("junk.pem").display().to_string();
    fs::write(&junk, "hunter2").unwrap();
    let refused = async |certificate: &str, key: &str| {
        let settings = settings(&[("HALLPASS_TLS_CERTIFICATE_FILE", certificate), ("HALLPASS_TLS_KEY_FILE", key)]);
        Server::bind(&settings).await.map(|_| ()).unwrap_err().to_string()
    };
    for (certificate, key, named) in
        [(&junk, &key, "junk.pem"), (&certificate, &junk, "junk.pem"), (&certificate, &"/nowhere".to_owned(), "/nowhere")]
    {
        let error = refused(certificate, key).await;
        assert!(error.contains(named) && error.contains("is no use for TLS") && !error.contains("hunter2"), "{error}");
    }
    let other = tempfile::tempdir().unwrap();
    let (_, _, other) = self::certificate(other.path());
    let error = refused(&certificate, &other).await;
    assert!(error.contains("cannot be used with the key"), "{error}");
}
