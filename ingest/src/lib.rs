//! The batch pipeline: survey, deposit, recognise, commit.
//!
//! ```text
//! box folder --survey--> SurveyedDossier --deposit--> masters (OCFL v1) + Probe jobs
//!   --Probe--> pages --Recognise--> StagedPage --Commit--> OCFL v2 (masters + ALTO)
//!   --> catalog record + outbox row --Applier--> index
//!                      + events     --Notary---> leaves of the log
//! ```
//!
//! Invariants: masters are durable and recorded before any of them is read; every file ends in exactly one
//! state; nothing is recognised twice; a file or page that cannot be read never stops its dossier, nor a
//! dossier its box. Whatever is killed, repeating the load goes on from there.

mod applier;
mod archive;
mod boxes;
mod commit;
mod deposit;
mod describe;
mod error;
mod journal;
mod load;
mod masters;
mod moment;
mod names;
mod notary;
mod progress;
mod reading;
mod recovery;
mod repair;
mod replace;
mod retry;
mod stack;
mod staging;
mod survey;
mod version;
mod watch;
mod work;

pub use applier::Applier;
pub use archive::{Archive, RETRY_PAUSE};
pub use boxes::{Closed, SignOff, refuse_closed_box};
pub use error::IngestError;
pub use load::{BoxReport, LoadOptions, Loader, MovedBox, ReadingTime};
pub use notary::{Notary, match_leaves};
pub use progress::{Progress, ProgressCounts, ReadingCost};
pub use reading::Reader;
pub use repair::Repaired;
pub use replace::{ReplaceError, ReplaceReport, Replacement};
pub use retry::RetryReport;
pub use survey::{BoxEntry, NameEncoding, OtherFile, SourceFile, Survey, SurveyedDossier};
pub use watch::{BoxLook, Completion, ReadyBox, Watch};
