//! Pictures from real worker processes.

use std::sync::Arc;

use axum::http::header;
use hrisov_store::{Blobs, LocalBlobs, MemoryBlobs};

use crate::{
    archive::{self, HEIGHT, WIDTH},
    contract::{ask, check_promise, document},
};

const IMAGE: &str = "/api/v1/pages/a0000000-0000-0000-0000-000000000001/image";

/// Width and height from the frame header of a JPEG (ITU-T T.81, section B.2.2).
fn jpeg_size(jpeg: &[u8]) -> (u32, u32) {
    let mut at = 2;
    loop {
        let (marker, length) = (jpeg[at + 1], u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        if matches!(marker, 0xC0..=0xC2) {
            let side = |at: usize| u32::from(u16::from_be_bytes([jpeg[at], jpeg[at + 1]]));
            return (side(at + 7), side(at + 5));
        }
        at += 2 + usize::from(length);
    }
}

#[tokio::test]
async fn a_page_is_shown_at_the_size_asked_for_and_never_enlarged() {
    let folder = tempfile::tempdir().unwrap();
    let stores: [Arc<dyn Blobs>; 2] = [
        Arc::new(MemoryBlobs::default()),
        Arc::new(LocalBlobs::create(folder.path()).unwrap()),
    ];
    for blobs in stores {
        let app = hrisov_archive_api::router(archive::state(blobs).await);
        let mut tags = Vec::new();
        for (query, size) in [
            ("", (WIDTH, HEIGHT)),
            ("?width=160", (160, 100)),
            ("?height=50", (80, 50)),
            ("?width=160&height=50", (80, 50)),
            ("?width=10000", (WIDTH, HEIGHT)),
            ("?region=20,40,80,20", (80, 20)),
            ("?region=20,40,80,20&width=40", (40, 10)),
            ("?region=300,0,900,900", (20, 200)),
        ] {
            let answer = ask(&app, &format!("{IMAGE}{query}"), &[]).await;
            assert_eq!(
                (answer.status.as_u16(), answer.header(header::CONTENT_TYPE)),
                (200, "image/jpeg"),
                "{query}"
            );
            assert_eq!(jpeg_size(&answer.body), size, "{query}");
            check_promise(&document(), "/api/v1/pages/{page_id}/image", &answer);
            let again = ask(&app, &format!("{IMAGE}{query}"), &[]).await;
            assert_eq!(again.body, answer.body);
            let tag = answer.header(header::ETAG).to_owned();
            let known = ask(&app, &format!("{IMAGE}{query}"), &[("if-none-match", &tag)]).await;
            assert_eq!(known.status, 304);
            tags.push(tag);
        }
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 8);
    }
}

#[tokio::test]
async fn a_page_beyond_the_file_cannot_be_shown_and_the_next_request_can() {
    let app = hrisov_archive_api::router(archive::state(Arc::new(MemoryBlobs::default())).await);
    let beyond = ask(
        &app,
        "/api/v1/pages/a0000000-0000-0000-0000-000000000002/image",
        &[],
    )
    .await;
    insta::assert_snapshot!("image_of_no_page", beyond.outline());
    assert_eq!(ask(&app, IMAGE, &[]).await.status, 200);
}
