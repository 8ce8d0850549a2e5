//! PNG, BMP, WebP and JPEG 2000.

use std::io::Cursor;

use hrisov_imaging::{Format, ImagingError, Pixels};
use image::{DynamicImage, GrayImage, ImageFormat, RgbImage, RgbaImage};
use png::{BitDepth, ColorType};

use crate::given::{decode, open};

fn written(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(vec![]);
    picture.into().write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn rgb(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 77]))
}

pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    written(rgb(width, height), ImageFormat::Png)
}

pub(crate) fn bmp(width: u32, height: u32) -> Vec<u8> {
    written(rgb(width, height), ImageFormat::Bmp)
}

pub(crate) fn webp(width: u32, height: u32) -> Vec<u8> {
    written(rgb(width, height), ImageFormat::WebP)
}

#[test]
fn colour_grey_and_transparency() {
    let colours = Pixels::Rgb(rgb(20, 10).into_raw());
    let grey = GrayImage::from_fn(20, 10, |x, y| image::Luma([(x * 9 + y) as u8]));
    let greys = Pixels::Grey(grey.clone().into_raw());
    let clear = RgbaImage::from_fn(20, 10, |_, _| image::Rgba([10, 20, 30, 0]));
    let paper = Pixels::Rgb(vec![255; 600]);
    for (format, bytes, expected) in [
        (Format::Png, png(20, 10), &colours),
        (Format::Bmp, bmp(20, 10), &colours),
        (Format::Webp, webp(20, 10), &colours),
        (Format::Png, written(grey.clone(), ImageFormat::Png), &greys),
        (Format::Bmp, written(grey.clone(), ImageFormat::Bmp), &greys),
        (Format::Webp, written(grey, ImageFormat::WebP), &greys),
        (Format::Png, written(clear.clone(), ImageFormat::Png), &paper),
        (
            Format::Webp,
            written(clear, ImageFormat::WebP),
            &Pixels::Grey(vec![255; 200]),
        ),
    ] {
        assert_eq!(open(&bytes).unwrap().format(), format);
        assert_eq!(&decode(&bytes, 0).unwrap().pixels, expected, "{format:?}");
    }
}

fn png_of(
    colour: ColorType,
    depth: BitDepth,
    data: &[u8],
    change: impl FnOnce(&mut png::Encoder<'_, &mut Vec<u8>>),
) -> Vec<u8> {
    let mut file = vec![];
    let mut encoder = png::Encoder::new(&mut file, 4, 1);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    change(&mut encoder);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(data).unwrap();
    writer.finish().unwrap();
    file
}

#[test]
fn png_depths_palettes_and_resolution() {
    let plain = |colour, depth, data: &[u8]| decode(&png_of(colour, depth, data, |_| {}), 0).unwrap().pixels;
    assert_eq!(
        plain(ColorType::Grayscale, BitDepth::One, &[0b1001_0000]),
        Pixels::Bilevel(vec![255, 0, 0, 255])
    );
    assert_eq!(
        plain(ColorType::Grayscale, BitDepth::Two, &[0b0001_1011]),
        Pixels::Grey(vec![0, 85, 170, 255])
    );
    let sixteen = [0x12, 0x34, 0xff, 0xff, 0, 0, 0x80, 0];
    assert_eq!(
        plain(ColorType::Grayscale, BitDepth::Sixteen, &sixteen),
        Pixels::Grey(vec![0x12, 255, 0, 0x80])
    );
    let grey_and_alpha = [9, 255, 9, 0, 0, 255, 0, 0];
    assert_eq!(
        plain(ColorType::GrayscaleAlpha, BitDepth::Eight, &grey_and_alpha),
        Pixels::Grey(vec![9, 255, 0, 255])
    );

    let indexed = |palette: &'static [u8]| {
        let bytes = png_of(ColorType::Indexed, BitDepth::Two, &[0b0001_0001], |encoder| {
            encoder.set_palette(palette)
        });
        decode(&bytes, 0).unwrap().pixels
    };
    assert_eq!(
        indexed(&[1, 2, 3, 4, 5, 6]),
        Pixels::Rgb(vec![1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6])
    );
    assert_eq!(indexed(&[7, 7, 7, 9, 9, 9]), Pixels::Grey(vec![7, 9, 7, 9]));

    let mut page = vec![];
    let mut encoder = png::Encoder::new(&mut page, 600, 600);
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: 11811,
        yppu: 11811,
        unit: png::Unit::Meter,
    }));
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&[0; 360_000])
        .unwrap();
    assert_eq!(decode(&page, 0).unwrap().dpi, Some(300));
}

#[test]
fn jpeg_2000_with_and_without_its_container() {
    let grey = include_bytes!("samples/grey.jp2");
    let expected: Vec<u8> = (0..30)
        .flat_map(|y| (0..40).map(move |x| (x * 5 + y) as u8))
        .collect();
    assert_eq!(decode(grey, 0).unwrap().pixels, Pixels::Grey(expected));
    let colour = include_bytes!("samples/rgb.j2k");
    let expected: Vec<u8> = (0..30)
        .flat_map(|y| (0..40).flat_map(move |x| [x * 6, y * 8, 100]))
        .collect();
    assert_eq!(decode(colour, 0).unwrap().pixels, Pixels::Rgb(expected));
}

#[test]
fn pictures_that_end_early_are_damaged() {
    let jp2 = include_bytes!("samples/grey.jp2").to_vec();
    let noise = RgbImage::from_fn(60, 60, |x, y| {
        image::Rgb([(x * y) as u8, ((x * 7) ^ (y * 13)) as u8, y as u8])
    });
    for whole in [
        written(noise.clone(), ImageFormat::Png),
        written(noise.clone(), ImageFormat::Bmp),
        written(noise, ImageFormat::WebP),
        jp2,
    ] {
        decode(&whole, 0).unwrap();
        for part in [3, 2] {
            let cut = &whole[..whole.len() - whole.len() / part];
            let error = decode(cut, 0).expect_err("cut off");
            assert!(matches!(error, ImagingError::Damaged { .. }), "{error}");
        }
    }
}
