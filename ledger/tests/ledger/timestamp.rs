//! Time stamps by a local authority that openssl plays.

use std::{fs, path::Path, process::Command};

use hrisov_ledger::{Checkpoint, TimestampError, TimestampRequest, check_timestamp};
use hrisov_model::Digest;
use rustls_pki_types::{CertificateDer, pem::PemObject as _};

/// An authority with a root, and a certificate that is for time stamps or is not.
const AUTHORITY: &str = r#"
set -eu
cat > tsa.cnf <<EOF
[tsa]
default_tsa = local
[local]
serial = $PWD/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
tsa_name = yes
EOF
openssl req -x509 -newkey $KEY -nodes -keyout root.key -out root.pem -days 30 -subj '/CN=root' \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
openssl req -newkey $KEY -nodes -keyout tsa.key -out tsa.csr -subj '/CN=tsa'
printf '%s\n' "extendedKeyUsage=critical,$USAGE" 'basicConstraints=CA:FALSE' > tsa.ext
openssl x509 -req -in tsa.csr -CA root.pem -CAkey root.key -CAcreateserial -days 30 -out tsa.pem -extfile tsa.ext
"#;
const ANSWER: &str =
    "openssl ts -reply -config tsa.cnf -queryfile query.tsq -signer tsa.pem -inkey tsa.key -out answer.tsr";

fn sh(folder: &Path, script: &str, environment: &[(&str, &str)]) -> bool {
    let output = Command::new("bash")
        .args(["-c", script])
        .current_dir(folder)
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    }
    output.status.success()
}

fn checkpoint(size: u64) -> Checkpoint {
    Checkpoint::new("arhiva.example/registru".to_owned(), size, Digest::of(b"root"))
}

fn authority(key: &str, usage: &str) -> (tempfile::TempDir, CertificateDer<'static>) {
    let folder = tempfile::tempdir().unwrap();
    assert!(sh(folder.path(), AUTHORITY, &[("KEY", key), ("USAGE", usage)]));
    let root = CertificateDer::from_pem_file(folder.path().join("root.pem")).unwrap();
    (folder, root)
}

fn answer(folder: &Path, request: &TimestampRequest) -> Vec<u8> {
    fs::write(folder.join("query.tsq"), request.to_der()).unwrap();
    assert!(sh(folder, ANSWER, &[]));
    fs::read(folder.join("answer.tsr")).unwrap()
}

#[test]
fn stamps_of_an_authority_are_taken_and_openssl_agrees() {
    for key in ["rsa:2048", "ec -pkeyopt ec_paramgen_curve:P-256"] {
        let (folder, root) = authority(key, "timeStamping");
        let request = TimestampRequest::new(&checkpoint(7)).unwrap();
        let answer = answer(folder.path(), &request);
        let stamp = request.check(&answer, std::slice::from_ref(&root)).unwrap();
        assert_eq!(
            check_timestamp(&answer, &checkpoint(7), std::slice::from_ref(&root)).unwrap(),
            stamp
        );
        fs::write(folder.path().join("signed"), checkpoint(7).to_string()).unwrap();
        let verify = "openssl ts -verify -data signed -in answer.tsr -CAfile root.pem";
        assert!(sh(folder.path(), verify, &[]), "{key}");
    }
}

#[test]
fn other_stamps_are_refused() {
    let (folder, root) = authority("rsa:2048", "timeStamping");
    let roots = [root];
    let request = TimestampRequest::new(&checkpoint(7)).unwrap();
    let sound = answer(folder.path(), &request);
    let other = TimestampRequest::new(&checkpoint(7)).unwrap();
    assert_eq!(other.check(&sound, &roots), Err(TimestampError::OtherNonce));
    assert_eq!(
        check_timestamp(&sound, &checkpoint(8), &roots),
        Err(TimestampError::OtherImprint)
    );
    let (_elsewhere, stranger) = authority("rsa:2048", "timeStamping");
    for roots in [vec![], vec![stranger]] {
        let error = request.check(&sound, &roots).unwrap_err();
        assert!(
            matches!(error, TimestampError::UnknownAuthority { .. }),
            "{error}"
        );
    }
    // Whatever byte is changed, the stamp is refused or says the very same.
    let stamp = request.check(&sound, &roots).unwrap();
    for at in (0..sound.len()).step_by(3) {
        let mut changed = sound.clone();
        changed[at] ^= 0x04;
        if let Ok(found) = request.check(&changed, &roots) {
            assert_eq!(found, stamp, "byte {at}");
        }
        assert!(request.check(&sound[..at], &roots).is_err(), "cut at {at}");
    }
    let (web, root) = authority("rsa:2048", "serverAuth");
    fs::write(web.path().join("query.tsq"), request.to_der()).unwrap();
    // openssl itself refuses to sign with such a certificate.
    assert!(!sh(web.path(), ANSWER, &[]));
    assert!(request.check(&sound, &[root]).is_err());
}
