//! Shapes that several answers share.

use hrisov_catalog::DossierSummary;
use hrisov_model::{FileState, PageState, Rect};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::links;

/// How a file or page ended: the same JSON as the state in the dossier's description.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = State)]
pub(crate) struct StateView {
    /// Of a file: `stored`, `duplicate`, `ignored`, `quarantined`. Of a page: `waiting`, `recognised`, `blank`,
    /// `unreadable`.
    state: &'static str,
    /// Why it is quarantined or unreadable.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The particulars in plain words.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// By which rule it is ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    /// The file that has the same bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<Uuid>,
}

/// A rectangle in whole pixels of the page raster; the origin is the top left corner.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = Rect)]
pub(crate) struct RectView {
    /// From the left edge.
    pub(crate) x: u32,
    /// From the top edge.
    pub(crate) y: u32,
    /// From left to right.
    pub(crate) width: u32,
    /// From top to bottom.
    pub(crate) height: u32,
}

/// One line about a dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct DossierLine {
    /// Permanent identifier.
    id: Uuid,
    /// Code of the fonds.
    fonds: String,
    /// Name of the box.
    #[serde(rename = "box")]
    box_name: String,
    /// Reference within the box.
    reference: String,
    /// Title.
    title: String,
    /// Pages it has.
    pages: u32,
    /// Where to read on.
    links: SelfLink,
}

/// Where a thing is described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SelfLink {
    /// Its address.
    #[serde(rename = "self")]
    pub(crate) itself: String,
}

/// Where the answer goes on.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct NextLink {
    /// The next part; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

impl From<&FileState> for StateView {
    fn from(state: &FileState) -> Self {
        let plain = Self {
            state: state.name(),
            ..Self::default()
        };
        match state {
            FileState::Stored => plain,
            FileState::Duplicate { of } => Self {
                of: Some(of.uuid()),
                ..plain
            },
            FileState::Ignored { rule } => Self {
                rule: Some(rule.to_string()),
                ..plain
            },
            FileState::Quarantined { reason, detail } => Self {
                reason: Some(reason.to_string()),
                detail: Some(detail.clone()),
                ..plain
            },
        }
    }
}

impl From<&PageState> for StateView {
    fn from(state: &PageState) -> Self {
        let plain = Self {
            state: state.name(),
            ..Self::default()
        };
        match state {
            PageState::Waiting | PageState::Recognised | PageState::Blank => plain,
            PageState::Unreadable { reason, detail } => Self {
                reason: Some(reason.to_string()),
                detail: Some(detail.clone()),
                ..plain
            },
        }
    }
}

impl From<Rect> for RectView {
    fn from(Rect { x, y, width, height }: Rect) -> Self {
        Self { x, y, width, height }
    }
}

impl From<DossierSummary> for DossierLine {
    fn from(summary: DossierSummary) -> Self {
        Self {
            id: summary.id.uuid(),
            fonds: summary.box_name.fonds,
            box_name: summary.box_name.name,
            reference: summary.reference,
            title: summary.title,
            pages: summary.pages,
            links: SelfLink {
                itself: links::dossier(summary.id),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use hrisov_model::{FileId, IgnoreRule, QuarantineReason, UnreadableReason};

    use super::*;

    fn json(value: &impl Serialize) -> serde_json::Value {
        serde_json::to_value(value).unwrap()
    }

    #[test]
    fn states_are_the_same_json_as_in_the_description() {
        let detail = "cut off after 17 bytes".to_owned();
        for state in [
            FileState::Stored,
            FileState::Duplicate { of: FileId::random() },
            FileState::Ignored {
                rule: IgnoreRule::SystemFile,
            },
            FileState::Quarantined {
                reason: QuarantineReason::Damaged,
                detail: detail.clone(),
            },
        ] {
            assert_eq!(json(&StateView::from(&state)), json(&state));
        }
        for state in [
            PageState::Waiting,
            PageState::Recognised,
            PageState::Blank,
            PageState::Unreadable {
                reason: UnreadableReason::TimedOut,
                detail,
            },
        ] {
            assert_eq!(json(&StateView::from(&state)), json(&state));
        }
    }
}
