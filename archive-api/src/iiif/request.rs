//! Image requests as the Image API 3 writes them (section 4).

use hrisov_imaging::{Encoding, Fit, RenditionRequest, Tone};
use hrisov_model::{Rect, Rotation};

/// Longest side of a picture: an A3 sheet at 600 dpi.
pub(super) const SIDE_MAX_PX: u32 = 10_000;
const JPEG_QUALITY: u8 = 82;

/// The last part of an address: quality and format.
pub(super) struct Form {
    pub(super) tone: Tone,
    pub(super) encoding: Encoding,
    pub(super) media_type: &'static str,
}

/// What a request asks for of a page of that size; none where it is malformed or asks for what is not there.
pub(super) fn read(
    (width_px, height_px): (u32, u32),
    [region_text, size_text, rotation_text, form_text]: [&str; 4],
) -> Option<(RenditionRequest, Form)> {
    let region = region(region_text, width_px, height_px)?;
    let (width, height) = size(size_text, region.width, region.height)?;
    let form = form(form_text)?;
    let request = RenditionRequest {
        max_width_px: width,
        max_height_px: height,
        fit: Fit::Exactly,
        region: Some(region),
        turn: turn(rotation_text)?,
        tone: form.tone,
        encoding: form.encoding,
    };
    Some((request, form))
}

/// `full`, `square`, `x,y,w,h` or `pct:x,y,w,h`; what lies outside of the page is cut off.
fn region(text: &str, width_px: u32, height_px: u32) -> Option<Rect> {
    let whole = Rect {
        x: 0,
        y: 0,
        width: width_px,
        height: height_px,
    };
    let side = width_px.min(height_px);
    let wanted = match text {
        "full" => whole,
        "square" => Rect {
            x: (width_px - side) / 2,
            y: (height_px - side) / 2,
            width: side,
            height: side,
        },
        _ => match text.strip_prefix("pct:") {
            Some(shares) => {
                let [x, y, width, height] = four(shares, decimal)?;
                let part = |share: f64, of: u32| (share / 100.0 * f64::from(of)).round() as u32;
                Rect {
                    x: part(x, width_px),
                    y: part(y, height_px),
                    width: part(width, width_px),
                    height: part(height, height_px),
                }
            }
            None => {
                let [x, y, width, height] = four(text, whole_number)?;
                Rect { x, y, width, height }
            }
        },
    };
    let cut = Rect {
        width: wanted.width.min(width_px.checked_sub(wanted.x)?),
        height: wanted.height.min(height_px.checked_sub(wanted.y)?),
        ..wanted
    };
    (cut.width > 0 && cut.height > 0).then_some(cut)
}

/// `max`, `w,`, `,h`, `pct:n`, `w,h` or `!w,h`. With `^` before it may be larger than the region; that is not offered, so
/// that the larger ones are refused and the others are as without.
fn size(text: &str, width: u32, height: u32) -> Option<(u32, u32)> {
    let text = text.strip_prefix('^').unwrap_or(text);
    let scaled = |side: u32, by: u32, of: u32| {
        let side = (u64::from(side) * u64::from(by) + u64::from(of) / 2) / u64::from(of);
        u32::try_from(side).ok().map(|side| side.max(1))
    };
    let within = |max_width: u32, max_height: u32| {
        let by_width = (max_width, scaled(height, max_width, width)?);
        let by_height = (scaled(width, max_height, height)?, max_height);
        Some(if by_width.1 <= max_height {
            by_width
        } else {
            by_height
        })
    };
    let wanted = if text == "max" {
        within(width.min(SIDE_MAX_PX), height.min(SIDE_MAX_PX))?
    } else if let Some(share) = text.strip_prefix("pct:") {
        let share = decimal(share).filter(|share| *share > 0.0 && *share <= 100.0)?;
        let part = |side: u32| ((f64::from(side) * share / 100.0).round() as u32).max(1);
        (part(width), part(height))
    } else if let Some(box_text) = text.strip_prefix('!') {
        let (max_width, max_height) = box_text.split_once(',')?;
        let (max_width, max_height) = (whole_number(max_width)?, whole_number(max_height)?);
        within(max_width.min(width), max_height.min(height))?
    } else {
        match text.split_once(',')? {
            (w, "") => {
                let w = whole_number(w)?;
                (w, scaled(height, w, width)?)
            }
            ("", h) => {
                let h = whole_number(h)?;
                (scaled(width, h, height)?, h)
            }
            (w, h) => (whole_number(w)?, whole_number(h)?),
        }
    };
    let is_offered =
        (1..=width.min(SIDE_MAX_PX)).contains(&wanted.0) && (1..=height.min(SIDE_MAX_PX)).contains(&wanted.1);
    is_offered.then_some(wanted)
}

