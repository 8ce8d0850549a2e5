//! Sheets of A4 drawn in millimetres and scanned badly.

use hrisov_imaging::condition::GreyPage;

pub(crate) const WIDTH_MM: f32 = 210.0;
pub(crate) const HEIGHT_MM: f32 = 297.0;

/// Whether there is ink at a place in millimetres.
pub(crate) type Ink = Box<dyn Fn(f32, f32) -> bool>;

/// How the sheet is scanned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scanned {
    pub(crate) dpi: u32,
    /// Clockwise.
    pub(crate) degrees: f32,
    pub(crate) wear: Wear,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Wear {
    None,
    /// Black and white, with dust in both colours.
    Specks,
    /// Noise, low contrast and a strong JPEG.
    Jpeg,
}

/// A raster of the page.
#[derive(Clone)]
pub(crate) struct Raster {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) grey: Vec<u8>,
}

impl Raster {
    pub(crate) fn page(&self) -> GreyPage<'_> {
        GreyPage::from_luma(self.width, self.height, &self.grey[..], None).unwrap()
    }
}

/// Draws with four times four samples a pixel; quarter turns turn the sheet of paper too.
pub(crate) fn scan(ink: &Ink, scanned: Scanned) -> Raster {
    let px_per_mm = scanned.dpi as f32 / 25.4;
    let is_down = (scanned.degrees / 90.0).round() as i32 % 2 != 0;
    let (width_mm, height_mm) = if is_down {
        (HEIGHT_MM, WIDTH_MM)
    } else {
        (WIDTH_MM, HEIGHT_MM)
    };
    let (width, height) = ((width_mm * px_per_mm) as u32, (height_mm * px_per_mm) as u32);
    let (sin, cos) = scanned.degrees.to_radians().sin_cos();
    let mut grey = Vec::with_capacity((width * height) as usize);
    for y in 0..height {
        for x in 0..width {
            let is_ink = |sample: u32| {
                let (sx, sy) = ((sample % 3) as f32 / 3.0 + 0.17, (sample / 3) as f32 / 3.0 + 0.17);
                let dx = (x as f32 + sx) / px_per_mm - width_mm / 2.0;
                let dy = (y as f32 + sy) / px_per_mm - height_mm / 2.0;
                ink(
                    dx * cos + dy * sin + WIDTH_MM / 2.0,
                    dy * cos - dx * sin + HEIGHT_MM / 2.0,
                )
            };
            let covered = (0..9).filter(|sample| is_ink(*sample)).count();
            grey.push((255 - covered * 235 / 9) as u8);
        }
    }
    wear(Raster { width, height, grey }, scanned.wear)
}

fn wear(mut raster: Raster, wear: Wear) -> Raster {
    let mut noise = Noise(7);
    match wear {
        Wear::None => {}
        Wear::Specks => {
            for value in &mut raster.grey {
                *value = if *value < 140 { 0 } else { 255 };
            }
            let width = raster.width as usize;
            for _ in 0..raster.grey.len() / 400 {
                let (at, size) = (noise.below(raster.grey.len()), 1 + noise.below(2));
                let value = if noise.below(2) == 0 { 0 } else { 255 };
                for row in 0..size {
                    for column in 0..size {
                        if let Some(pixel) = raster.grey.get_mut(at + row * width + column) {
                            *pixel = value;
                        }
                    }
                }
            }
        }
        Wear::Jpeg => {
            for value in &mut raster.grey {
                let spread = noise.below(61) as f32 - 30.0;
                *value = (f32::from(*value) * 0.6 + 50.0 + spread).clamp(0.0, 255.0) as u8;
            }
            let mut bytes = Vec::new();
            let (width, height) = (raster.width as u16, raster.height as u16);
            jpeg_encoder::Encoder::new(&mut bytes, 18)
                .encode(&raster.grey, width, height, jpeg_encoder::ColorType::Luma)
                .unwrap();
            let read = image::load_from_memory_with_format(&bytes, image::ImageFormat::Jpeg).unwrap();
            raster.grey = read.into_luma8().into_raw();
        }
    }
    raster
}

/// Numbers that are the same in every run (Marsaglia's xorshift).
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % end
    }
}

/// Lines of small blocks that lie as letters do, in a column of that height.
pub(crate) fn text(seed: u64, from_mm: f32, to_mm: f32) -> Ink {
    let mut noise = Noise(seed | 1);
    let letters: Vec<u8> = (0..8000).map(|_| noise.below(6) as u8).collect();
    Box::new(move |x, y| {
        if !(25.0..190.0).contains(&x) || !(from_mm..to_mm).contains(&y) {
            return false;
        }
        let (line, letter) = (((y - from_mm) / 6.0) as usize, ((x - 25.0) / 2.2) as usize);
        let (across, down) = ((x - 25.0) % 2.2, (y - from_mm) % 6.0);
        let is_stroke = match letters[(line * 75 + letter) % letters.len()] {
            0 => return false,
            1 => across < 0.4 || (0.9..1.3).contains(&across),
            2 => across < 0.4 || down < 1.4,
            3 => !(0.4..=1.3).contains(&across) || down > 2.6,
            4 => !(1.4..=2.6).contains(&down) || across < 0.4,
            _ => (0.6..1.0).contains(&across) || (1.8..2.2).contains(&down),
        };
        across < 1.7 && (1.0..3.0).contains(&down) && is_stroke
    })
}

/// Everything that one of them draws.
pub(crate) fn all(inks: Vec<Ink>) -> Ink {
    Box::new(move |x, y| inks.iter().any(|ink| ink(x, y)))
}
