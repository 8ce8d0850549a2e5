//! How large letters are, which way lines run, and how far they lean.

use hrisov_model::LineDirection;

use crate::marks::Mark;

/// Fewer marks of the size of letters say nothing about size or direction.
const FEWEST_LETTERS: usize = 40;
/// The mean of the middle third of the letters' heights is taken: less would be that of fragments where letters are
/// broken, more that of letters that touch, and a median alone whole pixels.
const MIDDLE: std::ops::Range<f32> = 0.35..0.65;
/// Angles tried: from minus to plus this many degrees.
const MOST_DEGREES: f32 = 15.0;
const COARSE_STEP_DEGREES: f32 = 0.5;
const FINE_STEP_DEGREES: f32 = 0.1;
/// More letters make the angle no surer.
const MOST_LETTERS: usize = 3000;
/// Lines are sharp to this many reduced pixels.
const BIN_PX: f32 = 1.5;

/// The lines of a page, in reduced pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lines {
    pub(crate) direction: LineDirection,
    /// Clockwise, -15 to 15.
    pub(crate) skew_degrees: f32,
    /// How far the best angle stands out: its score over the mean of all.
    pub(crate) clarity: f32,
}

/// Marks that may be letters, by their size and shape.
pub(crate) fn letters(marks: &[Mark]) -> Vec<Mark> {
    marks.iter().filter(|mark| mark.is_letter()).copied().collect()
}

/// The middle height of letters across their line, between that of an x and of a capital, in reduced pixels;
/// `None` where there are too few letters.
pub(crate) fn letter_height(letters: &[Mark], direction: LineDirection) -> Option<f32> {
    if letters.len() < FEWEST_LETTERS {
        return None;
    }
    let mut heights: Vec<u32> = letters
        .iter()
        .map(|letter| match direction {
            LineDirection::Across => letter.height(),
            LineDirection::Down => letter.width(),
        })
        .collect();
    heights.sort_unstable();
    let place = |share: f32| (heights.len() as f32 * share) as usize;
    let middle = &heights[place(MIDDLE.start)..place(MIDDLE.end)];
    Some(middle.iter().sum::<u32>() as f32 / middle.len() as f32)
}

/// The direction and angle at which the feet (or heads) of letters fall into the sharpest rows.
pub(crate) fn lines(letters: &[Mark]) -> Option<Lines> {
    if letters.len() < FEWEST_LETTERS {
        return None;
    }
    let step = letters.len().div_ceil(MOST_LETTERS);
    let chosen: Vec<&Mark> = letters.iter().step_by(step).collect();
    let middle = |low: u32, high: u32| (low + high) as f32 / 2.0;
    let feet = |edge: fn(&Mark) -> u32| -> Vec<(f32, f32)> {
        let place = |mark: &&Mark| (middle(mark.left, mark.right), edge(mark) as f32);
        chosen.iter().map(place).collect()
    };
    // Turned by a right angle, so that the same search finds lines that run down.
    let sides = |edge: fn(&Mark) -> u32| -> Vec<(f32, f32)> {
        let place = |mark: &&Mark| (middle(mark.top, mark.bottom), -(edge(mark) as f32));
        chosen.iter().map(place).collect()
    };
    let candidates = [
        (LineDirection::Across, feet(|mark| mark.bottom)),
        (LineDirection::Across, feet(|mark| mark.top)),
        (LineDirection::Down, sides(|mark| mark.left)),
        (LineDirection::Down, sides(|mark| mark.right)),
    ];
    let mut search = Search::default();
    candidates
        .iter()
        .map(|(direction, points)| search.best(*direction, points))
        .max_by(|one, other| one.clarity.total_cmp(&other.clarity))
}

/// Reused counts of points in rows.
#[derive(Default)]
struct Search {
    rows: Vec<u32>,
}

impl Search {
    fn best(&mut self, direction: LineDirection, points: &[(f32, f32)]) -> Lines {
        let steps = (MOST_DEGREES / COARSE_STEP_DEGREES) as i32;
        let coarse: Vec<(f32, f32)> = (-steps..=steps)
            .map(|step| step as f32 * COARSE_STEP_DEGREES)
            .map(|degrees| (degrees, self.score(points, degrees)))
            .collect();
        let mean = coarse.iter().map(|(_, score)| score).sum::<f32>() / coarse.len() as f32;
        let highest = |scores: &[(f32, f32)]| {
            scores
                .iter()
                .copied()
                .max_by(|one, other| one.1.total_cmp(&other.1))
                .unwrap_or((0.0, 0.0))
        };
        let (around, _) = highest(&coarse);
        let fine_steps = (COARSE_STEP_DEGREES / FINE_STEP_DEGREES) as i32;
        let fine: Vec<(f32, f32)> = (-fine_steps..=fine_steps)
            .map(|step| around + step as f32 * FINE_STEP_DEGREES)
            .map(|degrees| (degrees, self.score(points, degrees)))
            .collect();
        let (skew_degrees, score) = highest(&fine);
        Lines {
            direction,
            skew_degrees,
            clarity: score / mean.max(f32::MIN_POSITIVE),
        }
    }

    /// The sum of squares of the points in each row at that angle: highest where they fall into few.
    fn score(&mut self, points: &[(f32, f32)], degrees: f32) -> f32 {
        let slope = degrees.to_radians().tan();
        let row = |&(x, y): &(f32, f32)| (y - x * slope) / BIN_PX;
        let (low, high) = points
            .iter()
            .map(row)
            .fold((f32::MAX, f32::MIN), |(low, high), at| {
                (low.min(at), high.max(at))
            });
        self.rows.clear();
        self.rows.resize((high - low).max(0.0) as usize + 1, 0);
        for point in points {
            self.rows[(row(point) - low) as usize] += 1;
        }
        self.rows.iter().map(|&count| (count * count) as f32).sum()
    }
}
