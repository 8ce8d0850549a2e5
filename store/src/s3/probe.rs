//! What a server does beyond storing: found out by trying, since answers to feature questions differ from deeds.

use aws_sdk_s3::{
    primitives::ByteStream as S3Stream,
    types::{BucketVersioningStatus, ObjectLockEnabled},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use hrisov_model::Digest;

use super::connection::Connection;
use crate::{
    Key, StoreError,
    ability::{Ability, Holds},
};

/// Tries each ability in turn; leaves nothing behind.
pub(super) async fn probe(connection: &Connection) -> Result<Vec<(Ability, Holds)>, StoreError> {
    Ok(vec![
        (Ability::RefusesWrongChecksum, wrong_checksum(connection).await?),
        (Ability::ConditionalPut, conditional_put(connection).await?),
        (Ability::Versioning, versioning(connection).await),
        (Ability::ObjectLock, object_lock(connection).await),
    ])
}

fn tried() -> Key {
    Key::literal("staging/probe")
}

async fn wrong_checksum(connection: &Connection) -> Result<Holds, StoreError> {
    let checksum = BASE64_STANDARD.encode(Digest::of(b"other bytes").as_bytes());
    let put = connection
        .client
        .put_object()
        .bucket(&connection.bucket)
        .key(connection.name(&tried()))
        .checksum_sha256(checksum)
        .body(S3Stream::from_static(b"these bytes"))
        .send()
        .await;
    match put.map_err(|error| connection.failed("write", &tried(), error)) {
        Ok(_) => delete(connection).await.map(|()| Holds::No),
        Err(error @ (StoreError::Unreachable { .. } | StoreError::Denied { .. })) => Err(error),
        Err(_) => Ok(Holds::Yes),
    }
}

async fn conditional_put(connection: &Connection) -> Result<Holds, StoreError> {
    let put = || {
        connection
            .client
            .put_object()
            .bucket(&connection.bucket)
            .key(connection.name(&tried()))
            .if_none_match("*")
            .body(S3Stream::from_static(b"probe"))
            .send()
    };
    delete(connection).await?;
    let first = put().await;
    let second = put().await;
    delete(connection).await?;
    Ok(match (first, second) {
        (Ok(_), Ok(_)) => Holds::No,
        (Ok(_), Err(_)) => Holds::Yes,
        (Err(_), _) => Holds::Unknown,
    })
}

async fn versioning(connection: &Connection) -> Holds {
    let asked = connection
        .client
        .get_bucket_versioning()
        .bucket(&connection.bucket);
    match asked.send().await {
        Ok(answer) if answer.status() == Some(&BucketVersioningStatus::Enabled) => Holds::Yes,
        Ok(_) => Holds::No,
        Err(_) => Holds::Unknown,
    }
}

async fn object_lock(connection: &Connection) -> Holds {
    let asked = connection
        .client
        .get_object_lock_configuration()
        .bucket(&connection.bucket);
    let Ok(answer) = asked.send().await else {
        // Servers answer 404 where nothing is configured, and some where they do not know the question.
        return Holds::No;
    };
    let enabled = answer
        .object_lock_configuration()
        .and_then(|lock| lock.object_lock_enabled());
    if enabled == Some(&ObjectLockEnabled::Enabled) {
        Holds::Yes
    } else {
        Holds::No
    }
}

async fn delete(connection: &Connection) -> Result<(), StoreError> {
    let deleted = connection
        .client
        .delete_object()
        .bucket(&connection.bucket)
        .key(connection.name(&tried()))
        .send()
        .await;
    match deleted.map_err(|error| connection.failed("delete", &tried(), error)) {
        Ok(_) | Err(StoreError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
