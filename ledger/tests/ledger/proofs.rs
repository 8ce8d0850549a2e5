//! Proofs as texts, checked without the log.

use hrisov_ledger::{KeyKind, Proof, Verdict};
use proptest::prelude::*;

use super::support::{Archive, KeyFile, leaf, leaves, wait};

#[tokio::test]
async fn a_proof_is_read_back_and_proves() {
    let archive = Archive::with(&leaves(0..300)).await;
    let reader = archive.reader().await;
    for index in [0, 100, 255, 256, 299] {
        let mut proof = reader.prove(index).await.unwrap();
        proof.extra = (index % 2 == 0).then(|| b"dosar".to_vec());
        let text = proof.to_string();
        let read = Proof::parse(text.as_bytes()).unwrap();
        assert_eq!((read.to_string(), &read), (text, &proof));
        let verdict = read
            .verify(&leaf(index).to_bytes(), &archive.trusted(), &[])
            .unwrap();
        assert!(matches!(verdict, Verdict::Proven(signers) if signers.log == archive.trusted()));
    }
}

#[tokio::test]
async fn a_key_that_came_with_the_proof_proves_nothing() {
    let archive = Archive::with(&leaves(0..300)).await;
    let proof = archive.reader().await.prove(17).await.unwrap();
    let entry = leaf(17).to_bytes();
    let stranger = KeyFile::new("alta.example/registru", KeyKind::Log).verifier();
    for trusted in [vec![], vec![stranger.clone()]] {
        let verdict = proof.verify(&entry, &trusted, &archive.trusted()).unwrap();
        assert!(matches!(&verdict, Verdict::SignerUnknown { key, .. } if *key == archive.key.verifier()));
        let fingerprint = archive.key.verifier().fingerprint();
        assert_eq!(
            verdict.to_string(),
            format!("consistent, signer unknown: {fingerprint}")
        );
        proof.verify(&entry, &trusted, &[]).unwrap_err();
        proof
            .verify(&entry, &trusted, std::slice::from_ref(&stranger))
            .unwrap_err();
    }
}

#[tokio::test]
async fn other_proofs_are_refused_and_say_why() {
    let archive = Archive::with(&leaves(0..300)).await;
    let other = Archive::with(&leaves(0..300)).await;
    let proof = archive.reader().await.prove(17).await.unwrap().to_string();
    let later = {
        archive.append(&leaves(300..310)).await;
        archive.reader().await.head().to_string()
    };
    let head = proof.split_once("\n\n").unwrap().0;
    let path_line = proof.lines().nth(2).unwrap();
    for (case, text, entry, expected) in [
        ("another entry", proof.clone(), leaf(18), "not at this place"),
        (
            "a wrong index",
            proof.replacen("index 17", "index 18", 1),
            leaf(17),
            "not at this place",
        ),
        (
            "an index beyond",
            proof.replacen("index 17", "index 300", 1),
            leaf(17),
            "outside",
        ),
        (
            "a shorter path",
            proof.replacen(&format!("{path_line}\n"), "", 1),
            leaf(17),
            "hashes",
        ),
        (
            "a longer path",
            proof.replacen(path_line, &format!("{path_line}\n{path_line}"), 1),
            leaf(17),
            "not at this place",
        ),
        (
            "an empty path",
            format!("c2sp.org/tlog-proof@v1\nindex 17\n\n{later}"),
            leaf(17),
            "hashes",
        ),
        (
            "a later checkpoint",
            format!("{head}\n\n{later}"),
            leaf(17),
            "not at this place",
        ),
    ] {
        let read = Proof::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{case}: {error}"));
        let error = read
            .verify(&entry.to_bytes(), &archive.trusted(), &archive.trusted())
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{case}: {error}");
    }
    // The same leaves in another archive's log: the hashes fit, the signature is another's.
    let foreign = other.reader().await.prove(17).await.unwrap();
    let error = foreign
        .verify(&leaf(17).to_bytes(), &archive.trusted(), &[])
        .unwrap_err()
        .to_string();
    assert!(error.contains("trusted"), "{error}");
    for (case, text) in [
        ("no header", proof.replacen("@v1", "@v2", 1)),
        ("no index", proof.replacen("index 17\n", "", 1)),
        ("a padded index", proof.replacen("index 17", "index 017", 1)),
        ("bad extra", proof.replacen("index", "extra !\nindex", 1)),
        (
            "a huge path",
            proof.replacen(path_line, &[path_line; 64].join("\n"), 1),
        ),
        ("no checkpoint", head.to_owned()),
        ("nothing", String::new()),
    ] {
        Proof::parse(text.as_bytes()).expect_err(case);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// No byte of a proof can be another one, nor of its leaf.
    #[test]
    fn any_changed_byte_fails(size in 1..600_u64, index in any::<u64>(), place in any::<prop::sample::Index>(), bit in 0..8_u32) {
        wait(async {
            let archive = Archive::with(&leaves(0..size)).await;
            let index = index % size;
            let text = archive.reader().await.prove(index).await.unwrap().to_string().into_bytes();
            let entry = leaf(index).to_bytes();
            let proven = |text: &[u8], entry: &[u8]| {
                let proof = Proof::parse(text).ok()?;
                proof.verify(entry, &archive.trusted(), &[]).ok()
            };
            prop_assert!(proven(&text, &entry).is_some());
            let mut changed = text.clone();
            changed[place.index(text.len())] ^= 1 << bit;
            prop_assert!(proven(&changed, &entry).is_none(), "{}", String::from_utf8_lossy(&changed));
            let mut other = entry.clone();
            other[place.index(entry.len())] ^= 1 << bit;
            prop_assert!(proven(&text, &other).is_none());
            Ok(())
        })?;
    }
}
