//! Frames on the pipe between parent and child.
//!
//! A frame is two `u32` lengths, little endian, then that many bytes of JSON and that many bytes of
//! binary data (often none). Lengths are capped before anything is allocated: the other side may be
//! native code gone wild.

use std::io::{self, Read, Write};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Longest JSON part: the text of a page with 100,000 words and their boxes.
const MAX_JSON_BYTES: u32 = 32 << 20;
/// Longest binary part: a JPEG of the largest page that the default limits allow.
const MAX_BINARY_BYTES: u32 = 256 << 20;
const HEADER_BYTES: usize = 8;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Frame {
    pub(super) json: Vec<u8>,
    pub(super) binary: Vec<u8>,
}

impl Frame {
    fn header(&self) -> io::Result<[u8; HEADER_BYTES]> {
        let json = capped(self.json.len(), MAX_JSON_BYTES)?;
        let binary = capped(self.binary.len(), MAX_BINARY_BYTES)?;
        let mut header = [0; HEADER_BYTES];
        header[..4].copy_from_slice(&json.to_le_bytes());
        header[4..].copy_from_slice(&binary.to_le_bytes());
        Ok(header)
    }

    /// Writes the frame and flushes.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&self.header()?)?;
        out.write_all(&self.json)?;
        out.write_all(&self.binary)?;
        out.flush()
    }

    /// Reads one frame; `None` where the stream ends before it begins.
    pub(super) fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let mut header = [0; HEADER_BYTES];
        let mut filled = 0;
        while filled < HEADER_BYTES {
            match from.read(&mut header[filled..])? {
                0 if filled == 0 => return Ok(None),
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => filled += count,
            }
        }
        let (json_bytes, binary_bytes) = lengths(header)?;
        let mut part = |length: u32| {
            let mut bytes = Vec::new();
            from.by_ref().take(u64::from(length)).read_to_end(&mut bytes)?;
            complete(bytes, length)
        };
        let json = part(json_bytes)?;
        let binary = part(binary_bytes)?;
        Ok(Some(Self { json, binary }))
    }

    /// Writes the frame and flushes.
    pub(super) async fn send(&self, out: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        out.write_all(&self.header()?).await?;
        out.write_all(&self.json).await?;
        out.write_all(&self.binary).await?;
        out.flush().await
    }

    /// Reads one frame; the end of the stream is an error ([`io::ErrorKind::UnexpectedEof`]).
    pub(super) async fn receive(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut header = [0; HEADER_BYTES];
        from.read_exact(&mut header).await?;
        let (json_bytes, binary_bytes) = lengths(header)?;
        let mut json = Vec::new();
        (&mut *from)
            .take(u64::from(json_bytes))
            .read_to_end(&mut json)
            .await?;
        let mut binary = Vec::new();
        (&mut *from)
            .take(u64::from(binary_bytes))
            .read_to_end(&mut binary)
            .await?;
        Ok(Self {
            json: complete(json, json_bytes)?,
            binary: complete(binary, binary_bytes)?,
        })
    }
}

fn lengths(header: [u8; HEADER_BYTES]) -> io::Result<(u32, u32)> {
    let [a, b, c, d, e, f, g, h] = header;
    let json = u32::from_le_bytes([a, b, c, d]);
    let binary = u32::from_le_bytes([e, f, g, h]);
    capped(json as usize, MAX_JSON_BYTES)?;
    capped(binary as usize, MAX_BINARY_BYTES)?;
    Ok((json, binary))
}

fn capped(length: usize, cap: u32) -> io::Result<u32> {
    u32::try_from(length)
        .ok()
        .filter(|&length| length <= cap)
        .ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("a frame part of {length} bytes, {cap} are allowed"),
            )
        })
}

fn complete(bytes: Vec<u8>, length: u32) -> io::Result<Vec<u8>> {
    match bytes.len() == length as usize {
        true => Ok(bytes),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn broken_frames_are_errors_and_never_allocate_what_they_announce() {
        const CUT: Option<io::ErrorKind> = Some(io::ErrorKind::UnexpectedEof);
        const TOO_LONG: Option<io::ErrorKind> = Some(io::ErrorKind::InvalidData);
        let rows: [(&str, &[u8], Option<io::ErrorKind>); 6] = [
            ("end before the frame", b"", None),
            ("end in the header", b"\x01\0\0", CUT),
            ("end in the JSON", b"\x03\0\0\0\0\0\0\0{}", CUT),
            ("end in the binary", b"\x02\0\0\0\x01\0\0\0{}", CUT),
            ("JSON too long", b"\xff\xff\xff\xff\0\0\0\0", TOO_LONG),
            ("text instead of a frame", b"Tesseract Open Source", TOO_LONG),
        ];
        for (what, bytes, expected) in rows {
            let error = Frame::read(&mut &*bytes).err().map(|error| error.kind());
            assert_eq!(error, expected, "{what}");
        }
        let oversized = Frame {
            json: vec![b' '; MAX_JSON_BYTES as usize + 1],
            binary: Vec::new(),
        };
        assert!(oversized.write(&mut io::sink()).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_by_either_side(
            frames in proptest::collection::vec((any::<Vec<u8>>(), any::<Vec<u8>>()), 0..4)
        ) {
            let frames: Vec<Frame> =
                frames.into_iter().map(|(json, binary)| Frame { json, binary }).collect();
            let mut pipe = Vec::new();
            for frame in &frames {
                frame.write(&mut pipe).unwrap();
            }
            let mut reader = &*pipe;
            for frame in &frames {
                prop_assert_eq!(&Frame::read(&mut reader).unwrap().unwrap(), frame);
            }
            prop_assert_eq!(Frame::read(&mut reader).unwrap(), None);

            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let (mut sent, mut reader) = (Vec::new(), &*pipe);
                for frame in &frames {
                    frame.send(&mut sent).await.unwrap();
                    assert_eq!(&Frame::receive(&mut reader).await.unwrap(), frame);
                }
                assert_eq!(sent, pipe);
                assert!(Frame::receive(&mut reader).await.is_err());
            });
        }
    }
}
