//! How fast leaves are appended and proofs are made, on a local folder.
//!
//! `cargo run --release -p hrisov-ledger --example ledger_bench -- FOLDER [LEAVES [BATCH [PROOFS]]]`

use std::{
    error::Error,
    io::{Write as _, stdout},
    path::Path,
    sync::Arc,
    time::Instant,
};

use hrisov_ledger::{Commitment, KeyKind, Leaf, LeafKind, Log, SigningKey, check};
use hrisov_model::{Digest, DossierId, Salt};
use hrisov_store::LocalBlobs;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .ok_or("usage: ledger_bench FOLDER [LEAVES [BATCH [PROOFS]]]")?;
    let mut number = |default: u64| arguments.next().map_or(Ok(default), |text| text.parse());
    let (leaves, batch, proofs) = (number(1_000_000)?, number(1_000)?, number(1_000)?);
    tokio::runtime::Builder::new_multi_thread().build()?.block_on(run(
        Path::new(&folder),
        leaves,
        batch,
        proofs,
    ))
}

async fn run(folder: &Path, leaves: u64, batch: u64, proofs: u64) -> Result<(), Box<dyn Error>> {
    let store = Arc::new(LocalBlobs::create(folder.join("store"))?);
    let memory = Arc::new(LocalBlobs::create(folder.join("keys"))?);
    let key = SigningKey::create(&folder.join("keys/ledger.key"), "bench.example/log", KeyKind::Log)?;
    let trusted = [key.verifier().clone()];
    let mut log = Log::create(store, key, memory).await?;
    let mut out = stdout();

    let start = Instant::now();
    while log.size() < leaves {
        let end = leaves.min(log.size() + batch);
        let entries: Vec<Leaf> = (log.size()..end).map(leaf).collect();
        log.append(log.size(), &entries).await?;
    }
    let seconds = start.elapsed().as_secs_f64();
    let rate = leaves as f64 / seconds;
    writeln!(
        out,
        "appended {leaves} leaves in batches of {batch}: {seconds:.1} s, {rate:.0} leaves/s"
    )?;

    let reader = log.reader();
    let (mut total, mut worst) = (0.0, 0.0_f64);
    for place in 0..proofs {
        // A stride that has no factor in common with the tile width: every tile gets its turn.
        let index = place * 7_919_993 % leaves;
        let start = Instant::now();
        let proof = reader.prove(index).await?;
        let ms = start.elapsed().as_secs_f64() * 1000.0;
        (total, worst) = (total + ms, worst.max(ms));
        proof.verify(&leaf(index).to_bytes(), &trusted, &[])?;
    }
    writeln!(
        out,
        "made {proofs} proofs: {:.3} ms each, the slowest {worst:.3} ms",
        total / proofs as f64
    )?;

    let start = Instant::now();
    let checked = check(&reader).await?;
    let (entries, findings) = (checked.entries, checked.findings.len());
    writeln!(
        out,
        "read back {entries} leaves, {findings} findings: {:.1} s",
        start.elapsed().as_secs_f64()
    )?;
    // Linux: the largest the process ever was.
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    writeln!(out, "largest memory: {}", peak.unwrap_or("unknown").trim())?;
    Ok(())
}

fn leaf(number: u64) -> Leaf {
    let digest = Digest::of(&number.to_be_bytes());
    Leaf {
        kind: LeafKind::Ingestion,
        object: DossierId::from(uuid::Uuid::from_u128(number.into())).into(),
        commitment: Commitment::new(&Salt::new(*digest.as_bytes()), &digest),
        time: jiff::Timestamp::UNIX_EPOCH,
    }
}
