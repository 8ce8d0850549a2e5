//! Recognition across the pipe, with real child processes and faults on request.

use std::{
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Duration,
};

use hrisov_imaging::{
    Limits,
    worker::{Reply, Request, SourcePath, WorkerCommand, WorkerPool},
};
use hrisov_model::{Digest, PageText, UnreadableReason, Word};
use hrisov_ocr::{
    Reading, RecogniseOptions, ScriptedEngine, TEST_ENGINE_VARIABLE,
    worker::{RecogniseError, Recognised, recognise_page},
};

fn command() -> WorkerCommand {
    WorkerCommand::new(env!("CARGO_BIN_EXE_hrisov-page-worker"), [] as [&str; 0])
}

fn scripted(script: &str, marks: &Path) -> WorkerCommand {
    command()
        .with_environment(TEST_ENGINE_VARIABLE, script)
        .with_environment("HRISOV_TEST_ENGINE_MARKS", marks)
}

fn pool(command: WorkerCommand) -> WorkerPool {
    let limits = Limits {
        page_time: Duration::from_secs(30),
        ..Limits::default()
    };
    WorkerPool::start(command, NonZeroUsize::MIN, limits)
}

fn notice() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/notice.png")
}

async fn read(pool: &WorkerPool, path: &Path) -> Result<Recognised, RecogniseError> {
    let mut lease = pool.lease().await;
    recognise_page(
        &mut lease,
        &SourcePath::new(path),
        0,
        &RecogniseOptions::default(),
    )
    .await
}

#[tokio::test]
async fn a_page_is_read_across_the_pipe_and_one_process_serves_pictures_and_text() {
    let pool = pool(command());
    let recognised = read(&pool, &notice()).await.unwrap();
    assert_eq!(
        (recognised.width_px, recognised.height_px, recognised.dpi),
        (1240, 874, Some(300))
    );
    let Reading::Text(text) = recognised.reading else {
        panic!("no text");
    };
    assert!(
        text.to_plain_text()
            .contains("Popescu Ștefan, strada Nicolae Bălcescu"),
        "{}",
        text.to_plain_text()
    );
    // Decoding so small a page may be less than a tick of the processor's clock.
    assert!(recognised.timings.recognise > recognised.timings.decode);

    let probe = Request::Probe {
        path: SourcePath::new(notice()),
    };
    let Reply::Probed(info) = pool.call(&probe).await.unwrap().reply else {
        panic!("not probed");
    };
    assert_eq!(info.pages.len(), 1);
    assert_eq!(pool.counts().started, 1);
    assert_eq!(pool.counts().failed, 0);
}

#[tokio::test]
async fn a_small_sheet_on_a_dark_ground_is_read_alone_and_its_words_stand_on_the_whole_picture() {
    let folder = tempfile::tempdir().unwrap();
    let pool = pool(command());
    let (left, top) = (830, 410);
    let notice_image = image::open(notice()).unwrap().to_luma8();
    let mut scan = image::GrayImage::from_pixel(2480, 1750, image::Luma([24]));
    image::imageops::replace(&mut scan, &notice_image, i64::from(left), i64::from(top));
    let path = folder.path().join("receipt.png");
    scan.save(&path).unwrap();
    let alone = read(&pool, &notice()).await.unwrap();
    let recognised = read(&pool, &path).await.unwrap();
    assert_eq!((recognised.width_px, recognised.height_px), scan.dimensions());
    let (Reading::Text(alone), Reading::Text(text)) = (alone.reading, recognised.reading) else {
        panic!("no text");
    };
    assert_eq!((text.width_px, text.height_px), scan.dimensions());
    let words = |text: &PageText| text.words().map(|word| word.text.clone()).collect::<Vec<_>>();
    assert_eq!(words(&text), words(&alone));
    for (word, original) in text.words().zip(alone.words()) {
        let moved = (
            word.rect.x.abs_diff(original.rect.x + left),
            word.rect.y.abs_diff(original.rect.y + top),
        );
        // Half a letter: the scale at which it is read is another.
        assert!(moved.0 <= 12 && moved.1 <= 12, "{moved:?}");
    }
}

