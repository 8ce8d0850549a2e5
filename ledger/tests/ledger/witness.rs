//! The witness: what it signs, what it refuses, what survives.

use std::sync::Arc;

use hrisov_ledger::{
    KeyKind, LedgerError, SignedCheckpoint, VerifierKey, Witness, WitnessAnswer, WitnessRequest,
};
use hrisov_store::{After, Blobs, Effect, Fault, FaultyBlobs, Key, MemoryBlobs};

use super::support::{Archive, KeyFile, ORIGIN, leaf, leaves};

/// Half past nine in the morning of some day.
const NOW: u64 = 1_700_000_000;

struct Setting {
    archive: Archive,
    key: KeyFile,
    state: MemoryBlobs,
}

impl Setting {
    async fn new() -> Self {
        Self {
            archive: Archive::with(&leaves(0..10)).await,
            key: KeyFile::new("martor.example/w1", KeyKind::Witness),
            state: MemoryBlobs::default(),
        }
    }

    fn witness_on(&self, state: Arc<dyn Blobs>) -> Witness {
        Witness::new(self.key.signing(), self.archive.trusted(), state).unwrap()
    }

    fn witness(&self) -> Witness {
        self.witness_on(Arc::new(self.state.clone()))
    }

    async fn request(&self, old: u64) -> String {
        WitnessRequest::new(&self.archive.reader().await, old)
            .await
            .unwrap()
            .to_string()
    }

    async fn ask(&self, request: &str) -> WitnessAnswer {
        self.witness()
            .add_checkpoint(request.as_bytes(), NOW)
            .await
            .unwrap()
    }

    fn trusted(&self) -> Vec<VerifierKey> {
        vec![self.archive.key.verifier(), self.key.verifier()]
    }
}

#[tokio::test]
async fn a_witness_signs_what_extends_what_it_saw() {
    let setting = Setting::new().await;
    let mut old = 0;
    for end in [10, 11, 30] {
        setting.archive.append(&leaves(old.max(10)..end)).await;
        let request = setting.request(old).await;
        assert_eq!(
            WitnessRequest::parse(request.as_bytes()).unwrap().to_string(),
            request
        );
        let answer = setting.ask(&request).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        // tlog-witness: the answer put after the checkpoint is a note that verifies.
        let head = setting.archive.reader().await.head().clone();
        let joined = SignedCheckpoint::parse(format!("{head}{}", answer.body).as_bytes()).unwrap();
        let signers = joined.verify(&setting.trusted()).unwrap();
        assert_eq!(signers.witnesses.len(), 1);
        assert_eq!(
            (&signers.witnesses[0].key, signers.witnesses[0].time),
            (&setting.key.verifier(), Some(NOW))
        );
        // The same again is answered again.
        assert_eq!(setting.ask(&setting.request(end).await).await, answer);
        old = end;
    }
}

#[tokio::test]
async fn a_witness_refuses_as_the_specification_says() {
    let setting = Setting::new().await;
    let stranger = Archive::named("alta.example/x");
    stranger.append(&leaves(0..10)).await;
    let stranger = WitnessRequest::new(&stranger.reader().await, 0)
        .await
        .unwrap()
        .to_string();
    let impostor = Archive::with(&leaves(0..10)).await;
    let impostor = WitnessRequest::new(&impostor.reader().await, 0)
        .await
        .unwrap()
        .to_string();
    let good = setting.request(0).await;
    assert_eq!(setting.ask(&good).await.status, 200);
    setting.archive.append(&leaves(10..20)).await;
    let next = setting.request(10).await;
    let (line, other) = (next.lines().nth(1).unwrap(), next.lines().nth(2).unwrap());
    for (case, request, status, body) in [
        ("nothing", String::new(), 400, "witness request"),
        ("no proof end", next.replacen("\n\n", "\n", 1), 400, ""),
        ("a padded size", next.replacen("old 10", "old 010", 1), 400, "old"),
        (
            "too many lines",
            next.replacen(line, &[line; 64].join("\n"), 1),
            400,
            "63",
        ),
        ("an unknown log", stranger, 404, "not known"),
        ("an unknown key", impostor, 403, "trusted"),
        (
            "a changed checkpoint",
            next.replacen("\n20\n", "\n21\n", 1),
            403,
            "wrong",
        ),
        (
            "an old size beyond",
            next.replacen("old 10", "old 21", 1),
            400,
            "greater",
        ),
        ("a stale old size", setting.request(0).await, 409, "10\n"),
        ("an old checkpoint", good, 409, "10\n"),
        ("a wrong proof", next.replacen(line, other, 1), 422, ""),
        (
            "a short proof",
            next.replacen(&format!("{line}\n"), "", 1),
            422,
            "hashes",
        ),
    ] {
        let answer = setting.ask(&request).await;
        assert_eq!(answer.status, status, "{case}: {}", answer.body);
        assert!(answer.body.contains(body), "{case}: {}", answer.body);
        assert_eq!(answer.content_type == "text/x.tlog.size", status == 409, "{case}");
    }
    assert_eq!(setting.ask(&next).await.status, 200);
}

