//! What the fax codes of TIFF and PDF have in common.

/// Whether the last bits, without padding, are two end-of-line codes in a row (EOFB of T.6, part of the
/// RTC of T.4, whose codes may have a tag bit each).
pub(crate) fn ends_with_end_of_block(data: &[u8]) -> bool {
    const EOFB: u64 = 0x00_1001;
    const RTC_TAGGED: u64 = 0b00_0000_0000_0110_0000_0000_0011;
    let last = data.iter().rev().take(8).rev();
    let bits = last.fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
    // Up to two bytes of padding follow the code.
    (0..=16).any(|padding| {
        let bits = bits >> padding;
        bits & 0xff_ffff == EOFB || bits & 0x3ff_ffff == RTC_TAGGED
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn end_codes_are_found_with_and_without_padding() {
        for (data, ends) in [
            (&[0x35, 0x00, 0x10, 0x01][..], true),
            (&[0x35, 0x00, 0x08, 0x00, 0x80], true),
            (&[0x35, 0x00, 0x10, 0x01, 0x00], true),
            // Two codes with a tag bit each.
            (&[0x00, 0x18, 0x00, 0xc0], true),
            (&[0x00, 0x10, 0x02], false),
            (&[0x26, 0xa1, 0x1c], false),
            (&[], false),
        ] {
            assert_eq!(ends_with_end_of_block(data), ends, "{data:02x?}");
        }
    }
}
