//! How fast the store is read, as people write it.

use std::{fmt, num::NonZeroU64, str::FromStr};

use serde::Deserialize;

/// Bytes in a second: `50MB/s`, `1.5 GiB/s`, `800kB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Rate(NonZeroU64);

/// Units with their bytes.
const UNITS: [(&str, f64); 8] = [
    ("", 1.0),
    ("b", 1.0),
    ("kb", 1e3),
    ("mb", 1e6),
    ("gb", 1e9),
    ("kib", 1024.0),
    ("mib", 1_048_576.0),
    ("gib", 1_073_741_824.0),
];
/// The slowest rate: below it nothing would ever end.
const SLOWEST: f64 = 1000.0;
/// Faster than any disk, and exact as a number of either kind.
const FASTEST: f64 = 1e15;

impl Rate {
    /// Bytes in a second.
    pub const fn bytes_per_second(self) -> NonZeroU64 {
        self.0
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no rate from 1kB/s up: write it as in 50MB/s or 1.5GiB/s");
        let lower = text.trim().to_lowercase();
        let amount = lower.strip_suffix("/s").unwrap_or(&lower).trim();
        let split = amount
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(amount.len());
        let (number, unit) = amount.split_at(split);
        let number: f64 = number.parse().map_err(|_| wrong())?;
        let unit = UNITS.iter().find(|(name, _)| *name == unit.trim());
        let bytes = unit.map(|(_, bytes)| number * bytes).ok_or_else(wrong)?;
        if !(SLOWEST..=FASTEST).contains(&bytes) {
            return Err(wrong());
        }
        NonZeroU64::new(bytes as u64).map(Self).ok_or_else(wrong)
    }
}

impl TryFrom<String> for Rate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}MB/s", self.0.get() as f64 / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_as_people_write_them() {
        for (text, bytes) in [
            ("50MB/s", 50_000_000),
            ("1.5 GiB/s", 1_610_612_736),
            ("800kB", 800_000),
            ("2000", 2000),
            (" 7 mib/S ", 7_340_032),
        ] {
            assert_eq!(
                text.parse::<Rate>().unwrap().bytes_per_second().get(),
                bytes,
                "{text}"
            );
        }
        for text in [
            "",
            "MB/s",
            "0",
            "-1MB/s",
            "1e99",
            "50Mbit/s",
            "999",
            "1.2.3MB",
            "99999999GB/s",
        ] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
        assert_eq!("20MB/s".parse::<Rate>().unwrap().to_string(), "20MB/s");
    }
}
