//! The search index as its users see it.

#[cfg(test)]
mod commits;
#[cfg(test)]
mod finding;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod narrowing;
#[cfg(test)]
mod pages;
