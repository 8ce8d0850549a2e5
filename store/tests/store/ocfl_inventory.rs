//! An inventory is a pure function of its plans, and its text is the same on every machine.

use std::collections::BTreeMap;

use hrisov_model::Digest;
use hrisov_store::{
    Key,
    ocfl::{Inventory, LogicalPath, NewContent, VersionPlan},
};
use proptest::prelude::*;

use super::ocfl_sample::steps;

#[test]
fn the_text_of_an_inventory_is_fixed() {
    let [first, second] = steps();
    let first = Inventory::next(None, &first.plan).unwrap();
    let second = Inventory::next(Some(&first), &second.plan).unwrap();
    // A different text would be a new stored format: plans recorded before must still give what was
    // written.
    insta::assert_snapshot!(String::from_utf8(second.to_json()).unwrap());
}

/// Versions that keep, drop and add files, bytes repeating among them.
fn plans() -> impl Strategy<Value = Vec<VersionPlan>> {
    let state = prop::collection::btree_map(0..6_u8, 0..8_u8, 0..6);
    prop::collection::vec(state, 1..6).prop_map(|states| {
        let mut known = Vec::new();
        let plan = |(n, state): (usize, BTreeMap<u8, u8>)| {
            let digest = |bytes: &u8| Digest::of(&[*bytes]);
            let state: BTreeMap<LogicalPath, Digest> = state
                .iter()
                .map(|(path, bytes)| (format!("f/{path}").parse().unwrap(), digest(bytes)))
                .collect();
            let mut new_content = BTreeMap::new();
            for (path, digest) in &state {
                if !known.contains(digest) {
                    known.push(*digest);
                    new_content.insert(
                        *digest,
                        NewContent {
                            path: path.clone(),
                            size_bytes: 1,
                        },
                    );
                }
            }
            VersionPlan {
                object_id: "urn:a".into(),
                version: u32::try_from(n).unwrap() + 1,
                created: "2026-01-02T03:04:05.678Z".parse().unwrap(),
                message: format!("{n}"),
                user_name: "user".into(),
                user_address: None,
                state,
                new_content,
            }
        };
        states.into_iter().enumerate().map(plan).collect()
    })
}

proptest! {
    #[test]
    fn inventories_grow_and_shrink_without_loss(plans in plans()) {
        let mut history: Vec<Inventory> = Vec::new();
        for plan in &plans {
            let plan: VersionPlan = serde_json::from_str(&serde_json::to_string(plan).unwrap()).unwrap();
            let next = Inventory::next(history.last(), &plan).unwrap();
            let files: BTreeMap<_, _> = next.files().into_iter().map(|(path, d)| (path.clone(), d)).collect();
            prop_assert_eq!(&files, &plan.state);
            for digest in plan.state.values() {
                prop_assert!(next.content_path(*digest).is_some());
            }
            let json = next.to_json();
            let read = Inventory::parse(&Key::literal("a"), &json).unwrap();
            prop_assert_eq!(&read, &next);
            prop_assert_eq!(read.to_json(), json);
            history.push(next);
        }
        let last = history.last().unwrap();
        for (n, earlier) in history.iter().enumerate() {
            let found = last.at(u32::try_from(n).unwrap() + 1);
            prop_assert_eq!(found.as_ref(), Some(earlier));
        }
    }

    /// Whatever lies there, reading it gives an inventory or an error.
    #[test]
    fn damaged_inventories_never_panic(place in 0..2000_usize, byte: u8) {
        let [first, _] = steps();
        let mut json = Inventory::next(None, &first.plan).unwrap().to_json();
        let place = place % json.len();
        json[place] = byte;
        let _ = Inventory::parse(&Key::literal("a"), &json);
        let _ = Inventory::parse(&Key::literal("a"), &json[..place]);
    }
}
