//! How Romanian joins a number and its noun.

/// Whether `de` stands between the number and its noun: *20 de file*, *100 de file*, *1.200 de file*, but *0 file*,
/// *19 file*, *101 file*. It does after what ends in 20 to 99 and after whole hundreds.
/// Source: CLDR plural rules for `ro`, category *other*.
#[must_use]
pub const fn takes_de(number: u64) -> bool {
    let rest = number % 100;
    number != 0 && (rest == 0 || rest >= 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn de_follows_whole_hundreds_and_what_ends_in_20_to_99() {
        for number in [
            20,
            21,
            99,
            100,
            120,
            199,
            200,
            1000,
            1020,
            1_000_000,
            u64::MAX - 15,
        ] {
            assert!(takes_de(number), "{number}");
        }
        for number in [0, 1, 2, 19, 101, 102, 119, 1001, 1_000_019] {
            assert!(!takes_de(number), "{number}");
        }
    }
}