/// Black and white, a third of the ink gone: where it is installed, the model of all Latin letters reads that as well.
#[tokio::test]
async fn broken_letters_are_read_by_a_second_model_and_no_reading_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let few_models = folder.path().join("tessdata");
    fs::create_dir(&few_models).unwrap();
    for model in ["ron.traineddata", "eng.traineddata"] {
        let installed = hrisov_ocr::model_folder().unwrap().join(model);
        std::os::unix::fs::symlink(installed, few_models.join(model)).unwrap();
    }
    let few_models = command().with_environment("TESSDATA_PREFIX", &few_models);
    let path = folder.path().join("broken.png");
    let picture = image::open(notice()).unwrap().to_luma8();
    broken(picture).save(&path).unwrap();
    let [truth, few, all] = [
        (command(), notice()),
        (few_models, path.clone()),
        (command(), path),
    ];
    let truth = text(read(&pool(truth.0), &truth.1).await.unwrap().reading);
    let few = text(read(&pool(few.0), &few.1).await.unwrap().reading);
    let all = text(read(&pool(all.0), &all.1).await.unwrap().reading);
    assert!(
        !few.processing.recipe.contains("Latin"),
        "{}",
        few.processing.recipe
    );
    assert!(
        all.processing.recipe.ends_with("with-Latin"),
        "{}",
        all.processing.recipe
    );
    let texts = |text: &PageText| {
        let of_word = |word: &Word| std::iter::once(word.text.clone()).chain(word.alternatives.clone());
        text.words().flat_map(of_word).collect::<Vec<_>>()
    };
    let right = |texts: &[String]| truth.words().filter(|word| texts.contains(&word.text)).count();
    let shown: Vec<String> = all.words().map(|word| word.text.clone()).collect();
    let (shown, found, by_few) = (right(&shown), right(&texts(&all)), right(&texts(&few)));
    assert!(
        found > shown && found >= by_few,
        "{shown}, {found} and {by_few} of {}",
        truth.words().count()
    );
}

fn text(reading: Reading) -> PageText {
    match reading {
        Reading::Text(text) => text,
        other => panic!("{other:?}"),
    }
}

/// A picture in black and white, of whose ink a third is gone in grains of two pixels.
fn broken(mut picture: image::GrayImage) -> image::GrayImage {
    const GONE: u32 = 255 * 3 / 10;
    let grain = |x: u32, y: u32| {
        let mixed = (y * 4096 + x).wrapping_mul(0x9e37_79b1).rotate_left(13);
        mixed.wrapping_mul(0x85eb_ca79) >> 24
    };
    for (x, y, value) in picture.enumerate_pixels_mut() {
        let is_ink = value.0[0] < 128 && grain(x / 2, y / 2) > GONE;
        value.0[0] = if is_ink { 0 } else { 255 };
    }
    picture
}

#[tokio::test]
async fn faults_cost_one_page_and_its_state_names_them() {
    let folder = tempfile::tempdir().unwrap();
    let pool = |script: &str, limits: Limits| {
        WorkerPool::start(scripted(script, folder.path()), NonZeroUsize::MIN, limits)
    };
    let quick = Limits {
        page_time: Duration::from_millis(500),
        ..Limits::default()
    };
    let small = Limits {
        memory_bytes: 512 << 20,
        ..Limits::default()
    };
    for (script, limits, reason) in [
        ("crash:0", Limits::default(), UnreadableReason::WorkerFailed),
        ("panic", Limits::default(), UnreadableReason::WorkerFailed),
        ("memory", small, UnreadableReason::WorkerFailed),
        ("hang", quick.clone(), UnreadableReason::TimedOut),
        (
            "unreadable",
            Limits::default(),
            UnreadableReason::NothingRecognised,
        ),
    ] {
        let pool = pool(script, limits);
        let reading = read(&pool, &notice()).await.unwrap().reading;
        assert!(
            matches!(&reading, Reading::Unreadable { reason: found, .. } if *found == reason),
            "{script}: {reading:?}"
        );
        let others = folder.path().join("other.png");
        fs::copy(notice(), &others).unwrap();
        let twice = pool.counts();
        assert!(
            script == "unreadable" || (twice.started, twice.failed) == (2, 2),
            "{script}: {twice:?}"
        );
    }
    for (script, limits) in [
        ("crash-once", Limits::default()),
        ("panic-once:0", Limits::default()),
        ("columns", quick),
        ("noise", Limits::default()),
        ("crash:1", Limits::default()),
        ("crash:*:another-file", Limits::default()),
    ] {
        let pool = pool(script, limits);
        let reading = read(&pool, &notice()).await.unwrap().reading;
        let digest = Digest::of(&fs::read(notice()).unwrap());
        let expected = ScriptedEngine::text(digest, 0, (1240, 874), &RecogniseOptions::default());
        assert_eq!(reading, Reading::Text(expected), "{script}");
    }
}

#[tokio::test]
async fn what_concerns_every_page_is_an_error_and_no_state_of_one() {
    let empty = tempfile::tempdir().unwrap();
    let rows = [
        (
            command().with_environment("TESSDATA_PREFIX", empty.path()),
            "tesseract-ocr-ron",
        ),
        (
            command().with_environment("TESSDATA_PREFIX", empty.path().join("absent")),
            "tesseract-ocr-ron",
        ),
        (scripted("explode", empty.path()), "explode"),
        (
            WorkerCommand::new("/nonexistent/hrisov", ["page-worker"]),
            "/nonexistent/hrisov",
        ),
    ];
    for (command, expected) in rows {
        let error = read(&pool(command), &notice()).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_picture_is_unreadable_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.tif");
    fs::write(&path, "II*\0 and nothing else").unwrap();
    let recognised = read(&pool(command()), &path).await.unwrap();
    assert!(matches!(
        recognised.reading,
        Reading::Unreadable {
            reason: UnreadableReason::Damaged,
            ..
        }
    ));
    assert_eq!((recognised.width_px, recognised.height_px), (0, 0));
}
