//! Why recognition cannot work.

use std::path::PathBuf;

use hrisov_model::Languages;

/// Why recognition cannot work. A page that cannot be read is no error: see [`crate::Reading`].
#[derive(Debug, thiserror::Error)]
pub enum OcrError {
    /// No folder with language models was found.
    #[error(
        "no Tesseract language data found in {}: install the Debian package tesseract-ocr-ron, or set TESSDATA_PREFIX",
        .searched.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    NoLanguageData {
        /// Where it was looked for.
        searched: Vec<PathBuf>,
    },
    /// The model of a language is not installed.
    #[error("no language data for {code:?} in {}: install the Debian package {package}", folder.display())]
    MissingLanguage {
        /// Tesseract's code.
        code: String,
        /// Where the models are.
        folder: PathBuf,
        /// What to install.
        package: String,
    },
    /// Tesseract refused a model.
    #[error("tesseract cannot load {languages} from {}: {source}", folder.display())]
    NotLoaded {
        /// Which models.
        languages: Languages,
        /// Where they are.
        folder: PathBuf,
        /// What the library said.
        source: tesseract_rs::TesseractError,
    },
    /// A step within Tesseract failed.
    #[error("tesseract failed ({step}): {source}")]
    Tesseract {
        /// Which step.
        step: &'static str,
        /// What the library said.
        source: tesseract_rs::TesseractError,
    },
    /// `HRISOV_TEST_ENGINE` says something unknown.
    #[error("HRISOV_TEST_ENGINE: {0:?} is no instruction")]
    TestEngine(String),
}
