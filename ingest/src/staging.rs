//! Staged page results: read once, kept until the dossier's text version is committed.
//!
//! The key is (master digest, recipe, page), so nothing is ever recognised twice, whatever is killed, and
//! the same master in two dossiers is read once.

use std::{collections::BTreeSet, sync::Arc};

use futures::TryStreamExt as _;
use hrisov_model::{
    Digest, FileRecord, PageCondition, PageFigures, PageRecord, PageState, PageText, Separator, WordSketch,
    alto::{self, AltoPage},
};
use hrisov_store::{Blobs, Key, Source, StoreError};
use serde::{Deserialize, Serialize};

use crate::IngestError;

/// Most bytes of one staged result that are read.
const RESULT_MAX_BYTES: u64 = 64 << 20;

/// What reading one page gave; nothing in it depends on the dossier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StagedPage {
    /// Raster width in pixels; 0 where the page could not be decoded.
    pub width_px: u32,
    /// Raster height in pixels.
    pub height_px: u32,
    /// Plausible resolution.
    pub dpi: Option<u32>,
    /// How it ended.
    #[serde(flatten)]
    pub state: PageState,
    /// What was read, where something was.
    pub text: Option<PageText>,
    /// What its picture is like; `None` where it could not be decoded.
    #[serde(default)]
    pub condition: Option<PageCondition>,
    /// By how much it looks like another language than those it was read in.
    #[serde(default)]
    pub foreign_percent: Option<u8>,
    /// The separator sheet that it is.
    #[serde(default)]
    pub separator: Option<Separator>,
}

impl StagedPage {
    /// What is kept of it beside its text.
    pub(crate) fn figures(&self) -> Option<PageFigures> {
        let text = self.text.as_ref();
        Some(PageFigures {
            condition: self.condition.clone()?,
            turn: text.map(|text| text.processing.rotation),
            foreign_percent: self.foreign_percent,
            edge_words: text.and_then(PageText::words_at_edge),
            words: text.and_then(WordSketch::of),
            separator: self.separator.clone(),
        })
    }
}

/// The staging area of a store.
#[derive(Debug, Clone)]
pub struct Staging {
    blobs: Arc<dyn Blobs>,
    recipe: String,
}

impl Staging {
    /// Results made by `recipe` in the store `blobs`.
    #[must_use]
    pub fn new(blobs: Arc<dyn Blobs>, recipe: Digest) -> Self {
        Self {
            blobs,
            recipe: recipe.to_string()[..16].to_owned(),
        }
    }

    /// The staged result of a page; `None` where it was never read.
    ///
    /// # Errors
    /// Where the store fails or the result is damaged.
    pub async fn get(&self, master: Digest, page: u32) -> Result<Option<StagedPage>, IngestError> {
        let key = self.key(master, page);
        match self.blobs.get_bytes(&key, RESULT_MAX_BYTES).await {
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
            Ok(json) => match serde_json::from_slice(&json) {
                Ok(staged) => Ok(Some(staged)),
                Err(_) => Err(IngestError::Staged { key: key.to_string() }),
            },
        }
    }

    /// Stages a result. Where one is there already, that one stays.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn put(&self, master: Digest, page: u32, staged: &StagedPage) -> Result<(), IngestError> {
        let json = serde_json::to_vec(staged).map_err(|error| IngestError::Internal(error.to_string()))?;
        let digest = Digest::of(&json);
        match self
            .blobs
            .put_immutable(&self.key(master, page), Source::Bytes(json.into()), digest)
            .await
        {
            Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The ALTO file of a recognised page of `file` from its staged result: the same bytes at every call.
    ///
    /// # Errors
    /// Where there is no staged text, or the store fails.
    pub async fn alto(&self, file: &FileRecord, page: &PageRecord) -> Result<String, IngestError> {
        let missing = || IngestError::Internal(format!("page {} has no staged text", page.id));
        let text = self
            .get(file.digest, page.index)
            .await?
            .and_then(|staged| staged.text)
            .ok_or_else(missing)?;
        let info = AltoPage {
            page: page.id,
            master_path: file.kept_at().unwrap_or_default().to_owned(),
            master_digest: file.digest,
            index: page.index,
            dpi: page.dpi,
        };
        Ok(alto::write(&text, &info))
    }

    /// The masters of which results are staged, whatever recipe made them.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn masters(&self) -> Result<BTreeSet<Digest>, IngestError> {
        let mut masters = BTreeSet::new();
        let mut staged = self.blobs.list(&Key::literal("staging/pages"));
        while let Some(object) = staged.try_next().await? {
            let named = object.key.parts().nth(3);
            masters.extend(named.and_then(|hex| hex.parse::<Digest>().ok()));
        }
        Ok(masters)
    }

    /// Removes every result of a master, whatever recipe made it.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn clear(&self, master: Digest) -> Result<(), IngestError> {
        let staged: Vec<_> = self.blobs.list(&pages_of(master)).try_collect().await?;
        for object in staged {
            self.blobs.delete(&object.key).await?;
        }
        Ok(())
    }

    fn key(&self, master: Digest, page: u32) -> Key {
        let below = format!("{}/{page}.json", self.recipe);
        pages_of(master)
            .child(&below)
            .expect("hexadecimal digits and numbers form a key")
    }
}

fn pages_of(master: Digest) -> Key {
    let hex = master.to_string();
    Key::literal("staging/pages")
        .child(&format!("{}/{hex}", &hex[..2]))
        .expect("hexadecimal digits form a key")
}
