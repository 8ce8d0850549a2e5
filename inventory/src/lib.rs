//! The paper inventory of a box (*inventar*, annex of Legea 16/1996): read from CSV or XLSX as town halls keep
//! it, reconciled with what was scanned, reported on, and printed as separator sheets.
//!
//! ```text
//! bytes --read--> PaperInventory --reconcile--> Reconciliation --> findings, table, CSV, PDF
//!                                --sheets-----> PDF of one separator sheet a dossier
//! ```
//!
//! Nothing here touches files, clocks or the network.

mod column;
mod dates;
mod delimited;
mod encoding;
mod error;
mod finding;
mod fold;
mod grid;
mod header;
mod heading;
mod inventory;
mod leaves;
mod limits;
mod matching;
mod names;
mod outcome_findings;
mod print;
mod read;
mod reconcile;
mod report;
mod table;
mod values;
mod words;
mod workbook;

pub use column::Column;
pub use error::{Excess, InventoryError};
pub use finding::{Finding, FindingKind, Language, LeafCounts};
pub use inventory::{Heading, PaperInventory, Remark, Row, Source};
pub use leaves::{Images, LeafRange, Sides};
pub use limits::Limits;
pub use print::{Block, Document, MAX_REFERENCE_BYTES, ReportHead, Sheet, report_pdf, sheets, sheets_pdf};
pub use read::{read, read_within};
pub use reconcile::{Counts, LeafComparison, MatchBasis, Outcome, Reconciliation, ScannedDossier, reconcile};
pub use report::{ReportRow, report_csv, rows_of};
pub use words::{Gender, counted, counted_in_words, number_in_words};
