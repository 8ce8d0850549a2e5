//! Places on a page, in pixels of the untouched master page.

use serde::{Deserialize, Serialize};

/// A rectangle in whole pixels; the origin is the top left corner of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Rect {
    /// Distance from the left edge.
    pub x: u32,
    /// Distance from the top edge.
    pub y: u32,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

impl Rect {
    /// The smallest rectangle that holds both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let right = (self.x + self.width).max(other.x + other.width);
        let bottom = (self.y + self.height).max(other.y + other.height);
        Self {
            x,
            y,
            width: right - x,
            height: bottom - y,
        }
    }

    /// The smallest rectangle that holds them all; `None` for none.
    pub fn bounding(rects: impl IntoIterator<Item = Self>) -> Option<Self> {
        rects.into_iter().reduce(Self::union)
    }

    /// Pixels inside both rectangles.
    #[must_use]
    pub fn overlap(self, other: Self) -> u64 {
        let side = |a: u32, a_len: u32, b: u32, b_len: u32| {
            (a + a_len).min(b + b_len).saturating_sub(a.max(b)) as u64
        };
        side(self.x, self.width, other.x, other.width) * side(self.y, self.height, other.y, other.height)
    }
}

/// A turn by whole quarters, clockwise, in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum Rotation {
    /// As it lies.
    #[default]
    None,
    /// A quarter clockwise.
    Right,
    /// Upside down.
    Half,
    /// A quarter counter-clockwise.
    Left,
}

impl From<Rotation> for u16 {
    fn from(rotation: Rotation) -> Self {
        match rotation {
            Rotation::None => 0,
            Rotation::Right => 90,
            Rotation::Half => 180,
            Rotation::Left => 270,
        }
    }
}

impl TryFrom<u16> for Rotation {
    type Error = String;

    fn try_from(degrees: u16) -> Result<Self, String> {
        match degrees {
            0 => Ok(Self::None),
            90 => Ok(Self::Right),
            180 => Ok(Self::Half),
            270 => Ok(Self::Left),
            other => Err(format!("{other} is not a rotation: use 0, 90, 180 or 270")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn union_holds_both_and_overlap_is_what_they_share() {
        let a = Rect {
            x: 10,
            y: 10,
            width: 20,
            height: 10,
        };
        let b = Rect {
            x: 20,
            y: 15,
            width: 30,
            height: 30,
        };
        assert_eq!(
            a.union(b),
            Rect {
                x: 10,
                y: 10,
                width: 40,
                height: 35
            }
        );
        assert_eq!(a.overlap(b), 10 * 5);
        assert_eq!(
            a.overlap(Rect {
                x: 30,
                y: 10,
                width: 5,
                height: 5
            }),
            0
        );
        assert_eq!(Rect::bounding([]), None);
    }
}
