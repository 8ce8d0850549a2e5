//! Which language models are installed, and what to install for one that is not.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use hrisov_model::Languages;

use crate::OcrError;

/// Where Debian, Fedora, Alpine and a plain build put the models; the first that exists is taken.
const USUAL_FOLDERS: [&str; 5] = [
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
];
const MODEL_SUFFIX: &str = ".traineddata";
/// A model of all languages in Latin letters, in Debian's tesseract-ocr-script-latn: another network than those of the single
/// languages, so that it errs elsewhere. 85 MB, and it takes 1.7 times as long.
pub(crate) const LATIN: &str = "Latin";

/// The folder of Tesseract's models: `TESSDATA_PREFIX`, or the usual places.
///
/// # Errors
/// [`OcrError::NoLanguageData`] where none exists.
pub fn model_folder() -> Result<PathBuf, OcrError> {
    let searched: Vec<PathBuf> = match env::var_os("TESSDATA_PREFIX").filter(|value| !value.is_empty()) {
        Some(folder) => vec![PathBuf::from(folder)],
        None => USUAL_FOLDERS.iter().map(PathBuf::from).collect(),
    };
    match searched.iter().find(|folder| folder.is_dir()) {
        Some(folder) => Ok(folder.clone()),
        None => Err(OcrError::NoLanguageData { searched }),
    }
}

/// Codes of all installed models, in alphabetical order.
///
/// # Errors
/// [`OcrError::NoLanguageData`] where there is no folder to look in.
pub fn available_languages() -> Result<BTreeSet<String>, OcrError> {
    let folder = model_folder()?;
    let Ok(entries) = fs::read_dir(&folder) else {
        return Err(OcrError::NoLanguageData {
            searched: vec![folder],
        });
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names
        .filter_map(|name| name.strip_suffix(MODEL_SUFFIX).map(str::to_owned))
        .collect())
}

/// Fails for the first language without a model, and says which package brings it. To be called before a
/// batch begins.
///
/// # Errors
/// [`OcrError::MissingLanguage`], [`OcrError::NoLanguageData`].
pub fn check_languages(languages: &Languages) -> Result<(), OcrError> {
    check_in(&model_folder()?, languages)
}

/// Whether there is a model that reads again what that of a language read poorly; without it, that one does.
#[must_use]
pub fn has_second_reader() -> bool {
    model_folder().is_ok_and(|folder| is_installed(&folder, LATIN))
}

pub(crate) fn is_installed(folder: &Path, code: &str) -> bool {
    folder.join(format!("{code}{MODEL_SUFFIX}")).is_file()
}

pub(crate) fn check_in(folder: &Path, languages: &Languages) -> Result<(), OcrError> {
    match languages.codes().iter().find(|code| !is_installed(folder, code)) {
        None => Ok(()),
        Some(code) => Err(OcrError::MissingLanguage {
            code: code.clone(),
            folder: folder.to_owned(),
            package: debian_package(code),
        }),
    }
}

/// Debian writes `_` as `-` and everything small: `chi_sim` is in `tesseract-ocr-chi-sim`.
fn debian_package(code: &str) -> String {
    format!("tesseract-ocr-{}", code.to_lowercase().replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_model_is_named_with_the_package_that_brings_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ron.traineddata"), "").unwrap();
        let check = |languages: &str| check_in(folder.path(), &languages.parse().unwrap());
        assert!(check("ron").is_ok());
        for (languages, package) in [
            ("ron+eng", "tesseract-ocr-eng"),
            ("hun", "tesseract-ocr-hun"),
            ("chi_sim+ron", "tesseract-ocr-chi-sim"),
        ] {
            let message = check(languages).unwrap_err().to_string();
            assert!(message.ends_with(package), "{message}");
        }
    }
}
