//! Code 128 (ISO/IEC 15417): sets B and C, the shorter way.

/// Bars and spaces in turn, in modules, bar first; without quiet zones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Code128 {
    pub(super) widths: Vec<u8>,
}

/// Widths of bars and spaces of each symbol value, table 1 of the standard.
const PATTERNS: [&[u8; 6]; 106] = [
    b"212222", b"222122", b"222221", b"121223", b"121322", b"131222", b"122213", b"122312", b"132212",
    b"221213", b"221312", b"231212", b"112232", b"122132", b"122231", b"113222", b"123122", b"123221",
    b"223211", b"221132", b"221231", b"213212", b"223112", b"312131", b"311222", b"321122", b"321221",
    b"312212", b"322112", b"322211", b"212123", b"212321", b"232121", b"111323", b"131123", b"131321",
    b"112313", b"132113", b"132311", b"211313", b"231113", b"231311", b"112133", b"112331", b"132131",
    b"113123", b"113321", b"133121", b"313121", b"211331", b"231131", b"213113", b"213311", b"213131",
    b"311123", b"311321", b"331121", b"312113", b"312311", b"332111", b"314111", b"221411", b"431111",
    b"111224", b"111422", b"121124", b"121421", b"141122", b"141221", b"112214", b"112412", b"122114",
    b"122411", b"142112", b"142211", b"241211", b"221114", b"413111", b"241112", b"134111", b"111242",
    b"121142", b"121241", b"114212", b"124112", b"124211", b"411212", b"421112", b"421211", b"212141",
    b"214121", b"412121", b"111143", b"111341", b"131141", b"114113", b"114311", b"411113", b"411311",
    b"113141", b"114131", b"311141", b"411131", b"211412", b"211214", b"211232",
];
const STOP: &[u8; 7] = b"2331112";
const TO_C: u8 = 99;
const TO_B: u8 = 100;
const START_B: u8 = 104;
/// Digits in a row from which set C is shorter, the change back included.
const LEAST_DIGITS: usize = 6;

impl Code128 {
    /// The code of a text of printable ASCII; `None` for any other.
    pub(super) fn of(text: &str) -> Option<Self> {
        let is_printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if text.is_empty() || !is_printable {
            return None;
        }
        let symbols = symbols(text.as_bytes());
        let mut widths: Vec<u8> = Vec::with_capacity(symbols.len() * 6 + 7);
        for symbol in symbols {
            widths.extend(PATTERNS[usize::from(symbol)].iter().map(|digit| digit - b'0'));
        }
        widths.extend(STOP.iter().map(|digit| digit - b'0'));
        Some(Self { widths })
    }

    /// Its width in modules.
    pub(super) fn modules(&self) -> u32 {
        self.widths.iter().map(|width| u32::from(*width)).sum()
    }
}

/// Start, data and check symbols.
fn symbols(text: &[u8]) -> Vec<u8> {
    let mut symbols = vec![START_B];
    let mut at = 0;
    while at < text.len() {
        let digits = text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits < LEAST_DIGITS {
            let plain = digits.max(1);
            symbols.extend(text[at..at + plain].iter().map(|byte| byte - b' '));
            at += plain;
            continue;
        }
        // An odd first digit stays in set B: pairs then reach the end of the run.
        if digits % 2 == 1 {
            symbols.push(text[at] - b' ');
            at += 1;
        }
        symbols.push(TO_C);
        for pair in text[at..at + digits / 2 * 2].chunks_exact(2) {
            symbols.push((pair[0] - b'0') * 10 + (pair[1] - b'0'));
        }
        at += digits / 2 * 2;
        if at < text.len() {
            symbols.push(TO_B);
        }
    }
    let weighted = symbols
        .iter()
        .skip(1)
        .zip(1_u64..)
        .map(|(symbol, place)| u64::from(*symbol) * place);
    let check = (u64::from(symbols[0]) + weighted.sum::<u64>()) % 103;
    symbols.push(u8::try_from(check).expect("less than 103"));
    symbols
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_and_check_symbol() {
        // PJJ123C is the example of the literature: 54 from the start symbol of set A, one more from that of set B.
        for (text, wanted) in [
            ("PJJ123C", &[104, 48, 42, 42, 17, 18, 19, 35, 55][..]),
            ("A123456", &[104, 33, 99, 12, 34, 56, 46][..]),
            ("1234567B", &[104, 17, 99, 23, 45, 67, 100, 34, 80][..]),
        ] {
            let (found, check) = (symbols(text.as_bytes()), wanted.len() - 1);
            assert_eq!(found[..check], wanted[..check], "{text}");
            let sum: u64 = found[0] as u64
                + found[1..check]
                    .iter()
                    .zip(1_u64..)
                    .map(|(symbol, place)| u64::from(*symbol) * place)
                    .sum::<u64>();
            assert_eq!(u64::from(found[check]), sum % 103, "{text}");
        }
        assert_eq!(symbols(b"PJJ123C").last(), Some(&55));
    }

    #[test]
    fn every_symbol_is_eleven_modules_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for pattern in PATTERNS {
            assert_eq!(pattern.iter().map(|digit| digit - b'0').sum::<u8>(), 11);
            assert!(seen.insert(pattern), "{pattern:?} twice");
        }
        assert_eq!(Code128::of("AB").map(|code| code.modules()), Some(4 * 11 + 13));
        assert_eq!(Code128::of("ă"), None);
    }
}
