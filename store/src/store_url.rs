//! Addresses of stores.

use std::{fmt, path::PathBuf, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Blobs, Key, LocalBlobs, S3Blobs, StoreError};

/// Where a store is: a folder, or a bucket and a prefix in it.
///
/// As text: `/srv/archive`, `file:///srv/archive`, or
/// `s3://bucket/prefix?endpoint=https://host:8333&region=name&path-style=false&profile=name&credentials-file=/path`,
/// every option being optional.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum StoreUrl {
    /// A folder of this machine.
    Local(PathBuf),
    /// A bucket.
    S3(S3Address),
}

/// A bucket, and how it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Address {
    /// The bucket, which must be there.
    pub bucket: String,
    /// What all names in it begin with; the root for none.
    pub prefix: Key,
    /// `http://` or `https://` address of the server; `None` for Amazon's, or what `AWS_ENDPOINT_URL` says.
    pub endpoint: Option<String>,
    /// Region; `None` for what the environment says.
    pub region: Option<String>,
    /// How the bucket is named in requests.
    pub addressing: Addressing,
    /// Profile in the shared configuration; `None` for what the environment says.
    pub profile: Option<String>,
    /// File with access keys in the form of `~/.aws/credentials`, before all other places.
    pub credentials_file: Option<PathBuf>,
}

/// How a bucket is named in requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressing {
    /// As the first part of the path: `https://host/bucket/key`, which every server understands.
    Path,
    /// In the name of the host: `https://bucket.host/key`, which Amazon wants.
    Host,
}

/// Takes the store at an address as it is.
///
/// # Errors
/// [`StoreError::NoStore`] where folder or bucket is not there, [`StoreError::Unreachable`] and
/// [`StoreError::Denied`] where the server cannot be reached or does not let us.
pub async fn open(url: &StoreUrl) -> Result<Arc<dyn Blobs>, StoreError> {
    match url {
        StoreUrl::Local(folder) => Ok(Arc::new(LocalBlobs::open(folder)?)),
        StoreUrl::S3(address) => Ok(Arc::new(S3Blobs::open(address).await?)),
    }
}

/// As [`open`], but makes a folder or bucket that is not there; a bucket with the server's own defaults.
///
/// # Errors
/// As [`open`].
pub async fn create(url: &StoreUrl) -> Result<Arc<dyn Blobs>, StoreError> {
    match url {
        StoreUrl::Local(folder) => Ok(Arc::new(LocalBlobs::create(folder)?)),
        StoreUrl::S3(address) => Ok(Arc::new(S3Blobs::create(address).await?)),
    }
}

impl FromStr for StoreUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let invalid = |reason: &str| StoreError::InvalidUrl {
            url: text.to_owned(),
            reason: reason.to_owned(),
        };
        if text.is_empty() {
            return Err(invalid("it is empty"));
        }
        if !text.contains("://") {
            return Ok(Self::Local(PathBuf::from(text)));
        }
        let url: Url = text
            .parse()
            .map_err(|e: url::ParseError| invalid(&e.to_string()))?;
        match url.scheme() {
            "file" => url
                .to_file_path()
                .map(Self::Local)
                .map_err(|()| invalid("it names no local folder")),
            "s3" => S3Address::parse(&url)
                .map(Self::S3)
                .map_err(|reason| invalid(&reason)),
            _ => Err(invalid("it begins with neither file:// nor s3://")),
        }
    }
}

