//! Source files to page images, and page images to access renditions.
//!
//! The flow, for one received file:
//!
//! ```text
//! path --Source::open--> Source (format by content, pages counted, nothing decoded)
//!      --page_info-----> PageInfo (size and resolution from the header alone)
//!      --decode_page---> PageImage (one page, upright after its orientation tag)
//!      --rendition-----> JPEG bytes for people, or `to_grey` for recognition
//! ```
//!
//! Everything works under [`Limits`]: declared sizes are checked before anything is allocated. Bytes and
//! pixels are checked here; time and memory are what the worker process, in which this code runs on
//! untrusted files, has the kernel enforce.

mod colour;
pub mod condition;
mod error;
mod exif;
mod fax;
mod format;
mod jpeg;
mod jpeg2000;
mod limits;
pub mod marks;
mod orientation;
mod page;
mod pdf;
mod plain;
mod png;
mod rendition;
mod resolution;
pub mod separator;
mod source;
mod tiff;
pub mod worker;

pub use error::ImagingError;
pub use format::Format;
pub use limits::Limits;
pub use page::{PageImage, PageInfo, Pixels};
pub use rendition::{Encoding, Fit, RenditionRequest, Tone, rendition};
pub use source::Source;
