//! Byte streams of the compressions that decode from front to back: memory is one row, whatever the strip.

use std::io::{self, BufRead, BufReader, Read};

use super::{
    directory::TiffFile,
    layout::{Compression, FillOrder},
};

/// The uncompressed bytes of a strip or tile.
pub(super) fn open<'a>(
    file: &'a TiffFile,
    (offset, bytes): (u64, u64),
    compression: Compression,
    fill_order: FillOrder,
) -> Box<dyn Read + 'a> {
    let raw = file.stream(offset, bytes);
    match fill_order {
        FillOrder::HighBitFirst => expand(raw, compression),
        FillOrder::LowBitFirst => expand(Reversed(raw), compression),
    }
}

fn expand<'a>(raw: impl Read + 'a, compression: Compression) -> Box<dyn Read + 'a> {
    let raw = BufReader::with_capacity(1 << 16, raw);
    match compression {
        Compression::Lzw => Box::new(Lzw::new(raw)),
        Compression::Deflate => Box::new(flate2::bufread::ZlibDecoder::new(raw)),
        Compression::PackBits => Box::new(PackBits {
            raw,
            run: Run::Literal(0),
        }),
        _ => Box::new(raw),
    }
}

/// Turns the bits of every byte around (`FillOrder` 2).
struct Reversed<R>(R);

impl<R: Read> Read for Reversed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        buffer[..read]
            .iter_mut()
            .for_each(|byte| *byte = byte.reverse_bits());
        Ok(read)
    }
}

/// TIFF's LZW; writers before 1990 had the bits the other way round and widened codes one later.
struct Lzw<R> {
    raw: R,
    decoder: Option<weezl::decode::Decoder>,
}

impl<R: BufRead> Lzw<R> {
    const fn new(raw: R) -> Self {
        Self { raw, decoder: None }
    }

    /// Every strip begins with the code for "clear", 256 in nine bits: its bits tell the two kinds apart.
    fn decoder_for(head: &[u8]) -> weezl::decode::Decoder {
        use weezl::{BitOrder, decode::Configuration};
        match head {
            [0, second, ..] if second & 1 == 1 => Configuration::new(BitOrder::Lsb, 8),
            _ => Configuration::with_tiff_size_switch(BitOrder::Msb, 8),
        }
        .build()
    }
}

impl<R: BufRead> Read for Lzw<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let input = self.raw.fill_buf()?;
            let at_end = input.is_empty();
            let decoder = self.decoder.get_or_insert_with(|| Self::decoder_for(input));
            let result = decoder.decode_bytes(input, buffer);
            self.raw.consume(result.consumed_in);
            match result.status {
                // What was decoded before an error comes first: behind the last row there may be anything.
                _ if result.consumed_out > 0 || buffer.is_empty() => return Ok(result.consumed_out),
                Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
                Ok(weezl::LzwStatus::Done) => return Ok(0),
                Ok(_) if at_end => return Ok(0),
                Ok(_) => {}
            }
        }
    }
}

/// Apple's run-length code (TIFF 6.0 section 9).
struct PackBits<R> {
    raw: R,
    run: Run,
}

enum Run {
    /// So many bytes follow as they are.
    Literal(usize),
    /// One byte, so many times.
    Repeated(u8, usize),
}

impl<R: BufRead> Read for PackBits<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut written = 0;
        while written < buffer.len() {
            let room = &mut buffer[written..];
            match &mut self.run {
                Run::Literal(0) | Run::Repeated(_, 0) => {
                    let Some(head) = next_byte(&mut self.raw)? else {
                        break;
                    };
                    self.run = match head as i8 {
                        -128 => continue,
                        length @ 0.. => Run::Literal(length as usize + 1),
                        length => match next_byte(&mut self.raw)? {
                            Some(byte) => Run::Repeated(byte, usize::from(length.unsigned_abs()) + 1),
                            None => break,
                        },
                    };
                }
                Run::Repeated(byte, left) => {
                    let count = room.len().min(*left);
                    room[..count].fill(*byte);
                    *left -= count;
                    written += count;
                }
                Run::Literal(left) => {
                    let count = room.len().min(*left);
                    let read = self.raw.read(&mut room[..count])?;
                    *left -= read;
                    written += read;
                    if read == 0 {
                        break;
                    }
                }
            }
        }
        Ok(written)
    }
}

fn next_byte(raw: &mut impl BufRead) -> io::Result<Option<u8>> {
    let byte = raw.fill_buf()?.first().copied();
    raw.consume(usize::from(byte.is_some()));
    Ok(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packbits_expands_the_example_of_the_specification() {
        let packed = [
            0xFE, 0xAA, 0x02, 0x80, 0x00, 0x2A, 0xFD, 0xAA, 0x80, 0x03, 0x80, 0x00, 0x2A, 0x22, 0xF7, 0xAA,
        ];
        let mut bytes = Vec::new();
        expand(&packed[..], Compression::PackBits)
            .read_to_end(&mut bytes)
            .unwrap();
        let mut expected = vec![
            0xAA, 0xAA, 0xAA, 0x80, 0x00, 0x2A, 0xAA, 0xAA, 0xAA, 0xAA, 0x80, 0x00, 0x2A, 0x22,
        ];
        expected.extend([0xAA; 10]);
        assert_eq!(bytes, expected);
    }
}
