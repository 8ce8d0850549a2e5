//! A page's luma, and the reduced copy on which almost every measure is taken.

use std::{borrow::Cow, cell::OnceCell};

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};

use hrisov_model::Rect;

use crate::PageImage;

/// Pixels of the longer side after reduction: 100 dpi for A4, where a stroke of type is one pixel wide.
const LONGER_SIDE_PX: u32 = 1170;

/// One byte a pixel, 0 black to 255 white, rows from top to bottom without padding, and what the file says
/// about resolution. Keeps its reduced copy, which everything here is measured on.
#[derive(Debug)]
pub struct GreyPage<'a> {
    width_px: u32,
    height_px: u32,
    dpi: Option<u32>,
    lost_percent: u8,
    grey: Cow<'a, [u8]>,
    /// `None` inside where the page is small enough as it is.
    copy: OnceCell<Option<(usize, usize, Vec<u8>)>>,
}

impl<'a> GreyPage<'a> {
    /// The luma of a decoded page; borrowed where the page has no colour.
    #[must_use]
    pub fn of(page: &'a PageImage) -> Self {
        let grey = Self::from_luma(page.width_px, page.height_px, page.pixels.to_grey(), page.dpi)
            .expect("a decoded page has as many samples as pixels");
        Self {
            lost_percent: page.lost_percent,
            ..grey
        }
    }

    /// A raster of so many pixels, with the resolution that its file states; `None` where the number of
    /// samples is another than that of pixels.
    #[must_use]
    pub fn from_luma(
        width_px: u32,
        height_px: u32,
        grey: impl Into<Cow<'a, [u8]>>,
        dpi: Option<u32>,
    ) -> Option<Self> {
        let grey = grey.into();
        let pixels = u64::from(width_px) * u64::from(height_px);
        (grey.len() as u64 == pixels).then(|| Self {
            width_px,
            height_px,
            dpi,
            lost_percent: 0,
            grey,
            copy: OnceCell::new(),
        })
    }

    /// A part of it by itself; `None` where it does not lie within the page.
    #[must_use]
    pub fn part(&self, place: Rect) -> Option<GreyPage<'static>> {
        let (width, height) = (self.width_px as usize, self.height_px as usize);
        let columns = place.x as usize..place.x as usize + place.width as usize;
        let rows = place.y as usize..place.y as usize + place.height as usize;
        if columns.end > width || rows.end > height {
            return None;
        }
        let grey: Vec<u8> = rows
            .flat_map(|y| &self.grey[y * width..][columns.clone()])
            .copied()
            .collect();
        Some(GreyPage {
            width_px: place.width,
            height_px: place.height,
            dpi: self.dpi,
            lost_percent: self.lost_percent,
            grey: grey.into(),
            copy: OnceCell::new(),
        })
    }

    /// Pixels from side to side.
    #[must_use]
    pub const fn width_px(&self) -> u32 {
        self.width_px
    }

    /// Pixels from top to bottom.
    #[must_use]
    pub const fn height_px(&self) -> u32 {
        self.height_px
    }

    /// The resolution that its file states.
    #[must_use]
    pub const fn dpi(&self) -> Option<u32> {
        self.dpi
    }

    /// How much of it could not be decoded, in percent.
    pub(crate) const fn lost_percent(&self) -> u8 {
        self.lost_percent
    }

    /// Its pixels.
    #[must_use]
    pub fn luma(&self) -> &[u8] {
        &self.grey
    }

    /// The page at full size.
    pub(crate) fn full(&self) -> Reduced<'_> {
        Reduced {
            width: self.width_px as usize,
            height: self.height_px as usize,
            grey: &self.grey,
            scale: 1.0,
        }
    }

    /// About 100 dpi where the page is A4; pages smaller than that stay as they are.
    pub(crate) fn reduced(&self) -> Reduced<'_> {
        match self.copy.get_or_init(|| self.reduce()) {
            None => self.full(),
            Some((width, height, grey)) => Reduced {
                width: *width,
                height: *height,
                grey,
                scale: (*width).max(*height) as f32 / self.width_px.max(self.height_px) as f32,
            },
        }
    }

    fn reduce(&self) -> Option<(usize, usize, Vec<u8>)> {
        let (width, height) = (self.width_px, self.height_px);
        let longer = width.max(height);
        if longer <= LONGER_SIDE_PX || self.grey.is_empty() {
            return None;
        }
        let scale = f64::from(LONGER_SIDE_PX) / f64::from(longer);
        let side = |px: u32| ((f64::from(px) * scale).round() as u32).max(1);
        let source = ImageRef::new(width, height, &self.grey, PixelType::U8)
            .expect("a grey page has as many bytes as pixels");
        let mut target = Image::new(side(width), side(height), PixelType::U8);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Box));
        Resizer::new()
            .resize(&source, &mut target, &options)
            .expect("both sides are grey and the whole source is taken");
        Some((
            target.width() as usize,
            target.height() as usize,
            target.into_vec(),
        ))
    }
}

/// A raster of a page, at full size or reduced.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reduced<'a> {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) grey: &'a [u8],
    /// Its pixels per pixel of the page, 0 to 1.
    pub(crate) scale: f32,
}
