//! A TIFF writer for tests, that also writes what no sane writer would.

/// Byte order and width of offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    #[default]
    Little,
    Big,
    BigTiffLittle,
    BigTiffBig,
}

/// A value of a tag.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Short(Vec<u16>),
    Long(Vec<u32>),
    Rational(u32, u32),
    Bytes(Vec<u8>),
}

/// One directory: its tags, and its strips or tiles.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) tags: Vec<(u16, Value)>,
    pub(crate) chunks: Vec<Vec<u8>>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct TiffFile {
    pub(crate) kind: Kind,
    pub(crate) pages: Vec<Page>,
    /// What the last directory names as its successor.
    pub(crate) last_points_to: u64,
}

impl Page {
    /// One uncompressed strip of eight-bit grey.
    pub(crate) fn grey(width: u32, height: u32, pixels: Vec<u8>) -> Self {
        Self {
            tags: vec![],
            chunks: vec![pixels],
        }
        .short(256, width as u16)
        .short(257, height as u16)
        .short(258, 8)
        .short(262, 1)
    }

    /// Sets a tag, in place of an earlier value.
    pub(crate) fn tag(mut self, tag: u16, value: Value) -> Self {
        self.tags.retain(|(present, _)| *present != tag);
        self.tags.push((tag, value));
        self
    }

    pub(crate) fn short(self, tag: u16, value: u16) -> Self {
        self.tag(tag, Value::Short(vec![value]))
    }

    pub(crate) fn without(mut self, tag: u16) -> Self {
        self.tags.retain(|(present, _)| *present != tag);
        self
    }

    pub(crate) fn chunks(mut self, chunks: Vec<Vec<u8>>) -> Self {
        self.chunks = chunks;
        self
    }

    /// A file of this page alone.
    pub(crate) fn file(self, kind: Kind) -> Vec<u8> {
        TiffFile {
            kind,
            ..TiffFile::default()
        }
        .page(self)
        .bytes()
    }
}

impl TiffFile {
    pub(crate) fn page(mut self, page: Page) -> Self {
        self.pages.push(page);
        self
    }

    fn is_big_endian(&self) -> bool {
        matches!(self.kind, Kind::Big | Kind::BigTiffBig)
    }

    fn is_big_tiff(&self) -> bool {
        matches!(self.kind, Kind::BigTiffLittle | Kind::BigTiffBig)
    }

    fn number(&self, value: u64, bytes: usize) -> Vec<u8> {
        match self.is_big_endian() {
            true => value.to_be_bytes()[8 - bytes..].to_vec(),
            false => value.to_le_bytes()[..bytes].to_vec(),
        }
    }

    fn offset_bytes(&self) -> usize {
        if self.is_big_tiff() { 8 } else { 4 }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut file = if self.is_big_endian() {
            b"MM".to_vec()
        } else {
            b"II".to_vec()
        };
        match self.is_big_tiff() {
            true => [(43, 2), (8, 2), (0, 2)]
                .iter()
                .for_each(|&(value, size)| file.extend(self.number(value, size))),
            false => file.extend(self.number(42, 2)),
        }
        let mut link = file.len();
        file.extend(self.number(0, self.offset_bytes()));
        for page in &self.pages {
            let directory = self.write_page(&mut file, page);
            let place = self.number(directory, self.offset_bytes());
            file[link..link + place.len()].copy_from_slice(&place);
            link = file.len() - self.offset_bytes();
        }
        let last = self.number(self.last_points_to, self.offset_bytes());
        file[link..].copy_from_slice(&last);
        file
    }

    /// Appends chunks, values and the directory; returns the directory's place.
    fn write_page(&self, file: &mut Vec<u8>, page: &Page) -> u64 {
        let (mut offsets, mut lengths) = (vec![], vec![]);
        for chunk in &page.chunks {
            offsets.push(file.len() as u32);
            lengths.push(chunk.len() as u32);
            file.extend(chunk);
        }
        let tiled = page.tags.iter().any(|(tag, _)| *tag == 322);
        let mut tags = page.tags.clone();
        tags.push((if tiled { 324 } else { 273 }, Value::Long(offsets)));
        tags.push((if tiled { 325 } else { 279 }, Value::Long(lengths)));
        tags.sort_by_key(|(tag, _)| *tag);

        let mut table = self.number(tags.len() as u64, if self.is_big_tiff() { 8 } else { 2 });
        for (tag, value) in &tags {
            let (kind, count, mut bytes) = self.value(value);
            table.extend(self.number((*tag).into(), 2));
            table.extend(self.number(kind, 2));
            table.extend(self.number(count, self.offset_bytes()));
            if bytes.len() > self.offset_bytes() {
                let place = self.number(file.len() as u64, self.offset_bytes());
                file.append(&mut bytes);
                bytes = place;
            }
            bytes.resize(self.offset_bytes(), 0);
            table.extend(bytes);
        }
        let directory = file.len() as u64;
        file.extend(table);
        file.extend(self.number(0, self.offset_bytes()));
        directory
    }

    fn value(&self, value: &Value) -> (u64, u64, Vec<u8>) {
        let numbers = |values: &[u32], size| {
            values
                .iter()
                .flat_map(|&value| self.number(value.into(), size))
                .collect()
        };
        match value {
            Value::Short(values) => {
                let bytes = values
                    .iter()
                    .flat_map(|&value| self.number(value.into(), 2))
                    .collect();
                (3, values.len() as u64, bytes)
            }
            Value::Long(values) => (4, values.len() as u64, numbers(values, 4)),
            Value::Rational(part, of) => (5, 1, numbers(&[*part, *of], 4)),
            Value::Bytes(bytes) => (7, bytes.len() as u64, bytes.clone()),
        }
    }
}
