//! Page images to page text with Tesseract.
//!
//! The flow, for one page:
//!
//! ```text
//! PageImage --Ink--------> Blank where there is none, decided in milliseconds
//!           --Plan-------> turn, scale, threshold, languages of the next reading
//!           --Recogniser-> RawPage (places in the raster that was read)
//!           --Quality----> good enough, or one more reading (Remedy); the best one is kept
//!           --Mapping----> PageText (places on the master page)
//! ```
//!
//! All of it runs inside worker processes (see [`worker`]): Tesseract is native code on untrusted bytes.

mod engine;
mod error;
mod ink;
mod languages;
mod mapping;
mod plan;
mod quality;
mod raster;
mod recipe;
mod scripted;
mod tesseract;
mod tesseract_engine;
pub mod worker;

pub use engine::{Engine, Page, Reading, RecogniseOptions};
pub use error::OcrError;
pub use languages::{available_languages, check_languages, model_folder};
pub use recipe::Recipe;
pub use scripted::{ScriptedEngine, TEST_ENGINE_VARIABLE};
pub use tesseract_engine::{ReadingMade, TesseractEngine};
