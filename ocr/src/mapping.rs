//! From the raster that was read back to the master page.

use hrisov_model::{Rect, Rotation};

/// How the raster that was read came from the master page: first turned, then scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mapping {
    /// Size of the master page in pixels.
    pub(crate) master: (u32, u32),
    /// Clockwise turn of the whole page.
    pub(crate) rotation: Rotation,
    /// Size of the raster that was read, in its pixels.
    pub(crate) read: (u32, u32),
}

impl Mapping {
    /// The place on the master page of a rectangle of the raster that was read: rounded outwards to whole
    /// pixels, cut to the page, and at least one pixel large.
    pub(crate) fn to_master(self, rect: Rect) -> Rect {
        let turned = match self.rotation {
            Rotation::None | Rotation::Half => self.master,
            Rotation::Right | Rotation::Left => (self.master.1, self.master.0),
        };
        let (left, right) = unscale(rect.x, rect.width, self.read.0, turned.0);
        let (top, bottom) = unscale(rect.y, rect.height, self.read.1, turned.1);
        let (width, height) = self.master;
        let (x, y) = match self.rotation {
            Rotation::None => ((left, right), (top, bottom)),
            Rotation::Right => ((top, bottom), (height - right, height - left)),
            Rotation::Half => ((width - right, width - left), (height - bottom, height - top)),
            Rotation::Left => ((width - bottom, width - top), (left, right)),
        };
        Rect {
            x: x.0,
            y: y.0,
            width: x.1 - x.0,
            height: y.1 - y.0,
        }
    }
}

/// Start and end, in `to` pixels, of a span given in `from` pixels.
fn unscale(start: u32, length: u32, from: u32, to: u32) -> (u32, u32) {
    let (start, end) = (u64::from(start), u64::from(start) + u64::from(length));
    let (from, to) = (u64::from(from.max(1)), u64::from(to));
    let low = (start * to / from).min(to.saturating_sub(1));
    let high = (end * to).div_ceil(from).clamp(low + 1, to.max(low + 1));
    (low as u32, high as u32)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::raster::Raster;

    const ROTATIONS: [Rotation; 4] = [Rotation::None, Rotation::Right, Rotation::Half, Rotation::Left];

    /// Every pixel of every small page, under every turn and every whole enlargement: marked on the
    /// master, found on the raster that is read, mapped back to exactly itself.
    #[test]
    fn every_pixel_comes_back_to_where_it_was() {
        for (width, height) in [(1, 1), (1, 4), (5, 1), (3, 2), (4, 5)] {
            for rotation in ROTATIONS {
                for factor in 1..=3 {
                    for at in 0..width * height {
                        let mut grey = vec![255; (width * height) as usize];
                        grey[at as usize] = 0;
                        let page = Raster {
                            width,
                            height,
                            grey: Cow::Owned(grey),
                        };
                        let turned = page.turned(rotation);
                        let read = enlarged(&turned, factor);
                        let mapping = Mapping {
                            master: (width, height),
                            rotation,
                            read: (read.width, read.height),
                        };
                        let pixel = Rect {
                            x: at % width,
                            y: at / width,
                            width: 1,
                            height: 1,
                        };
                        assert_eq!(mapping.to_master(dark(&read)), pixel, "{mapping:?}");
                    }
                }
            }
        }
    }

    /// Whatever rectangle comes, under any scale, the result lies on the page and is not empty.
    #[test]
    fn any_rectangle_ends_on_the_page_and_larger_ones_hold_smaller_ones() {
        for master in [(1, 1), (7, 3), (2, 9)] {
            for read in [(1, 1), (3, 7), (10, 4), (21, 9)] {
                for rotation in ROTATIONS {
                    let mapping = Mapping {
                        master,
                        rotation,
                        read,
                    };
                    for (x, y) in [(0, 0), (2, 1), (30, 40)] {
                        for (width, height) in [(0, 0), (1, 1), (2, 3), (50, 50)] {
                            let rect = Rect { x, y, width, height };
                            let place = mapping.to_master(rect);
                            assert!(place.width > 0 && place.height > 0, "{mapping:?} {rect:?}");
                            assert!(place.x + place.width <= master.0, "{mapping:?} {rect:?}");
                            assert!(place.y + place.height <= master.1, "{mapping:?} {rect:?}");
                            let larger = Rect {
                                width: width + 1,
                                height: height + 1,
                                ..rect
                            };
                            assert_eq!(mapping.to_master(larger).union(place), mapping.to_master(larger));
                        }
                    }
                }
            }
        }
    }

    fn enlarged(page: &Raster<'_>, factor: u32) -> Raster<'static> {
        let (width, height) = (page.width * factor, page.height * factor);
        let source = |at: u32| (at / width / factor) * page.width + at % width / factor;
        let grey = (0..width * height)
            .map(|at| page.grey[source(at) as usize])
            .collect();
        Raster {
            width,
            height,
            grey: Cow::Owned(grey),
        }
    }

    fn dark(page: &Raster<'_>) -> Rect {
        let places = page.grey.iter().enumerate().filter(|(_, value)| **value == 0);
        let rects = places.map(|(at, _)| Rect {
            x: at as u32 % page.width,
            y: at as u32 / page.width,
            width: 1,
            height: 1,
        });
        Rect::bounding(rects).unwrap()
    }
}