impl S3Address {
    fn parse(url: &Url) -> Result<Self, String> {
        let bucket = url.host_str().ok_or("there is no bucket")?.to_owned();
        if !url.username().is_empty() || url.password().is_some() || url.port().is_some() {
            return Err("access keys and ports do not belong before the path".to_owned());
        }
        let prefix = match url.path().trim_matches('/') {
            "" => Key::root(),
            path => path.parse().map_err(|e: StoreError| e.to_string())?,
        };
        let mut address = Self {
            bucket,
            prefix,
            endpoint: None,
            region: None,
            addressing: Addressing::Host,
            profile: None,
            credentials_file: None,
        };
        let mut addressing = None;
        for (option, value) in url.query_pairs() {
            let value = value.into_owned();
            match option.as_ref() {
                "endpoint" if value.starts_with("http://") || value.starts_with("https://") => {
                    address.endpoint = Some(value);
                }
                "endpoint" => return Err("the endpoint begins with neither http:// nor https://".to_owned()),
                "region" => address.region = Some(value),
                "path-style" => addressing = Some(parse_addressing(&value)?),
                "profile" => address.profile = Some(value),
                "credentials-file" => address.credentials_file = Some(value.into()),
                _ => return Err(format!("{option} is no option")),
            }
        }
        // Servers of one's own rarely have a host name for every bucket.
        let usual = if address.endpoint.is_some() {
            Addressing::Path
        } else {
            Addressing::Host
        };
        address.addressing = addressing.unwrap_or(usual);
        Ok(address)
    }
}

fn parse_addressing(value: &str) -> Result<Addressing, String> {
    match value {
        "true" => Ok(Addressing::Path),
        "false" => Ok(Addressing::Host),
        _ => Err("path-style is neither true nor false".to_owned()),
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(folder) => write!(f, "{}", folder.display()),
            Self::S3(address) => address.fmt(f),
        }
    }
}

impl fmt::Display for S3Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let credentials_file = self
            .credentials_file
            .as_ref()
            .map(|file| file.display().to_string());
        let path_style = (self.addressing == Addressing::Path).to_string();
        let options = [
            ("endpoint", self.endpoint.as_ref()),
            ("region", self.region.as_ref()),
            ("path-style", Some(&path_style)),
            ("profile", self.profile.as_ref()),
            ("credentials-file", credentials_file.as_ref()),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(
            options
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        let path = if self.prefix.is_root() {
            String::new()
        } else {
            format!("/{}", self.prefix)
        };
        write!(f, "s3://{}{path}?{}", self.bucket, query.finish())
    }
}

impl TryFrom<String> for StoreUrl {
    type Error = StoreError;

    fn try_from(text: String) -> Result<Self, StoreError> {
        text.parse()
    }
}

impl From<StoreUrl> for String {
    fn from(url: StoreUrl) -> Self {
        url.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_reads_back_from_its_own_text() {
        for (text, canonical) in [
            ("/srv/archive", "/srv/archive"),
            ("archive", "archive"),
            ("file:///srv/the%20archive", "/srv/the archive"),
            ("s3://scans", "s3://scans?path-style=false"),
            ("s3://scans/a/b/", "s3://scans/a/b?path-style=false"),
            (
                "s3://scans/a?endpoint=http://127.0.0.1:8333&region=ro-1&profile=archive&credentials-file=/etc/keys",
                "s3://scans/a?endpoint=http%3A%2F%2F127.0.0.1%3A8333&region=ro-1&path-style=true&profile=archive\
                 &credentials-file=%2Fetc%2Fkeys",
            ),
            (
                "s3://scans?endpoint=https://s3.example.org&path-style=false",
                "s3://scans?endpoint=https%3A%2F%2Fs3.example.org&path-style=false",
            ),
        ] {
            let url: StoreUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), canonical, "{text}");
            assert_eq!(canonical.parse::<StoreUrl>().unwrap(), url, "{text}");
        }
    }

    #[test]
    fn other_addresses_are_refused_with_the_reason() {
        for (text, reason) in [
            ("", "it is empty"),
            ("https://example.org/scans", "neither file:// nor s3://"),
            ("file://host/share", "no local folder"),
            ("s3:///a", "no bucket"),
            ("s3://key:secret@scans", "do not belong"),
            ("s3://scans/a//b", "a part is empty"),
            (
                "s3://scans?endpoint=localhost:8333",
                "neither http:// nor https://",
            ),
            ("s3://scans?path-style=yes", "neither true nor false"),
            ("s3://scans?colour=blue", "colour is no option"),
        ] {
            let error = text.parse::<StoreUrl>().unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