/// Quarters alone; mirrored pictures are not offered.
fn turn(text: &str) -> Option<Rotation> {
    let degrees = decimal(text)?;
    let known = [0_u16, 90, 180, 270, 360]
        .into_iter()
        .find(|known| f64::from(*known) == degrees)?;
    Rotation::try_from(known % 360).ok()
}

fn form(text: &str) -> Option<Form> {
    let (quality, format) = text.rsplit_once('.')?;
    let tone = match quality {
        "default" | "color" => Tone::AsIs,
        "gray" => Tone::Grey,
        "bitonal" => Tone::Bilevel,
        _ => return None,
    };
    let (encoding, media_type) = match format {
        "jpg" => (
            Encoding::Jpeg {
                quality: JPEG_QUALITY,
            },
            "image/jpeg",
        ),
        "png" => (Encoding::Png, "image/png"),
        _ => return None,
    };
    Some(Form {
        tone,
        encoding,
        media_type,
    })
}

fn four<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<[T; 4]> {
    let parts: Vec<T> = text.split(',').take(5).map(read).collect::<Option<_>>()?;
    parts.try_into().ok()
}

/// Digits alone: no sign, no space.
fn whole_number(text: &str) -> Option<u32> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok())?
}

/// Digits with at most one point.
fn decimal(text: &str) -> Option<f64> {
    let is_plain = text.len() <= 20
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_plain.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Region and size of a page of 200 x 100 pixels.
    fn asked(address: &str) -> Option<(u32, u32, u32, u32, u32, u32)> {
        let parts: Vec<_> = address.split('/').collect();
        let (request, _) = read((200, 100), parts.try_into().ok()?)?;
        let Rect { x, y, width, height } = request.region?;
        Some((x, y, width, height, request.max_width_px, request.max_height_px))
    }

    #[test]
    fn requests_are_read_as_the_standard_writes_them() {
        for (address, expected) in [
            ("full/max/0/default.jpg", Some((0, 0, 200, 100, 200, 100))),
            ("square/max/0/default.jpg", Some((50, 0, 100, 100, 100, 100))),
            ("10,20,30,40/max/0/default.jpg", Some((10, 20, 30, 40, 30, 40))),
            (
                "150,50,500,500/max/0/default.jpg",
                Some((150, 50, 50, 50, 50, 50)),
            ),
            (
                "pct:10,10,50,50/max/0/default.png",
                Some((20, 10, 100, 50, 100, 50)),
            ),
            ("full/100,/90/gray.jpg", Some((0, 0, 200, 100, 100, 50))),
            ("full/,50/180/bitonal.png", Some((0, 0, 200, 100, 100, 50))),
            ("full/pct:25/270/color.jpg", Some((0, 0, 200, 100, 50, 25))),
            ("full/50,90/0/default.jpg", Some((0, 0, 200, 100, 50, 90))),
            ("full/!50,90/0/default.jpg", Some((0, 0, 200, 100, 50, 25))),
            ("full/!900,900/0/default.jpg", Some((0, 0, 200, 100, 200, 100))),
            ("full/^max/0/default.jpg", Some((0, 0, 200, 100, 200, 100))),
            ("full/300,/0/default.jpg", None),
            ("full/^300,/0/default.jpg", None),
            ("full/0,/0/default.jpg", None),
            ("full/pct:0/0/default.jpg", None),
            ("full/pct:101/0/default.jpg", None),
            ("full/pct:nan/0/default.jpg", None),
            ("200,0,10,10/max/0/default.jpg", None),
            ("0,0,0,10/max/0/default.jpg", None),
            ("0,0,10/max/0/default.jpg", None),
            ("+1,0,10,10/max/0/default.jpg", None),
            ("full/max/45/default.jpg", None),
            ("full/max/!0/default.jpg", None),
            ("full/max/-90/default.jpg", None),
            ("full/max/0/native.jpg", None),
            ("full/max/0/default.webp", None),
            ("full/4294967296,/0/default.jpg", None),
            ("full/full/0/default.jpg", None),
        ] {
            assert_eq!(asked(address), expected, "{address}");
        }
    }
}
