//! The storage root and everything in it that is not an object.

use std::{collections::BTreeSet, io};

use futures::StreamExt as _;
use serde_json::Value;

use super::{Finding, Findings, OcflCode, object::REGISTERED_EXTENSIONS};
use crate::{
    Key, StoreError,
    ocfl::{StorageRoot, layout},
};

/// Objects on the way through the listing.
#[derive(Default)]
struct Walk {
    findings: Findings,
    /// Files directly in the root.
    root_files: BTreeSet<String>,
    /// Extensions told of already.
    extensions: BTreeSet<String>,
    /// The place of an object that the listing is in, and whether a declaration was seen there.
    place: Option<(Key, bool)>,
}

pub(super) async fn validate(root: &StorageRoot) -> Result<Vec<Finding>, StoreError> {
    let mut walk = Walk::default();
    let mut listing = root.blobs().list(&root.prefix);
    while let Some(found) = listing.next().await {
        match found {
            Ok(meta) => {
                let path = meta.key.below(&root.prefix).unwrap_or_else(Key::root);
                walk.file(&root.prefix, &path);
            }
            Err(StoreError::InvalidKey { text, reason }) => {
                walk.findings
                    .add(OcflCode::E072, &root.prefix, format!("{text:?}: {reason}"));
            }
            Err(StoreError::Io { path, source, .. }) if source.kind() == io::ErrorKind::InvalidData => {
                walk.findings.add(
                    OcflCode::E072,
                    &root.prefix,
                    format!("{}: {source}", path.display()),
                );
            }
            Err(other) => return Err(other),
        }
    }
    walk.leave_place(&root.prefix);
    walk.check_description(root).await?;
    Ok(walk.findings.0)
}

impl Walk {
    fn file(&mut self, prefix: &Key, path: &Key) {
        let place = layout::object_part(path).filter(|place| place != path);
        if self.place.as_ref().map(|(place, _)| place) != place.as_ref() {
            self.leave_place(prefix);
            self.place = place.map(|place| (place, false));
        }
        if let Some((place, declared)) = &mut self.place {
            let below = path.below(place).unwrap_or_else(Key::root);
            *declared |= below.as_str().starts_with("0=ocfl_object_");
            return;
        }
        let parts: Vec<_> = path.parts().collect();
        let at = prefix.join(path);
        match &parts[..] {
            [file] => {
                self.root_files.insert((*file).to_owned());
            }
            ["extensions", _] => self
                .findings
                .add(OcflCode::E086, &at, "a file lies where only folders may"),
            ["extensions", name, ..] => {
                if self.extensions.insert((*name).to_owned()) && !REGISTERED_EXTENSIONS.contains(name) {
                    self.findings
                        .add(OcflCode::W016, &at, format!("extension {name} is not registered"));
                }
            }
            _ => self
                .findings
                .add(OcflCode::E072, &at, "the file belongs to no object"),
        }
    }

    fn leave_place(&mut self, prefix: &Key) {
        if let Some((place, declared)) = self.place.take() {
            let at = prefix.join(&place);
            self.findings.check(
                declared,
                OcflCode::E072,
                &at,
                "files lie there without an object's declaration",
            );
        }
    }

    /// The files directly in the root.
    async fn check_description(&mut self, root: &StorageRoot) -> Result<(), StoreError> {
        let prefix = &root.prefix;
        let (declaration, text) = layout::ROOT_DECLARATION;
        let at = prefix.join(&Key::literal(declaration));
        let declared = root.read_small(&at).await?;
        let is_right = declared.is_some_and(|found| found == text.as_bytes());
        self.findings.check(
            is_right,
            OcflCode::E069,
            &at,
            "it is missing, or its text does not repeat its name",
        );
        for file in &self.root_files {
            let at = prefix.child(file)?;
            // The specification's own text may lie beside the declaration (section 4.1).
            let is_text = file.starts_with("ocfl_1.") || file == "ocfl_extensions_1.0.md";
            if file.starts_with("0=") {
                let is_ours = file == declaration;
                self.findings
                    .check(is_ours, OcflCode::E069, &at, "there is another declaration");
            } else if file != layout::LAYOUT_FILE && !is_text {
                self.findings
                    .add(OcflCode::E072, &at, "the file belongs to no object");
            }
        }
        self.check_layout(root).await
    }

    async fn check_layout(&mut self, root: &StorageRoot) -> Result<(), StoreError> {
        let read = async |name| {
            let at = root.prefix.join(&Key::literal(name));
            let json = root.read_small(&at).await?;
            let json: Value = json
                .and_then(|json| serde_json::from_slice(&json).ok())
                .unwrap_or_default();
            Ok::<_, StoreError>((at, json))
        };
        let (at, layout) = read(layout::LAYOUT_FILE).await?;
        let described = layout["extension"].is_string() && layout["description"].is_string();
        self.findings.check(
            described,
            OcflCode::E070,
            &at,
            "it does not name an extension and describe it",
        );
        let same = layout["extension"] == layout::layout_file()["extension"];
        self.findings
            .check(same, OcflCode::E071, &at, "the layout is not this archive's");
        let (at, config) = read(layout::LAYOUT_CONFIG).await?;
        let same = config == layout::layout_config();
        self.findings.check(
            same,
            OcflCode::E071,
            &at,
            "the layout's parameters are not this archive's",
        );
        Ok(())
    }
}
