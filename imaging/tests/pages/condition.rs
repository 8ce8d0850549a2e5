//! Figures that must not depend on what they are not about, and any raster at all.

use std::borrow::Cow;

use hrisov_imaging::{
    condition::{GreyPage, measure, sheet},
    separator,
};
use hrisov_model::{Doubt, LineDirection, PageHash, Thresholds, doubts};
use proptest::prelude::*;

use super::drawn::{Raster, Scanned, Wear, scan, text};

const PLAIN: Scanned = Scanned {
    dpi: 150,
    degrees: 0.0,
    wear: Wear::None,
};

fn found(raster: &Raster) -> Vec<Doubt> {
    doubts(&measure(&raster.page()), &Thresholds::default())
}

/// Each grey value by a table.
fn mapped(mut raster: Raster, value: impl Fn(f32) -> f32) -> Raster {
    for grey in &mut raster.grey {
        *grey = value(f32::from(*grey)).clamp(0.0, 255.0) as u8;
    }
    raster
}

/// Mean over squares, twice: as soft as a lens out of focus.
fn blurred(mut raster: Raster, radius: usize) -> Raster {
    let (width, height) = (raster.width as usize, raster.height as usize);
    for step in [1, width, 1, width] {
        let source = raster.grey.clone();
        for at in radius * width..(height - radius) * width {
            let near =
                (0..=2 * radius).map(|near| source[(at + near * step - radius * step).min(source.len() - 1)]);
            raster.grey[at] = (near.map(u32::from).sum::<u32>() / (2 * radius as u32 + 1)) as u8;
        }
    }
    raster
}

#[test]
fn each_fault_has_its_name() {
    let page = || scan(&text(9, 30.0, 265.0), PLAIN);
    let askew = |degrees| scan(&text(9, 60.0, 235.0), Scanned { degrees, ..PLAIN });
    let low = Scanned { dpi: 72, ..PLAIN };
    let cut = {
        let whole = page();
        let (left, width) = (whole.width as usize / 4, whole.width as usize);
        let rows = whole.grey.chunks_exact(width).flat_map(|row| &row[left..]);
        Raster {
            width: (width - left) as u32,
            height: whole.height,
            grey: rows.copied().collect(),
        }
    };
    let rows: [(&str, Raster, &[Doubt]); 13] = [
        ("good", page(), &[]),
        ("good on its side", askew(90.0), &[]),
        ("leaning a little", askew(2.0), &[]),
        ("a few lines", scan(&text(9, 40.0, 75.0), PLAIN), &[]),
        ("paper", mapped(page(), |_| 240.0), &[Doubt::Blank]),
        (
            "shines through",
            mapped(page(), |grey| 240.0 + (grey - 255.0) * 0.05),
            &[Doubt::Blank],
        ),
        (
            "half a line",
            scan(&text(9, 40.0, 42.0), PLAIN),
            &[Doubt::NearlyBlank],
        ),
        (
            "underexposed",
            mapped(page(), |grey| grey * 0.3),
            &[Doubt::TooDark],
        ),
        (
            "faint",
            mapped(page(), |grey| 235.0 + (grey - 255.0) * 0.16),
            &[Doubt::TooFaint],
        ),
        ("out of focus", blurred(page(), 2), &[Doubt::Blurred]),
        ("askew", askew(7.0), &[Doubt::Skewed]),
        ("askew on its side", askew(83.0), &[Doubt::Skewed]),
        ("cut", cut, &[Doubt::CutOff]),
    ];
    for (name, raster, expected) in rows {
        assert_eq!(found(&raster), expected, "{name}: {:?}", measure(&raster.page()));
    }
    assert!(found(&scan(&text(9, 30.0, 265.0), low)).contains(&Doubt::LowResolution));
}

/// A page on a larger ground of another value, with grain of so much to either side.
fn on_ground(page: &Raster, (width, height): (u32, u32), (left, top): (u32, u32), ground: i32) -> Raster {
    let mut state = 1_u32;
    let mut grain = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as i32 / 16 - 8
    };
    let value = |x: u32, y: u32| {
        let (x, y) = (x.checked_sub(left)?, y.checked_sub(top)?);
        (x < page.width && y < page.height).then(|| page.grey[(y * page.width + x) as usize])
    };
    let pixels = (0..width * height).map(|at| (at % width, at / width));
    let grey = pixels.map(|(x, y)| {
        let here = value(x, y).map_or(ground, i32::from);
        (here + grain()).clamp(0, 255) as u8
    });
    Raster {
        width,
        height,
        grey: grey.collect(),
    }
}

