//! The log from outside: what it stores, proves, survives and refuses.

#[cfg(test)]
mod by_hand;
#[cfg(test)]
mod consistency;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod flaws;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod go;
#[cfg(test)]
mod log;
#[cfg(test)]
mod proofs;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tamper;
#[cfg(test)]
mod timestamp;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod witness;
