//! Whether the search index holds what the catalog does.

use std::collections::{BTreeMap, BTreeSet};

use hrisov_catalog::Catalog;
use hrisov_index::Searcher;
use hrisov_model::DossierId;

use crate::{AuditError, Finding, FindingKind};

/// Descriptions and pages with text of dossiers, each with its name, in the index as in the catalog; where these are `all`,
/// the index must hold no other. Gives how many pages were compared, and what is wrong.
pub(crate) async fn verify_index(
    catalog: &Catalog,
    searcher: &Searcher,
    known: &BTreeMap<DossierId, String>,
    all: bool,
) -> Result<(u64, Vec<Finding>), AuditError> {
    let (mut pages, mut findings) = (0, Vec::new());
    for (id, name) in known {
        let held = match catalog.dossier(*id).await {
            Ok(Some(held)) => held,
            // Found when the dossier itself was looked at.
            Ok(None) => continue,
            Err(error) if error.is_of_content() => continue,
            Err(error) => return Err(error.into()),
        };
        let indexed = searcher.dossier(*id)?;
        let expected: BTreeSet<_> = (1..)
            .zip(&held.description.pages)
            .filter_map(|(number, page)| Some((number, page.id, page.text_digest?)))
            .collect();
        let found: BTreeSet<_> = indexed
            .pages
            .iter()
            .map(|page| (page.number, page.id, page.revision))
            .collect();
        pages += expected.len() as u64;
        let wrong = expected.symmetric_difference(&found).count();
        let is_missing = indexed.description.is_none() && !held.description.is_emptied_stack();
        if wrong > 0 || is_missing {
            let detail = match indexed.description {
                None => "the dossier is not in the search index: run `hrisov rebuild`".to_owned(),
                Some(_) => {
                    format!(
                        "{wrong} pages are missing, outdated or extra in the search index: run `hrisov rebuild`"
                    )
                }
            };
            findings.push(index_finding(Some(name.clone()), detail));
        }
    }
    if all {
        let strangers = searcher
            .dossiers()?
            .into_iter()
            .filter(|id| !known.contains_key(id))
            .count();
        if strangers > 0 {
            let detail = format!(
                "{strangers} dossiers in the search index are not in the catalog: run `hrisov rebuild`"
            );
            findings.push(index_finding(None, detail));
        }
    }
    Ok((pages, findings))
}

fn index_finding(dossier: Option<String>, detail: String) -> Finding {
    Finding {
        kind: FindingKind::Index,
        dossier,
        path: "index".to_owned(),
        detail,
    }
}
