//! A strip cut from the scan around the best hit: the eye decides faster on it than on the text.

use hrisov_model::{PageId, Rect};

use crate::links;

/// Widest strip shown.
const WIDTH_PX: u32 = 720;
/// What a strip shows, in heights of the hit: about a line above and below, and half a line's length.
const LINES_SHOWN: f64 = 4.2;
const LENGTH_SHOWN: f64 = 34.0;
/// Letters smaller than this are noise, whose surroundings say more than itself.
const HIT_HEIGHT_MIN_PX: u32 = 12;

/// A part of a page with the hits on it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Strip {
    /// Where its picture is.
    pub(crate) address: String,
    /// Its size as it is shown.
    pub(crate) width_px: u32,
    pub(crate) height_px: u32,
    /// The same part in pixels of the page, as SVG has it.
    pub(crate) view_box: String,
    /// The hits that lie on it, in pixels of the page.
    pub(crate) boxes: Vec<Rect>,
}

impl Strip {
    /// The strip of a page of that size around its best hit; none without hits or size.
    pub(crate) fn cut(
        page: PageId,
        (width_px, height_px): (u32, u32),
        boxes: &[Rect],
        best: usize,
    ) -> Option<Self> {
        let region = region((width_px, height_px), boxes, best)?;
        let shown_px = WIDTH_PX.min(region.width);
        let place = format!("{},{},{},{}", region.x, region.y, region.width, region.height);
        let image = links::page_part(page, "image");
        let address = links::Address::new(image)
            .with("region", place)
            .with("width", shown_px);
        let lies_on = |hit: &&Rect| {
            hit.x < region.x + region.width
                && region.x < hit.x.saturating_add(hit.width)
                && hit.y < region.y + region.height
                && region.y < hit.y.saturating_add(hit.height)
        };
        Some(Self {
            address: address.into_string(),
            width_px: shown_px,
            height_px: (u64::from(region.height) * u64::from(shown_px) / u64::from(region.width)).max(1)
                as u32,
            view_box: format!("{} {} {} {}", region.x, region.y, region.width, region.height),
            boxes: boxes.iter().filter(lies_on).copied().collect(),
        })
    }
}

/// The part around the line of the best hit.
fn region((width_px, height_px): (u32, u32), boxes: &[Rect], best: usize) -> Option<Rect> {
    let middle = |hit: &Rect| u64::from(hit.y) + u64::from(hit.height) / 2;
    let neighbours = |hit: &Rect| {
        let reach = u64::from(hit.height.max(HIT_HEIGHT_MIN_PX)) * 3 / 2;
        let near = |other: &&Rect| middle(other).abs_diff(middle(hit)) <= reach;
        boxes.iter().filter(near).copied().collect::<Vec<_>>()
    };
    let best = boxes.get(best).or(boxes.first())?;
    let around = Rect::bounding(neighbours(best))?;
    let unit = f64::from(best.height.max(HIT_HEIGHT_MIN_PX));
    let width = (unit * LENGTH_SHOWN).max(f64::from(around.width) + 2.0 * unit);
    let height = (unit * LINES_SHOWN).max(f64::from(around.height) + 2.0 * unit);
    let (x, width) = placed(around.x, around.width, width, width_px)?;
    let (y, height) = placed(around.y, around.height, height, height_px)?;
    Some(Rect { x, y, width, height })
}

/// A stretch of that length with a part in its middle, moved and cut to lie within the page.
fn placed(start: u32, length: u32, wanted: f64, limit: u32) -> Option<(u32, u32)> {
    let wanted = (wanted as u32).clamp(1, limit.max(1));
    let middle = i64::from(start) + i64::from(length) / 2;
    let first = (middle - i64::from(wanted) / 2).clamp(0, i64::from(limit.saturating_sub(wanted)));
    (limit > 0 && start < limit).then_some((first as u32, wanted))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
        Rect { x, y, width, height }
    }

    #[test]
    fn the_line_of_the_best_hit_is_shown() {
        let boxes = [
            rect(300, 200, 100, 40),
            rect(300, 1000, 100, 40),
            rect(900, 1004, 120, 38),
        ];
        let strip = Strip::cut(PageId::random(), (2480, 3508), &boxes, 2).unwrap();
        assert_eq!(strip.boxes, boxes[1..]);
        assert_eq!((strip.width_px, strip.height_px), (720, 88));
        assert_eq!(Strip::cut(PageId::random(), (2480, 3508), &[], 0), None);
        assert_eq!(Strip::cut(PageId::random(), (0, 0), &boxes, 0), None);
    }

    proptest! {
        #[test]
        fn a_strip_lies_on_its_page_and_shows_the_hit(
            size in (1u32..20_000, 1u32..20_000),
            hits in prop::collection::vec((0u32..20_000, 0u32..20_000, 1u32..4_000, 1u32..4_000), 1..6),
            best in 0usize..6,
        ) {
            let boxes: Vec<_> = hits.into_iter().map(|(x, y, w, h)| rect(x, y, w, h)).collect();
            if let Some(region) = region(size, &boxes, best) {
                prop_assert!(region.width > 0 && region.x + region.width <= size.0);
                prop_assert!(region.height > 0 && region.y + region.height <= size.1);
            }
        }
    }
}
