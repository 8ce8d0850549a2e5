//! What is printed: A4 pages laid out as lists of things to draw, then written as PDF/A.

mod code128;
mod document;
mod flow;
mod page;
mod report;
mod sheets;
mod typeface;

pub use document::{Block, Document};
pub use report::{ReportHead, report_pdf};
pub use sheets::{MAX_REFERENCE_BYTES, Sheet, sheets, sheets_pdf};
