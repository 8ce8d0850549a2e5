//! What a page draws, found without decoding a single picture.

use hayro::{
    hayro_interpret::{
        BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, Paint, SoftMask,
        font::GlyphRun,
    },
    hayro_syntax::{object::Stream, page::Page},
    kurbo::{Affine, BezPath, Rect, Shape as _},
};

use super::damaged;
use crate::{
    ImagingError, Limits, PageInfo,
    orientation::Orientation,
    resolution::{Unit, believable_dpi},
};

/// The result for one page.
#[derive(Debug)]
pub(super) struct Inspection {
    /// The picture that is all the page shows.
    pub(super) scan: Option<Scan>,
    /// The largest part of the page that a single picture covers, 0 to 1.
    pub(super) largest_picture: f64,
}

/// A picture that fills the page: what a scanner's PDF consists of.
#[derive(Debug, Clone)]
pub(super) struct Scan {
    /// Which of the pictures drawn on the page it is.
    pub(super) ordinal: usize,
    /// Its own size in pixels.
    pub(super) width_px: u32,
    pub(super) height_px: u32,
    /// How it stands on the page, after the page's own rotation.
    pub(super) orientation: Orientation,
    /// Its width and height on the page in inches, before the orientation.
    inches: (f64, f64),
}

impl Scan {
    pub(super) fn info(&self, limits: &Limits) -> Result<PageInfo, ImagingError> {
        limits.check_pixels(self.width_px, self.height_px)?;
        let (width_px, height_px) = self.orientation.turned(self.width_px, self.height_px);
        Ok(PageInfo {
            width_px,
            height_px,
            dpi: self.dpi(self.width_px, self.height_px),
        })
    }

    /// The resolution at which a raster of that size stands on the page.
    pub(super) fn dpi(&self, width_px: u32, height_px: u32) -> Option<u32> {
        let (x, y) = (
            f64::from(width_px) / self.inches.0,
            f64::from(height_px) / self.inches.1,
        );
        believable_dpi(x, y, Unit::Inch, width_px, height_px)
    }
}

/// A picture counts as filling the page if it spans so much of both sides: scanners leave margins.
const FILLING: f64 = 0.8;

/// What was drawn before is hidden if the picture spans so much of both sides.
const HIDING: f64 = 0.99;

/// A picture that stands out over the page by so much of a side is not shown whole.
const OVERHANG: f64 = 0.02;

/// Points per inch, the unit of PDF pages.
pub(super) const POINTS: f64 = 72.0;

/// Follows the drawing of a page.
pub(super) struct Inspector {
    page: Rect,
    clips: Vec<Rect>,
    groups: Vec<Group>,
    pictures: usize,
    /// Whether something visible was drawn that no later picture hides.
    marked: bool,
    scan: Option<Scan>,
    largest_picture: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    /// Drawn as if the group were not there.
    Plain,
    /// Blended, masked or half transparent.
    Blended,
}

impl Inspector {
    pub(super) fn new(page: &Page<'_>) -> Self {
        let (width, height) = page.render_dimensions();
        Self {
            page: Rect::new(0.0, 0.0, width.into(), height.into()),
            clips: Vec::new(),
            groups: Vec::new(),
            pictures: 0,
            marked: false,
            scan: None,
            largest_picture: 0.0,
        }
    }

    pub(super) fn finish(self) -> Inspection {
        Inspection {
            scan: self.scan,
            largest_picture: self.largest_picture,
        }
    }

    fn clip(&self) -> Rect {
        self.clips.last().copied().unwrap_or(self.page)
    }

    /// Something other than a page-filling picture is seen there.
    fn mark(&mut self, bounds: Rect) {
        let seen = bounds.intersect(self.clip());
        // Lines have no area, but they are seen.
        if seen.x0 <= seen.x1 && seen.y0 <= seen.y1 && bounds.overlaps(self.page.inflate(1.0, 1.0)) {
            self.marked = true;
            self.scan = None;
        }
    }

    fn push_clip(&mut self, bounds: Rect) {
        self.clips.push(self.clip().intersect(bounds));
    }

