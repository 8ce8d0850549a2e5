//! Page images to page text with Tesseract.
//!
//! The flow, for one page:
//!
//! ```text
//! PageImage --Ink--------> Blank where there is none, decided in milliseconds
//!           --Paper------> even paper, fill-in lines painted over
//!           --Plan-------> turn, size of letters, threshold, languages of the next reading
//!           --Recogniser-> RawPage (places in the raster that was read)
//!           --Quality----> upright and in the right language, or another reading (Remedy)
//!           --merged-----> lines that are not sure, with the words of a second and a third reading
//!           --Mapping----> PageText (places on the master page)
//! ```
//!
//! All of it runs inside worker processes (see [`worker`]): Tesseract is native code on untrusted bytes.

mod attempt;
mod calibration;
mod clock;
mod engine;
mod error;
mod faint;
mod ink;
mod languages;
mod lean;
mod mapping;
mod merge;
mod paper;
mod plan;
mod quality;
mod raster;
mod recipe;
mod scripted;
mod tesseract;
mod tesseract_engine;
mod unread;
pub mod worker;

pub use engine::{Engine, Page, Reading, RecogniseOptions};
pub use error::OcrError;
pub use languages::{available_languages, check_languages, has_second_reader, model_folder};
pub use recipe::Recipe;
pub use scripted::{ScriptedEngine, TEST_ENGINE_VARIABLE};
pub use tesseract_engine::{ReadingMade, TesseractEngine};
