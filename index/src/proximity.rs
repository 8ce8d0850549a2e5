//! How near the words of a query stand to each other on a page.

use crate::cursor::Span;

/// Positions read of one unit on one page.
const SPANS_MAX: usize = 256;

/// 1 where the units that stand on a page stand side by side, less the further apart they are; 0 for a
/// single one. `spans` has, per unit, where it stands.
pub(crate) fn nearness(spans: &[Vec<Span>]) -> f32 {
    let mut places: Vec<(u32, u32, usize)> = Vec::new();
    let mut units = 0;
    for (unit, spans) in spans.iter().enumerate().filter(|(_, spans)| !spans.is_empty()) {
        units += 1;
        places.extend(
            spans
                .iter()
                .take(SPANS_MAX)
                .map(|&(first, last)| (first, last, unit)),
        );
    }
    if units < 2 {
        return 0.0;
    }
    places.sort_unstable();
    // Positions between, in the shortest stretch with every unit.
    let mut counts = vec![0_u32; spans.len()];
    let (mut begin, mut held) = (0, 0);
    let mut least = u32::MAX;
    for &(first, _, unit) in &places {
        counts[unit] += 1;
        held += u32::from(counts[unit] == 1);
        while held == units {
            let (_, last, taken) = places[begin];
            least = least.min(first.saturating_sub(last).saturating_sub(units - 1));
            counts[taken] -= 1;
            held -= u32::from(counts[taken] == 0);
            begin += 1;
        }
    }
    let others = (units - 1) as f32;
    others / (others + least as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearer_is_more() {
        let at = |positions: &[u32]| positions.iter().map(|&at| (at, at)).collect::<Vec<Span>>();
        for (spans, expected) in [
            (vec![at(&[1])], 0.0),
            (vec![at(&[1]), vec![]], 0.0),
            (vec![at(&[1]), at(&[2])], 1.0),
            (vec![at(&[2]), at(&[1])], 1.0),
            (vec![at(&[1, 50]), at(&[10, 52])], 0.5),
            (vec![at(&[1]), at(&[101])], 0.01),
            (vec![at(&[1]), at(&[2]), at(&[3])], 1.0),
            (vec![vec![(1, 3)], at(&[4])], 1.0),
        ] {
            let nearness = nearness(&spans);
            assert!((nearness - expected).abs() < 0.01, "{spans:?}: {nearness}");
        }
    }
}
