//! The store's laws, on every kind of store.

#[cfg(test)]
mod laws;
#[cfg(test)]
mod local;
#[cfg(test)]
mod model;
#[cfg(test)]
mod ocfl_crashes;
#[cfg(test)]
mod ocfl_defects;
#[cfg(test)]
mod ocfl_fixtures;
#[cfg(test)]
mod ocfl_inventory;
#[cfg(test)]
mod ocfl_outside;
#[cfg(test)]
mod ocfl_sample;
#[cfg(test)]
mod s3;
#[cfg(test)]
mod seaweed;
