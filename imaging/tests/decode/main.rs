//! Decoding through the public interface: files made here, and real scans where they are at hand.

#[cfg(test)]
mod bounds;
#[cfg(test)]
mod given;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod jpeg;
#[cfg(test)]
mod pdf;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod scans;
#[cfg(test)]
mod tiff;
#[cfg(test)]
mod tiff_file;
