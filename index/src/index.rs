//! The index on a folder or in memory: one writer, any number of searchers that follow its commits.

use std::{fs, path::Path};

use tantivy::{Index, TantivyError, directory::MmapDirectory};

use crate::{IndexError, IndexKey, IndexWriter, Searcher, fields::Fields, writer};

/// A search index, opened for writing and searching.
#[derive(Debug)]
pub struct SearchIndex {
    engine: Index,
    fields: Fields,
    key: IndexKey,
}

impl SearchIndex {
    /// Opens the index in a folder, or makes folder and index where there is none, under the key beside
    /// the folder ([`IndexKey::beside`]).
    ///
    /// # Errors
    /// [`IndexError::OtherVersion`] where an index of another version or key lies there: delete the folder,
    /// rebuild.
    pub fn create_or_open(path: &Path) -> Result<Self, IndexError> {
        Self::create_or_open_with(path, &IndexKey::beside(path)?)
    }

    /// As [`SearchIndex::create_or_open`] under a key that is kept elsewhere.
    ///
    /// # Errors
    /// As there.
    pub fn create_or_open_with(path: &Path, key: &IndexKey) -> Result<Self, IndexError> {
        let folder = |source| IndexError::Folder {
            path: path.to_owned(),
            source,
        };
        fs::create_dir_all(path).map_err(folder)?;
        let directory = MmapDirectory::open(path).map_err(TantivyError::from)?;
        let (schema, fields) = Fields::schema(key);
        let builder = Index::builder()
            .schema(schema)
            .tokenizers(Fields::tokenizers(key));
        let engine = builder.open_or_create(directory).map_err(|error| match error {
            TantivyError::SchemaError(_) | TantivyError::IncompatibleIndex(_) => IndexError::OtherVersion {
                path: path.to_owned(),
            },
            other => IndexError::Engine(other),
        })?;
        Ok(Self {
            engine,
            fields,
            key: key.clone(),
        })
    }

    /// An empty index in memory, gone with its last handle.
    pub fn in_ram() -> Result<Self, IndexError> {
        let key = IndexKey::open();
        let (schema, fields) = Fields::schema(&key);
        let builder = Index::builder()
            .schema(schema)
            .tokenizers(Fields::tokenizers(&key));
        Ok(Self {
            engine: builder.create_in_ram()?,
            fields,
            key,
        })
    }

    /// A searcher over the index in a folder, which another process may be writing, under the key beside
    /// the folder.
    ///
    /// # Errors
    /// [`IndexError::Missing`] where there is no index, [`IndexError::OtherVersion`] as above.
    pub fn open_reader(path: &Path) -> Result<Searcher, IndexError> {
        Self::open_reader_with(path, &IndexKey::beside(path)?)
    }

    /// As [`SearchIndex::open_reader`] under a key that is kept elsewhere.
    ///
    /// # Errors
    /// As there.
    pub fn open_reader_with(path: &Path, key: &IndexKey) -> Result<Searcher, IndexError> {
        let missing = || IndexError::Missing {
            path: path.to_owned(),
        };
        if !path.is_dir() {
            return Err(missing());
        }
        let directory = MmapDirectory::open(path).map_err(TantivyError::from)?;
        if !Index::exists(&directory).map_err(TantivyError::from)? {
            return Err(missing());
        }
        let other_version = || IndexError::OtherVersion {
            path: path.to_owned(),
        };
        let engine = Index::open(directory).map_err(|error| match error {
            TantivyError::IncompatibleIndex(_) => other_version(),
            other => IndexError::Engine(other),
        })?;
        let (schema, fields) = Fields::schema(key);
        match engine.schema() == schema {
            true => Searcher::open(&engine, fields, key.clone()),
            false => Err(other_version()),
        }
    }

    /// The writer: one at a time over all processes.
    ///
    /// # Errors
    /// [`IndexError::WriterBusy`] while another one is open.
    pub fn writer(&self) -> Result<IndexWriter, IndexError> {
        IndexWriter::open(&self.engine, self.fields, self.key.clone())
    }

    /// A searcher over this index.
    pub fn searcher(&self) -> Result<Searcher, IndexError> {
        Searcher::open(&self.engine, self.fields, self.key.clone())
    }

    /// The stamp of the last commit, by whichever process; 0 before the first.
    pub fn committed_stamp(&self) -> Result<u64, IndexError> {
        writer::committed_stamp(&self.engine)
    }
}
