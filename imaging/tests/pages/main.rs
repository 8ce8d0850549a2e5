//! Separator sheets and the condition of pages through the public interface, on pages drawn here and on real
//! scans where they are at hand.

#[cfg(test)]
mod condition;
#[cfg(test)]
mod drawn;
#[cfg(test)]
mod separators;
