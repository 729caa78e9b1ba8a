//! Encrypted connections: to the server that the URL names, or not at all.

use hallpass_store::Postgres;
use hallpass_testkit::postgres::{Server, database};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::{ONE, SCHEMA};

/// An authority of certificates.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server whose certificate is for this name, and the file with the authority that vouches for it.
fn server(name: &str) -> (Server, tempfile::NamedTempFile) {
    let authority = authority();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let files = [("server.crt", certificate.pem()), ("server.key", key.serialize_pem())];
    let server = Server::start_with_files(&["ssl = on", "ssl_cert_file = '../server.crt'", "ssl_key_file = '../server.key'"], &files);
    (server, pem(&authority.pem()))
}

fn pem(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

async fn refusal(url: &str) -> String {
    Postgres::connect(url, ONE, SCHEMA).await.err().expect("it was accepted").to_string()
}

#[tokio::test]
async fn a_server_that_its_authority_vouches_for_is_talked_to_in_secret() {
    let (server, authority) = server("127.0.0.1");
    let database = server.database();
    for mode in ["require", "verify-ca", "verify-full"] {
        let url = format!("{}?sslmode={mode}&sslrootcert={}", database.url(), authority.path().display());
        let store = Postgres::connect(&url, ONE, SCHEMA).await.unwrap();
        hallpass_engine::store::Store::ping(&store).await.unwrap();
        let admin = super::sql(&format!("{}?sslmode=disable", database.url())).await;
        let encrypted = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'hallpass'";
        assert!(admin.query_one(encrypted, &[]).await.unwrap().get::<_, bool>(0));
    }
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_not_talked_to() {
    let (server, _) = server("127.0.0.1");
    let another = pem(&authority().pem());
    let database = server.database();
    for mode in ["require", "verify-ca", "verify-full"] {
        let url = format!("{}?sslmode={mode}&sslrootcert={}", database.url(), another.path().display());
        let said = refusal(&url).await;
        assert!(said.contains("error performing TLS handshake: invalid peer certificate"), "{said}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_good_enough() {
    let (server, authority) = server("db.example");
    let url = format!("{}?sslmode=require&sslrootcert={}", server.database().url(), authority.path().display());
    let said = refusal(&url).await;
    assert!(said.contains("invalid peer certificate: certificate not valid for name"), "{said}");
}

#[tokio::test]
async fn a_server_without_encryption_is_refused_when_it_was_asked_for() {
    let (database, authority) = (database(), pem(&authority().pem()));
    let said = refusal(&format!("{}?sslmode=require&sslrootcert={}", database.url(), authority.path().display())).await;
    assert!(said.ends_with(": error performing TLS handshake: server does not support TLS"), "{said}");
}

#[tokio::test]
async fn a_file_without_certificates_is_named() {
    let (database, empty) = (database(), pem("no certificate\n"));
    for path in [empty.path().to_owned(), empty.path().with_extension("missing")] {
        let said = refusal(&format!("{}?sslmode=require&sslrootcert={}", database.url(), path.display())).await;
        let start = format!("no encrypted connection to the database: cannot read certificates from sslrootcert {path:?}: ");
        assert!(said.starts_with(&start), "{said}");
    }
}
