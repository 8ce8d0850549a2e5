//! The client, set up for one bucket.

use std::{env, sync::Arc, time::Duration};

use aws_config::{
    BehaviorVersion, ConfigLoader, Region, profile::ProfileFileCredentialsProvider,
    provider_config::ProviderConfig, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_s3::{
    Client,
    config::{RequestChecksumCalculation, ResponseChecksumValidation},
    primitives::ByteStream as S3Stream,
    types::{BucketLocationConstraint, CreateBucketConfiguration, Object},
};
use aws_smithy_http_client::tls;
use futures::{
    StreamExt as _,
    stream::{self, BoxStream},
};

use crate::{Addressing, ByteStream, Key, ObjectMeta, S3Address, StoreError};

/// Time for one attempt to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time from the end of a request to the first byte of its answer: a busy server that assembles a large
/// upload needs some.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// Attempts of each request, with the client's exponential backoff between them.
const ATTEMPTS: u32 = 3;
/// The region that servers of one's own take without looking at it.
const ANY_REGION: &str = "us-east-1";

/// A bucket, how names in it begin, and the client that reaches it.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) bucket: String,
    prefix: Key,
    /// Only for messages.
    pub(super) endpoint: String,
}

impl Connection {
    pub(super) async fn open(address: &S3Address) -> Result<Self, StoreError> {
        let shared = loader(address)?.load().await;
        let region = shared.region().map_or(ANY_REGION, |region| region.as_ref());
        let endpoint = shared
            .endpoint_url()
            .map_or_else(|| format!("https://s3.{region}.amazonaws.com"), str::to_owned);
        let config = aws_sdk_s3::config::Builder::from(&shared)
            .region(Region::new(region.to_owned()))
            .force_path_style(address.addressing == Addressing::Path)
            // We send SHA-256 ourselves; the newer default, CRC trailers, is unknown to many servers.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .build();
        Ok(Self {
            client: Client::from_conf(config),
            bucket: address.bucket.clone(),
            prefix: address.prefix.clone(),
            endpoint,
        })
    }

    pub(super) async fn check_bucket(&self) -> Result<(), StoreError> {
        let request = self.client.head_bucket().bucket(&self.bucket);
        match request
            .send()
            .await
            .map_err(|e| self.failed("open", &Key::root(), e))
        {
            Ok(_) => Ok(()),
            Err(StoreError::NotFound { .. }) => {
                let place = format!("bucket {} at {}", self.bucket, self.endpoint);
                Err(StoreError::NoStore { place })
            }
            Err(other) => Err(other),
        }
    }

    pub(super) async fn create_bucket(&self, address: &S3Address) -> Result<(), StoreError> {
        let mut request = self.client.create_bucket().bucket(&self.bucket);
        // Amazon wants to be told any region but its first; servers of one's own may not know the question.
        if let Some(region) = address.region.as_deref().filter(|region| *region != ANY_REGION) {
            let region = BucketLocationConstraint::from(region);
            let place = CreateBucketConfiguration::builder().location_constraint(region);
            request = request.create_bucket_configuration(place.build());
        }
        let made = request.send().await;
        made.map(drop)
            .map_err(|error| self.failed("make the bucket", &Key::root(), error))
    }

    /// The name of an object in the bucket.
    pub(super) fn name(&self, key: &Key) -> String {
        self.prefix.join(key).into()
    }

    /// The body of an answer.
    pub(super) fn pieces(self: &Arc<Self>, key: &Key, body: S3Stream) -> ByteStream {
        let start = (Arc::clone(self), key.clone(), body);
        stream::try_unfold(start, |(this, key, mut body)| async move {
            match body.try_next().await {
                Ok(piece) => Ok(piece.map(|piece| (piece, (this, key, body)))),
                Err(e) => Err(this.broken_off(&key, e)),
            }
        })
        .boxed()
    }

    /// Every object below a prefix, page by page.
    pub(super) fn list(self: &Arc<Self>, prefix: &Key) -> BoxStream<'static, Result<ObjectMeta, StoreError>> {
        let name = self.name(prefix);
        let below = if name.is_empty() { name } else { name + "/" };
        let request = self.client.list_objects_v2().bucket(&self.bucket).prefix(below);
        let start = (Arc::clone(self), prefix.clone(), request.into_paginator().send());
        let pages = stream::unfold(start, |(this, prefix, mut pages)| async move {
            let page = match pages.next().await? {
                Ok(page) => page
                    .contents
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(|o| this.listed(o))
                    .collect(),
                Err(e) => vec![Err(this.failed("list", &prefix, e))],
            };
            Some((stream::iter(page), (this, prefix, pages)))
        });
        pages.flatten().boxed()
    }

    fn listed(&self, object: Object) -> Option<Result<ObjectMeta, StoreError>> {
        let name = object.key.unwrap_or_default();
        // Consoles make empty objects of this form to show folders.
        if name.ends_with('/') {
            return None;
        }
        let size_bytes = object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
        let key = name.parse().map(|name: Key| name.below(&self.prefix));
        let meta = |key: Option<Key>| key.map(|key| ObjectMeta { key, size_bytes });
        key.map(meta).transpose()
    }
}

fn loader(address: &S3Address) -> Result<ConfigLoader, StoreError> {
    let ring = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(ring)
        .build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http.clone())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
    if let Some(endpoint) = &address.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    if let Some(region) = region(address) {
        loader = loader.region(Region::new(region));
    }
    if let Some(profile) = &address.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(file) = &address.credentials_file {
        // Said by us: the client would only say that it found no credentials anywhere.
        std::fs::metadata(file).map_err(|e| StoreError::io("read the access keys in", file, e))?;
        let files = EnvConfigFiles::builder()
            .with_file(EnvConfigFileKind::Credentials, file)
            .build();
        let provider = ProviderConfig::without_region().with_http_client(http);
        let mut keys = ProfileFileCredentialsProvider::builder()
            .configure(&provider)
            .profile_files(files);
        if let Some(profile) = &address.profile {
            keys = keys.profile_name(profile);
        }
        loader = loader.credentials_provider(keys.build());
    }
    Ok(loader)
}

/// The region asked for. With an endpoint of one's own the client must not go and ask Amazon's machines
/// for it, which takes seconds where there are none.
fn region(address: &S3Address) -> Option<String> {
    let from_environment = || {
        env::var("AWS_REGION")
            .or_else(|_| env::var("AWS_DEFAULT_REGION"))
            .ok()
    };
    let any = || address.endpoint.is_some().then(|| ANY_REGION.to_owned());
    address.region.clone().or_else(from_environment).or_else(any)
}