#[test]
fn a_small_sheet_on_a_dark_ground_is_found_and_measured_alone() {
    let page = scan(&text(9, 30.0, 265.0), PLAIN);
    let size = (page.width * 2, page.height + 300);
    let small = on_ground(&page, size, (700, 120), 20);
    let (alone, place) = sheet(small.page());
    let place = place.expect("a sheet on a ground");
    let edges = [
        (place.x, 700),
        (place.y, 120),
        (place.x + place.width, 700 + page.width),
        (place.y + place.height, 120 + page.height),
    ];
    // A pixel of the reduced picture is four of this one.
    assert!(
        edges.iter().all(|(found, edge)| found.abs_diff(*edge) <= 8),
        "{edges:?}"
    );
    assert_eq!(doubts(&measure(&alone), &Thresholds::default()), []);

    let negative = mapped(page.clone(), |grey| 255.0 - grey);
    let light_ground = on_ground(&page, size, (700, 120), 235);
    let narrow = (page.width + 200, page.height + 60);
    let bordered = on_ground(&page, narrow, (180, 40), 20);
    let beside_brown_paper = {
        let mut two = small.clone();
        let row = two.width as usize;
        for y in 1400..1800 {
            two.grey[y * row + 60..y * row + 600].fill(100);
        }
        two
    };
    let labelled = {
        let mut cover = on_ground(&negative, size, (700, 120), 20);
        let row = cover.width as usize;
        for y in 1400..1800 {
            cover.grey[y * row + 60..y * row + 600].fill(230);
        }
        cover
    };
    for (name, raster) in [
        ("all paper", page),
        ("white on black", negative),
        ("a light ground", light_ground),
        ("a border", bordered),
        ("beside another one of brown paper", beside_brown_paper),
        ("a label on a cover with light letters", labelled),
    ] {
        assert_eq!(sheet(raster.page()).1, None, "{name}");
    }
}

#[test]
fn lines_and_their_lean_are_measured() {
    for (degrees, direction, skew) in [
        (0.0, LineDirection::Across, 0.0),
        (3.0, LineDirection::Across, 3.0),
        (-8.0, LineDirection::Across, -8.0),
        (90.0, LineDirection::Down, 0.0),
        (86.0, LineDirection::Down, -4.0),
        (275.0, LineDirection::Down, 5.0),
        (182.0, LineDirection::Across, 2.0),
    ] {
        let raster = scan(&text(4, 60.0, 235.0), Scanned { degrees, ..PLAIN });
        let condition = measure(&raster.page());
        assert_eq!(condition.lines, Some(direction), "{degrees}");
        let measured = condition.skew_degrees.unwrap();
        assert!((measured - skew).abs() < 0.4, "{degrees}: {measured}");
    }
}

#[test]
fn a_second_scan_is_near_and_another_page_is_far() {
    let hash = |seed, scanned| {
        measure(&scan(&text(seed, 30.0, 265.0), scanned).page())
            .hash
            .unwrap()
    };
    let first = hash(11, PLAIN);
    let limit = Thresholds::default().duplicate_distance;
    for scanned in [
        Scanned { dpi: 200, ..PLAIN },
        Scanned {
            degrees: 1.5,
            ..PLAIN
        },
        Scanned {
            wear: Wear::Jpeg,
            ..PLAIN
        },
        Scanned {
            wear: Wear::Specks,
            dpi: 300,
            degrees: -1.0,
        },
        Scanned {
            degrees: 90.0,
            ..PLAIN
        },
    ] {
        let distance = first.distance(&hash(11, scanned));
        assert!(distance < limit, "{scanned:?}: {distance}");
    }
    for seed in 12..20 {
        let distance = first.distance(&hash(seed * 7919, PLAIN));
        assert!(distance > limit, "{seed}: {distance}");
    }
    assert_eq!(PageHash::from_hex(&first.to_hex()), Some(first));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn no_raster_is_too_odd(
        width in 1_u32..300,
        height in 1_u32..300,
        seed in any::<u64>(),
        kind in 0_u8..5,
    ) {
        let mut noise = super::drawn::Noise(seed | 1);
        let period = 1 + noise.below(40);
        let value = |at: usize| match kind {
            0 => 0,
            1 => 255,
            2 => (at % period * 255 / period) as u8,
            3 => if (at % width as usize / period).is_multiple_of(2) { 0 } else { 255 },
            _ => 128,
        };
        let mut grey: Vec<u8> = (0..(width * height) as usize).map(value).collect();
        if kind == 4 {
            grey.iter_mut().for_each(|grey| *grey = noise.below(256) as u8);
        }
        let page = GreyPage::from_luma(width, height, Cow::Owned(grey), Some(300)).unwrap();
        let condition = measure(&page);
        prop_assert!((0.0..=1.0).contains(&condition.ink_share));
        prop_assert!((0.0..=1.0).contains(&condition.contrast));
        prop_assert!(condition.sharpness.is_none_or(f32::is_finite));
        let found = doubts(&condition, &Thresholds::default());
        prop_assert!(found.len() <= 5);
        prop_assert_eq!(separator::find(&page), None);
    }
}
