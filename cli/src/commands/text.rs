//! `hrisov text`: what was read on a page.

use anyhow::{Context as _, bail};
use hrisov_model::{PageState, alto};

use crate::{archive::Archive, args::TextArgs, exit::Exit, output::Output};

pub async fn run(archive: &Archive, args: &TextArgs, output: &Output) -> anyhow::Result<Exit> {
    let catalog = archive.catalog().await?;
    let id = archive.dossier(&catalog, &args.dossier).await?;
    let held = catalog
        .dossier(id)
        .await?
        .context("the dossier vanished from the catalog")?;
    let pages = held.description.pages.len();
    let Some(page) = held.description.page_number(args.page) else {
        bail!(
            "dossier {} has {pages} pages: there is no page {}",
            args.dossier,
            args.page
        );
    };
    let object = archive.root().await?.dossier(id).await?;
    let object = object.context("the dossier is not in the store: run `hrisov verify`")?;
    let Some(xml) = object.alto(page).await? else {
        return no_text(&page.state, args);
    };
    if args.alto {
        output.raw(&xml)?;
    } else {
        let (text, _) = alto::read(&xml)?;
        output.result(&text, || text.to_plain_text())?;
    }
    Ok(Exit::Done)
}

/// A blank page has no text, and that is no failure; of any other it is said why.
fn no_text(state: &PageState, args: &TextArgs) -> anyhow::Result<Exit> {
    match state {
        PageState::Blank if args.alto => bail!("page {} is blank: it has no ALTO file", args.page),
        PageState::Blank => Ok(Exit::Done),
        PageState::Unreadable { reason, detail } => {
            bail!("page {} could not be read ({reason}): {detail}", args.page)
        }
        PageState::Waiting | PageState::Recognised => {
            bail!(
                "page {} has not been read yet: repeat `hrisov ingest` to finish the load",
                args.page
            )
        }
    }
}
