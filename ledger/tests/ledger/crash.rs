//! Every write of the log fails once, without and with its effect, in a process that lives on or dies.

use std::{collections::BTreeMap, sync::Arc};

use hrisov_ledger::{LedgerError, Log, Reader, check};
use hrisov_model::Digest;
use hrisov_store::{After, Blobs, Effect, Fault, FaultyBlobs, MemoryBlobs};

use super::support::{Archive, leaf, leaves};

/// Store and memory in one, so that one count of calls goes through both.
struct Bench {
    archive: Archive,
    seen: BTreeMap<u64, Digest>,
}

impl Bench {
    fn new() -> Self {
        let one = MemoryBlobs::default();
        let mut archive = Archive::new();
        (archive.store, archive.memory) = (one.clone(), one);
        Self {
            archive,
            seen: BTreeMap::new(),
        }
    }

    /// A log on the point of filling its first tiles, the longest list of writes that there is.
    async fn with_250() -> Self {
        let bench = Self::new();
        bench.archive.append(&leaves(0..250)).await;
        bench
    }

    async fn open(&self, blobs: Arc<dyn Blobs>) -> Result<Log, LedgerError> {
        Log::create(Arc::clone(&blobs), self.archive.key.signing(), blobs).await
    }

    /// Whatever anyone could have read: no size may have had two roots.
    async fn look(&mut self) {
        if let Ok(reader) = Reader::open(self.archive.blobs()).await {
            reader.verify(&self.archive.trusted()).unwrap();
            let head = reader.head().checkpoint();
            let before = self.seen.insert(head.size, head.root);
            assert!(
                before.is_none_or(|root| root == head.root),
                "two roots of size {}",
                head.size
            );
            assert_eq!(
                self.seen.last_key_value().unwrap().0,
                &head.size,
                "the log became shorter"
            );
        }
    }
}

fn faults(calls: u64) -> impl Iterator<Item = Fault> {
    (0..calls).flat_map(|call| {
        [Effect::Lost, Effect::Persisted]
            .into_iter()
            .flat_map(move |effect| {
                [After::Works, After::Dead].map(move |after| Fault { call, effect, after })
            })
    })
}

/// What the caller does after the failure.
#[derive(Clone, Copy, Debug)]
enum Next {
    SameBatch,
    OtherBatch,
}

#[tokio::test]
async fn appending_survives_a_failure_at_every_call() {
    let bench = Bench::with_250().await;
    let counting = Arc::new(FaultyBlobs::counting(bench.archive.blobs()));
    let mut log = bench.open(counting.clone()).await.unwrap();
    let opened = counting.calls();
    log.append(250, &leaves(250..270)).await.unwrap();
    let calls = counting.calls();
    assert!(
        calls - opened >= 11,
        "an append that fills tiles makes {} calls",
        calls - opened
    );
    for fault in faults(calls) {
        for next in [Next::SameBatch, Next::OtherBatch] {
            append_under(fault, next).await;
        }
    }
}

async fn append_under(fault: Fault, next: Next) {
    let case = format!("{fault:?} {next:?}");
    let mut bench = Bench::with_250().await;
    bench.look().await;
    let faulty: Arc<dyn Blobs> = Arc::new(FaultyBlobs::new(bench.archive.blobs(), fault));
    let mut acknowledged = false;
    let mut survivor = None;
    if let Ok(mut log) = bench.open(Arc::clone(&faulty)).await {
        acknowledged = log.append(250, &leaves(250..270)).await.is_ok();
        survivor = Some(log);
    }
    bench.look().await;
    let mut log = match (fault.after, survivor) {
        (After::Works, Some(log)) => log,
        _ => bench
            .open(bench.archive.blobs())
            .await
            .unwrap_or_else(|error| panic!("{case}: {error}")),
    };
    bench.look().await;
    let batch = match next {
        Next::SameBatch => leaves(250..275),
        Next::OtherBatch => leaves(1000..1030),
    };
    let appended = log
        .append(250, &batch)
        .await
        .unwrap_or_else(|error| panic!("{case}: {error}"));
    bench.look().await;
    let reader = bench.archive.reader().await;
    for (place, leaf) in appended.indexes.iter().zip(&batch) {
        assert_eq!(reader.leaf(*place).await.unwrap(), *leaf, "{case}");
    }
    let first = leaf_places(&reader, 250).await;
    match (next, acknowledged) {
        (Next::SameBatch, _) => assert_eq!(reader.size(), 275, "{case}"),
        (Next::OtherBatch, true) => {
            assert_eq!(first, leaves(250..270), "{case}: acknowledged leaves are lost")
        }
        // What was not acknowledged went in whole or not at all.
        (Next::OtherBatch, false) => {
            assert!(first == leaves(250..270) || first == leaves(1000..1020), "{case}")
        }
    }
    assert_eq!(check(&reader).await.unwrap().findings, [], "{case}");
}

async fn leaf_places(reader: &Reader, start: u64) -> Vec<hrisov_ledger::Leaf> {
    let mut found = Vec::new();
    for index in start..start + 20 {
        found.push(reader.leaf(index).await.unwrap());
    }
    found
}

#[tokio::test]
async fn beginning_a_log_survives_a_failure_at_every_call() {
    let counting = Arc::new(FaultyBlobs::counting(Arc::new(MemoryBlobs::default())));
    Bench::new().open(counting.clone()).await.unwrap();
    for fault in faults(counting.calls()) {
        let mut bench = Bench::new();
        let faulty: Arc<dyn Blobs> = Arc::new(FaultyBlobs::new(bench.archive.blobs(), fault));
        let _ = bench.open(faulty).await;
        bench.look().await;
        let mut log = bench
            .open(bench.archive.blobs())
            .await
            .unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        log.append(0, &leaves(0..3)).await.unwrap();
        bench.look().await;
        assert_eq!(bench.archive.reader().await.leaf(2).await.unwrap(), leaf(2));
    }
}

/// The failure while a failure is being healed.
#[tokio::test]
async fn healing_survives_a_failure_at_every_call() {
    let half_done = || async {
        let bench = Bench::with_250().await;
        let counting = Arc::new(FaultyBlobs::counting(bench.archive.blobs()));
        bench.open(counting.clone()).await.unwrap();
        // The checkpoint is read, the pending batch is written, then nothing more.
        let fault = Fault {
            call: counting.calls() + 1,
            effect: Effect::Persisted,
            after: After::Dead,
        };
        let faulty = Arc::new(FaultyBlobs::new(bench.archive.blobs(), fault));
        let mut dying = bench.open(faulty).await.unwrap();
        dying.append(250, &leaves(250..270)).await.unwrap_err();
        assert_eq!(bench.archive.reader().await.size(), 250);
        bench
    };
    let bench = half_done().await;
    let counting = Arc::new(FaultyBlobs::counting(bench.archive.blobs()));
    assert_eq!(bench.open(counting.clone()).await.unwrap().size(), 270);
    for fault in faults(counting.calls()) {
        let mut bench = half_done().await;
        let faulty: Arc<dyn Blobs> = Arc::new(FaultyBlobs::new(bench.archive.blobs(), fault));
        let _ = bench.open(faulty).await;
        bench.look().await;
        let log = bench
            .open(bench.archive.blobs())
            .await
            .unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        bench.look().await;
        assert_eq!(log.size(), 270, "{fault:?}");
        assert_eq!(check(&log.reader()).await.unwrap().findings, [], "{fault:?}");
    }
}