    /// Whether the picture, drawn with that transform, is the whole page.
    fn scan(&self, image: &Image<'_, '_>, transform: Affine) -> Option<Scan> {
        let [a, b, c, d, _, _] = transform.as_coeffs();
        let orientation = Orientation::from_transform([a, b, c, d])?;
        let (width_px, height_px) = (image.width(), image.height());
        let (width, height) = (f64::from(width_px), f64::from(height_px));
        let bounds = transform.transform_rect_bbox(Rect::new(0.0, 0.0, width, height));

        let slack = (OVERHANG * self.page.width(), OVERHANG * self.page.height());
        let whole = self.page.inflate(slack.0, slack.1).contains_rect(bounds)
            && self
                .clip()
                .inflate(slack.0, slack.1)
                .contains_rect(bounds.intersect(self.page));
        let spans = |share: f64| {
            bounds.width() >= share * self.page.width() && bounds.height() >= share * self.page.height()
        };
        let plain = self.groups.iter().all(|group| *group == Group::Plain);
        let hides = spans(HIDING) && matches!(image, Image::Raster(_));
        let alone = whole && spans(FILLING) && plain && (hides || !self.marked);
        (alone && is_opaque(image)).then(|| Scan {
            ordinal: self.pictures,
            width_px,
            height_px,
            orientation,
            inches: (a.hypot(b) * width / POINTS, c.hypot(d) * height / POINTS),
        })
    }
}

impl<'a> Device<'a> for Inspector {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, _: &DrawMode) {
        self.mark(props.transform.transform_rect_bbox(path.bounding_box()));
    }

    fn draw_rect(&mut self, rect: &Rect, props: DrawProps<'a>, _: &DrawMode) {
        self.mark(props.transform.transform_rect_bbox(*rect));
    }

    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, mode: &DrawMode) {
        // The text layer that recognition programs put under a scan is invisible.
        if !matches!(mode, DrawMode::Invisible) {
            self.mark(self.clip());
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let size = Rect::new(0.0, 0.0, image.width().into(), image.height().into());
        let bounds = props.transform.transform_rect_bbox(size);
        let seen = bounds.intersect(self.clip());
        if seen.width() > 0.0 && seen.height() > 0.0 {
            self.largest_picture = self.largest_picture.max(seen.area() / self.page.area());
        }
        match self.scan(&image, props.transform) {
            Some(scan) => {
                self.scan = Some(scan);
                self.marked = true;
            }
            None => self.mark(bounds),
        }
        self.pictures += 1;
    }

    fn push_clip_path(&mut self, clip_path: &ClipPath) {
        self.push_clip(clip_path.path.bounding_box());
    }

    fn push_clip_rect(&mut self, rect: &Rect) {
        self.push_clip(*rect);
    }

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn push_transparency_group(&mut self, opacity: f32, mask: Option<SoftMask<'a>>, blend_mode: BlendMode) {
        // On white paper, multiplying is the same as painting.
        let plain =
            opacity >= 1.0 && mask.is_none() && matches!(blend_mode, BlendMode::Normal | BlendMode::Multiply);
        self.groups
            .push(if plain { Group::Plain } else { Group::Blended });
    }

    fn pop_transparency_group(&mut self) {
        self.groups.pop();
    }
}

/// Whether the picture has no mask of its own; a stencil must be painted black, as one-bit scans are.
fn is_opaque(image: &Image<'_, '_>) -> bool {
    let has_mask = |stream: &Stream<'_>| {
        [&b"SMask"[..], b"Mask", b"SMaskInData"]
            .iter()
            .any(|key| stream.dict().contains_key(key))
    };
    match image {
        Image::Raster(raster) => !has_mask(raster.stream()),
        Image::Stencil(stencil) => {
            let mut black = false;
            // A hint of one pixel: only the paint is wanted here.
            stencil.with_stencil(
                |_, paint| black = matches!(paint, Paint::Color(colour) if colour.to_rgba().to_rgba8()[..3].iter().all(|&part| part < 32)),
                Some((1, 1)),
            );
            black && !has_mask(stencil.stream())
        }
    }
}

/// For messages about pictures.
pub(super) fn picture_damaged(detail: &str) -> ImagingError {
    damaged(format!("the picture that fills the page: {detail}"))
}
