//! Style sheet, scripts and sign: inside the program.

use std::sync::LazyLock;

use axum::{http::HeaderMap, response::Response};
use bytes::Bytes;
use hrisov_model::Digest;

use crate::{
    conditional::{self, EntityTag},
    error::ApiError,
    extract::Path,
};

const STYLE: &str = include_str!("../../templates/style.css");
const ICON: &str = include_str!("../../templates/icon.svg");

/// Scripts by name: made from `scripts/*.ts` (`scripts/build.sh`), and OpenSeadragon as its authors built it.
const SCRIPTS: [(&str, &str); 4] = [
    ("search.js", include_str!("../../scripts/built/search.js")),
    ("viewer.js", include_str!("../../scripts/built/viewer.js")),
    (
        "fingerprint.js",
        include_str!("../../scripts/built/fingerprint.js"),
    ),
    (
        "openseadragon.js",
        include_str!("../../scripts/openseadragon/openseadragon.min.js"),
    ),
];

/// An embedded file with its tag.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    bytes: Bytes,
    tag: EntityTag,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let style = ("stil.css", STYLE, "text/css; charset=utf-8");
    let icon = ("semn.svg", ICON, "image/svg+xml");
    let script = |(name, text)| (name, text, "text/javascript; charset=utf-8");
    let all = [style, icon].into_iter().chain(SCRIPTS.map(script));
    all.map(|(name, text, media_type)| Asset {
        name,
        media_type,
        bytes: Bytes::from_static(text.as_bytes()),
        tag: EntityTag::of(Digest::of(text.as_bytes())),
    })
    .collect()
});

pub(crate) async fn style(headers: HeaderMap) -> Result<Response, ApiError> {
    answer(&headers, "stil.css")
}

pub(crate) async fn icon(headers: HeaderMap) -> Result<Response, ApiError> {
    answer(&headers, "semn.svg")
}

pub(crate) async fn script(headers: HeaderMap, Path(name): Path<String>) -> Result<Response, ApiError> {
    match name.ends_with(".js") {
        true => answer(&headers, &name),
        false => Err(ApiError::UnknownRoute),
    }
}

fn answer(headers: &HeaderMap, name: &str) -> Result<Response, ApiError> {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    let asset = asset.ok_or(ApiError::UnknownRoute)?;
    Ok(conditional::tagged(
        headers,
        &asset.tag,
        asset.media_type,
        asset.bytes.clone(),
    ))
}
