//! A page for each error: what happened, and what to do.

use askama::Template;
use axum::{
    extract::Request,
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{
    Visitor,
    frame::{Frame, Section},
    html,
};
use crate::error::{ApiError, ForPeople, PAGES_AT_ONCE_MAX};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    f: Frame,
    title: String,
    what: String,
    todo: String,
}

/// Gives people a page in place of problem details, at every address that is not for programs.
pub(crate) async fn explain(request: Request, next: Next) -> Response {
    let is_for_programs = is_for_programs(request.uri().path());
    let here = request.uri().path_and_query().map_or("/", |here| here.as_str());
    let visitor = Visitor::of(request.headers(), here);
    let response = next.run(request).await;
    let told = response.extensions().get::<ForPeople>().copied();
    match told {
        Some(told) if !is_for_programs => page(visitor, told, response),
        _ => response,
    }
}

/// The answer to a request that no route was asked of: of its address the path may be known, of its head nothing.
pub(crate) fn explained(error: ApiError, path: &str) -> Response {
    let told = error.for_people();
    let problem = error.into_response();
    match is_for_programs(path) {
        true => problem,
        false => page(Visitor::of(&HeaderMap::new(), "/"), told, problem),
    }
}

fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/") || path.starts_with("/iiif/") || path == "/health" || path == "/metrics"
}

fn page(visitor: Visitor, told: ForPeople, problem: Response) -> Response {
    let t = visitor.language;
    let kind = told.name();
    let page = ErrorPage {
        title: t.part("error", kind, "title"),
        what: t.with(&format!("error-{kind}-text"), "number", PAGES_AT_ONCE_MAX),
        todo: t.part("error", kind, "todo"),
        // The address that failed is not offered in the other language: it would fail there too.
        f: Visitor {
            here: "/".to_owned(),
            ..visitor
        }
        .frame(Section::Elsewhere),
    };
    let mut response = html(&page).into_response();
    *response.status_mut() = problem.status();
    keep(&mut response, problem.headers());
    response
}

/// Headers of the problem that matter to a browser too.
fn keep(response: &mut Response, problem: &HeaderMap) {
    for name in [header::RETRY_AFTER, header::ALLOW] {
        if let Some(value) = problem.get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
}
