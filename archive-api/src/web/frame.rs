//! What surrounds every page: language, sections, the way to the other language.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::messages::Language;
use crate::{
    error::ApiError,
    extract::{Path, Query},
    links::Address,
};

/// Keeps the chosen language for a year; it says nothing about the person.
const COOKIE: &str = "limba";
const COOKIE_SECONDS: u32 = 365 * 24 * 3600;

/// Who asks: in which language, and for which address.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    /// Romanian unless switched.
    pub(crate) language: Language,
    /// Path and query as they were asked for.
    pub(crate) here: String,
}

/// The sections of the top of every page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Search,
    Archivist,
    Auditor,
    Help,
    /// None of them.
    Elsewhere,
}

/// What the layout needs beside the page's own values.
#[derive(Debug)]
pub(crate) struct Frame {
    /// The language, to say messages in.
    pub(crate) t: Language,
    here: String,
    section: Section,
}

/// A section in the top of a page.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) name: &'static str,
    pub(crate) address: &'static str,
    pub(crate) is_here: bool,
}

#[derive(Debug, Deserialize)]
pub(crate) struct SwitchParams {
    /// Where to go on.
    #[serde(default)]
    inapoi: String,
}

const PLACES: [(Section, &str, &str); 4] = [
    (Section::Search, "search", "/"),
    (Section::Archivist, "archivist", "/arhivar"),
    (Section::Auditor, "auditor", "/auditor"),
    (Section::Help, "help", "/ajutor"),
];

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(
            &parts.headers,
            parts.uri.path_and_query().map_or("/", |here| here.as_str()),
        ))
    }
}

impl Visitor {
    /// Who asks for this address with these headers.
    pub(crate) fn of(headers: &HeaderMap, here: &str) -> Self {
        let chosen = cookie(headers, COOKIE);
        Self {
            language: chosen
                .and_then(|code| Language::of_code(&code))
                .unwrap_or_default(),
            here: here.to_owned(),
        }
    }

    /// The frame of a page in that section.
    pub(crate) fn frame(self, section: Section) -> Frame {
        Frame {
            t: self.language,
            here: self.here,
            section,
        }
    }
}

/// The value of a cookie of this server.
pub(super) fn cookie(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).into_iter();
    let cookies = cookies.filter_map(|cookies| cookies.to_str().ok());
    cookies.flat_map(|cookies| cookies.split(';')).find_map(|cookie| {
        let (name, value) = cookie.trim().split_once('=')?;
        (name == wanted).then(|| value.to_owned())
    })
}

impl Frame {
    /// The sections.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        PLACES.into_iter().map(|(section, name, address)| Place {
            name,
            address,
            is_here: section == self.section,
        })
    }

    /// Path and query of this page.
    pub(crate) fn here(&self) -> &str {
        &self.here
    }

    /// Where the other language is chosen, and this page shown again.
    pub(crate) fn switch(&self) -> String {
        Address::new(format!("/limba/{}", self.t.other().code()))
            .with("inapoi", &self.here)
            .into_string()
    }
}

/// Chooses a language and leads back.
pub(crate) async fn switch_language(
    Path(code): Path<String>,
    Query(params): Query<SwitchParams>,
) -> Result<Response, ApiError> {
    let language = Language::of_code(&code).ok_or(ApiError::UnknownRoute)?;
    let code = language.code();
    let cookie = format!("{COOKIE}={code}; Path=/; Max-Age={COOKIE_SECONDS}; SameSite=Lax; HttpOnly");
    let cookie = HeaderValue::try_from(cookie).expect("codes form a header");
    let headers = [
        (header::SET_COOKIE, cookie),
        (header::LOCATION, way_back(&params.inapoi)),
    ];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// An address of this server alone: another one would make this route a way to anywhere.
pub(super) fn way_back(wanted: &str) -> HeaderValue {
    let is_ours = wanted.starts_with('/') && !wanted.starts_with("//") && !wanted.contains('\\');
    let wanted = if is_ours { wanted } else { "/" };
    HeaderValue::try_from(wanted).unwrap_or(HeaderValue::from_static("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leads_to_another_server() {
        for (wanted, led) in [
            ("/pagini/1?q=a%20b", "/pagini/1?q=a%20b"),
            ("//evil.example/", "/"),
            ("/\\evil.example/", "/"),
            ("https://evil.example/", "/"),
            ("javascript:alert(1)", "/"),
            ("/a\r\nSet-Cookie: x=1", "/"),
            ("", "/"),
        ] {
            assert_eq!(way_back(wanted), led, "{wanted}");
        }
    }

    #[test]
    fn the_language_is_romanian_unless_the_cookie_says_otherwise() {
        for (cookies, language) in [
            (None, Language::Romanian),
            (Some("limba=en"), Language::English),
            (Some("a=b; limba=en"), Language::English),
            (Some("limba=xx; c=d"), Language::Romanian),
            (Some("xlimba=en"), Language::Romanian),
        ] {
            let headers = cookies.map(|cookies| (header::COOKIE, HeaderValue::from_static(cookies)));
            let headers = HeaderMap::from_iter(headers);
            assert_eq!(Visitor::of(&headers, "/").language, language, "{cookies:?}");
        }
    }
}
