//! Presentation 3: the archive and its boxes as collections, a dossier as a manifest, a page as a canvas.

use std::collections::BTreeSet;

use axum::{extract::State, http::HeaderMap, response::Response};
use hrisov_catalog::BoxName;
use hrisov_model::{DossierDescription, DossierId, PageRecord};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{base, canvas, json_ld};
use crate::{ApiState, error::ApiError, extract::Path, links};

const CONTEXT: &str = "http://iiif.io/api/presentation/3/context.json";
const JSON: &str = "application/ld+json;profile=\"http://iiif.io/api/presentation/3/context.json\"";
/// Size of the canvas of a page that has no picture: the shape of A4.
const CANVAS_PX: (u32, u32) = (1000, 1414);
/// Longer side of the picture that stands for a dossier in a list.
const THUMBNAIL_PX: u32 = 200;

/// All boxes.
pub(super) async fn archive(State(state): State<ApiState>, headers: HeaderMap) -> Result<Response, ApiError> {
    let base = base(&headers);
    let batches = state.catalog.batches().await?;
    let boxes: BTreeSet<_> = batches
        .into_iter()
        .map(|batch| (batch.of.fonds, batch.of.name))
        .collect();
    let items: Vec<Value> = boxes
        .iter()
        .map(|(fonds, name)| json!({"id": box_id(&base, fonds, name), "type": "Collection", "label": label(&shelf(fonds, name))}))
        .collect();
    let view = json!({
        "@context": CONTEXT,
        "id": format!("{base}/iiif/presentation/collection"),
        "type": "Collection",
        "label": label("Hrisov"),
        "items": items,
    });
    json_ld(&headers, JSON, &view)
}

/// The dossiers of a box.
pub(super) async fn of_box(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Path((fonds, name)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let base = base(&headers);
    let of = BoxName { fonds, name };
    let dossiers = state.catalog.box_contents(&of).await?;
    if dossiers.is_empty() {
        return Err(ApiError::Unknown { what: "box" });
    }
    let item = |dossier: &hrisov_catalog::BoxDossier| json!({"id": manifest_id(&base, dossier.id), "type": "Manifest", "label": label(&dossier.reference)});
    let view = json!({
        "@context": CONTEXT,
        "id": box_id(&base, &of.fonds, &of.name),
        "type": "Collection",
        "label": label(&shelf(&of.fonds, &of.name)),
        // A dossier without pages has nothing that a viewer could show.
        "items": dossiers.iter().filter(|dossier| dossier.pages > 0).map(item).collect::<Vec<_>>(),
    });
    json_ld(&headers, JSON, &view)
}

/// A dossier with its pages.
pub(super) async fn manifest(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let held = state.catalog.dossier(DossierId::from(id)).await?;
    let held = held.ok_or(ApiError::Unknown { what: "dossier" })?;
    let description = &held.description;
    if description.pages.is_empty() {
        return Err(ApiError::Unknown {
            what: "page of this dossier",
        });
    }
    let base = base(&headers);
    let search = |version: u8| format!("{base}/iiif/search/{version}/{}", description.id);
    let canvases = (1..).zip(&description.pages);
    let view = json!({
        "@context": CONTEXT,
        "id": manifest_id(&base, description.id),
        "type": "Manifest",
        "label": label(&title(description)),
        "metadata": metadata(description),
        "partOf": [{"id": box_id(&base, &description.fonds, &description.box_name), "type": "Collection"}],
        "service": [
            {"id": search(2), "type": "SearchService2"},
            {"@id": search(1), "@type": "SearchService1", "profile": "http://iiif.io/api/search/1/search"},
        ],
        "items": canvases.map(|(number, page)| page_canvas(&base, number, page)).collect::<Vec<_>>(),
    });
    json_ld(&headers, JSON, &view)
}

fn page_canvas(base: &str, number: u32, page: &PageRecord) -> Value {
    let id = canvas(base, page.id);
    let has_picture = page.width_px > 0 && page.height_px > 0;
    let (width, height) = if has_picture {
        (page.width_px, page.height_px)
    } else {
        CANVAS_PX
    };
    let mut view = json!({
        "id": id,
        "type": "Canvas",
        "label": {"ro": [format!("p. {number}")], "en": [format!("p. {number}")]},
        "width": width,
        "height": height,
        "items": [],
    });
    if has_picture {
        let image = format!("{base}/iiif/image/{}", page.id);
        let service = json!([{"id": image, "type": "ImageService3", "profile": "level2"}]);
        // Under the pictures that viewers of other sites are let in to.
        view["thumbnail"] = json!([{
            "id": format!("{image}/full/!{THUMBNAIL_PX},{THUMBNAIL_PX}/0/default.jpg"),
            "type": "Image",
            "format": "image/jpeg",
            "service": service,
        }]);
        view["items"] = json!([{
            "id": format!("{id}/painting"),
            "type": "AnnotationPage",
            "items": [{
                "id": format!("{id}/painting/1"),
                "type": "Annotation",
                "motivation": "painting",
                "target": id,
                "body": {
                    "id": format!("{image}/full/max/0/default.jpg"),
                    "type": "Image",
                    "format": "image/jpeg",
                    "width": width,
                    "height": height,
                    "service": service,
                },
            }],
        }]);
    }
    if page.text_digest.is_some() {
        view["seeAlso"] = json!([{
            "id": format!("{base}{}", links::page_part(page.id, "alto")),
            "type": "Dataset",
            "format": "application/xml",
            "profile": "http://www.loc.gov/standards/alto/ns-v4#",
            "label": {"en": ["ALTO"]},
        }]);
    }
    view
}

fn metadata(description: &DossierDescription) -> Vec<Value> {
    let rows = [
        ("Fond", "Fonds", &description.fonds),
        ("Cutie", "Box", &description.box_name),
        ("Cotă", "Reference", &description.reference),
    ];
    let known = rows.into_iter().filter(|(_, _, value)| !value.is_empty());
    known
        .map(|(ro, en, value)| json!({"label": {"ro": [ro], "en": [en]}, "value": label(value)}))
        .collect()
}

fn title(description: &DossierDescription) -> String {
    match description.title == description.reference || description.title.is_empty() {
        true => description.reference.clone(),
        false => format!("{} · {}", description.reference, description.title),
    }
}

/// A text that is the archive's own, in no language of ours.
fn label(text: &str) -> Value {
    json!({"none": [text]})
}

fn shelf(fonds: &str, name: &str) -> String {
    match fonds {
        "" => name.to_owned(),
        fonds => format!("{fonds} / {name}"),
    }
}

fn box_id(base: &str, fonds: &str, name: &str) -> String {
    let (fonds, name) = (links::escaped(fonds), links::escaped(name));
    format!("{base}/iiif/presentation/collection/{fonds}/{name}")
}

fn manifest_id(base: &str, dossier: DossierId) -> String {
    format!("{base}/iiif/presentation/{dossier}/manifest")
}
