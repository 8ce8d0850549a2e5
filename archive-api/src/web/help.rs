//! Help on one page.

use askama::Template;
use axum::response::Response;

use super::{
    Visitor,
    frame::{Frame, Section},
    html,
};
use crate::error::ApiError;

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    f: Frame,
}

pub(crate) async fn help(visitor: Visitor) -> Result<Response, ApiError> {
    html(&HelpPage {
        f: visitor.frame(Section::Help),
    })
}