/// The log's own key signs a second history: the witness does not.
#[tokio::test]
async fn a_fork_by_the_true_key_is_refused() {
    let setting = Setting::new().await;
    assert_eq!(setting.ask(&setting.request(0).await).await.status, 200);
    for end in [10, 15] {
        let fork = Archive {
            store: MemoryBlobs::default(),
            memory: MemoryBlobs::default(),
            key: KeyFile::new("x", KeyKind::Log),
        };
        let memory: Arc<dyn Blobs> = Arc::new(fork.memory.clone());
        let key = setting.archive.key.signing();
        let mut log = hrisov_ledger::Log::create(fork.blobs(), key, memory)
            .await
            .unwrap();
        log.append(0, &leaves(100..100 + end)).await.unwrap();
        let request = WitnessRequest::new(&fork.reader().await, 10)
            .await
            .unwrap()
            .to_string();
        let answer = setting.ask(&request).await;
        assert_eq!(
            answer.status,
            if end == 10 { 409 } else { 422 },
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn nothing_is_signed_before_it_is_remembered() {
    for effect in [Effect::Lost, Effect::Persisted] {
        for call in 0..2 {
            let setting = Setting::new().await;
            let fault = Fault {
                call,
                effect,
                after: After::Works,
            };
            let witness =
                setting.witness_on(Arc::new(FaultyBlobs::new(Arc::new(setting.state.clone()), fault)));
            let request = setting.request(0).await;
            witness.add_checkpoint(request.as_bytes(), NOW).await.unwrap_err();
            let known = setting.witness().latest(ORIGIN).await.unwrap();
            let written = call == 1 && effect == Effect::Persisted;
            assert_eq!(known.is_some(), written);
            // Afterwards the log learns what the witness knows, and goes on.
            let answer = setting.ask(&request).await;
            match written {
                true => assert_eq!((answer.status, answer.body.as_str()), (409, "10\n")),
                false => assert_eq!(answer.status, 200),
            }
            assert_eq!(setting.ask(&setting.request(10).await).await.status, 200);
        }
    }
}

#[tokio::test]
async fn changed_state_is_noticed() {
    let setting = Setting::new().await;
    assert_eq!(setting.ask(&setting.request(0).await).await.status, 200);
    let (key, bytes) = setting.state.snapshot().pop_first().unwrap();
    let text = String::from_utf8(bytes.to_vec())
        .unwrap()
        .replacen("\n10\n", "\n9\n", 1);
    setting.state.replace(&key, text.into()).await.unwrap();
    let request = setting.request(9).await;
    let error = setting
        .witness()
        .add_checkpoint(request.as_bytes(), NOW)
        .await
        .unwrap_err();
    assert!(matches!(error, LedgerError::Trust(_)), "{error}");
}

#[tokio::test]
async fn cosignatures_are_kept_and_travel_with_proofs() {
    let setting = Setting::new().await;
    let answer = setting.ask(&setting.request(0).await).await;
    let head = setting.archive.reader().await.head().clone();
    let mut log = setting.archive.log().await.unwrap();
    let witnesses = [setting.key.verifier()];
    log.add_cosignatures(&head, &answer.body, &[]).await.unwrap_err();
    let changed = answer.body.replacen("w1 ", "w2 ", 1);
    log.add_cosignatures(&head, &changed, &witnesses)
        .await
        .unwrap_err();
    let witnessed = log
        .add_cosignatures(&head, &answer.body, &witnesses)
        .await
        .unwrap();
    assert_eq!(log.head(), &witnessed);
    assert_eq!(setting.archive.reader().await.head(), &witnessed);
    log.append(10, &leaves(10..12)).await.unwrap();
    // A later batch has no cosignature yet: the last witnessed checkpoint is kept, and proves.
    let reader = setting.archive.reader().await;
    assert_eq!(reader.verify(&setting.trusted()).unwrap().witnesses, []);
    assert_eq!(reader.witnessed().await.unwrap(), Some(witnessed.clone()));
    let then = hrisov_ledger::Reader::at(setting.archive.blobs(), witnessed.clone());
    let proof = then.prove(7).await.unwrap();
    proof
        .verify(&leaf(7).to_bytes(), &setting.trusted(), &[])
        .unwrap();
    // The answer may come late, and again.
    assert_eq!(
        log.add_cosignatures(&head, &answer.body, &witnesses)
            .await
            .unwrap(),
        witnessed
    );
    assert_eq!(log.size(), 12);
    assert!(
        setting
            .archive
            .store
            .snapshot()
            .contains_key(&Key::literal("ledger/witnessed"))
    );
    // A new key signs what was witnessed, too: whoever knows the new one alone goes on to see the witness.
    let next = KeyFile::new(ORIGIN, KeyKind::Log);
    let memory = Arc::new(setting.archive.memory.clone());
    let earlier = setting.archive.trusted();
    hrisov_ledger::Log::open(setting.archive.blobs(), next.signing(), memory, &earlier)
        .await
        .unwrap();
    let renewed = setting.archive.reader().await.witnessed().await.unwrap().unwrap();
    assert_eq!(renewed.checkpoint(), witnessed.checkpoint());
    for key in [next.verifier(), setting.archive.key.verifier()] {
        let signers = renewed.verify(&[key.clone(), setting.key.verifier()]).unwrap();
        assert_eq!((signers.log, signers.witnesses.len()), (vec![key], 1));
    }
}
