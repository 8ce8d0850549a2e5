//! The arithmetic of the tree, against published values and other software.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use hrisov_ledger::tree::{
    check_consistency, check_inclusion, complete_nodes, consistency_ranges, empty_root, inclusion_ranges,
    join, leaf_hash, root_of,
};
use hrisov_model::Digest;
use proptest::prelude::*;
use sha2::Sha256;

/// The eight leaves and roots of the test vectors of Certificate Transparency (RFC 6962's first programs).
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn hashes(count: usize) -> Vec<Digest> {
    LEAVES[..count]
        .iter()
        .map(|text| leaf_hash(&hex::decode(text).unwrap()))
        .collect()
}

#[test]
fn roots_are_those_published() {
    assert_eq!(empty_root().to_string(), ROOTS[0]);
    for (size, root) in ROOTS.iter().enumerate() {
        assert_eq!(root_of(&hashes(size)).to_string(), *root, "{size} leaves");
    }
}

/// The example of RFC 6962 section 2.1.3, whose tree of seven leaves names its nodes.
#[test]
fn proofs_are_those_of_the_rfc() {
    let ranges = |pairs: &[(u64, u64)]| pairs.iter().map(|(start, end)| *start..*end).collect::<Vec<_>>();
    for (index, expected) in [
        (0, ranges(&[(1, 2), (2, 4), (4, 7)])),
        (3, ranges(&[(2, 3), (0, 2), (4, 7)])),
        (4, ranges(&[(5, 6), (6, 7), (0, 4)])),
        (6, ranges(&[(4, 6), (0, 4)])),
    ] {
        assert_eq!(inclusion_ranges(index, 7), expected, "inclusion of {index}");
    }
    for (old, expected) in [
        (3, ranges(&[(2, 3), (3, 4), (0, 2), (4, 7)])),
        (4, ranges(&[(4, 7)])),
        (6, ranges(&[(4, 6), (6, 7), (0, 4)])),
        (0, ranges(&[])),
        (7, ranges(&[])),
    ] {
        assert_eq!(consistency_ranges(old, 7), expected, "consistency from {old}");
    }
}

fn root_of_range(hashes: &[Digest], range: std::ops::Range<u64>) -> Digest {
    let place = |number: u64| usize::try_from(number).unwrap();
    root_of(&hashes[place(range.start)..place(range.end)])
}

#[test]
fn every_proof_of_every_small_tree_holds_and_no_other() {
    for size in 1..=70_u64 {
        let hashes: Vec<_> = (0..size).map(|number| leaf_hash(&number.to_be_bytes())).collect();
        let root = root_of(&hashes);
        for index in 0..size {
            let proof: Vec<_> = inclusion_ranges(index, size)
                .into_iter()
                .map(|range| root_of_range(&hashes, range))
                .collect();
            for (claimed, hash) in hashes.iter().enumerate() {
                let right = claimed as u64 == index;
                assert_eq!(
                    check_inclusion(hash, claimed as u64, size, &proof, &root).is_ok(),
                    right
                );
                assert_eq!(check_inclusion(hash, index, size, &proof, &root).is_ok(), right);
            }
            let longer = [&proof[..], &[root]].concat();
            assert!(check_inclusion(&hashes[index as usize], index, size, &longer, &root).is_err());
            if let Some((_, shorter)) = proof.split_last() {
                assert!(check_inclusion(&hashes[index as usize], index, size, shorter, &root).is_err());
            }
        }
        for old in 0..=size {
            let proof: Vec<_> = consistency_ranges(old, size)
                .into_iter()
                .map(|range| root_of_range(&hashes, range))
                .collect();
            let old_root = root_of_range(&hashes, 0..old);
            for claimed in 0..=size + 1 {
                let found = check_consistency((claimed, &old_root), (size, &root), &proof);
                assert_eq!(
                    found.is_ok(),
                    claimed == old,
                    "{claimed} for {old} of {size}: {found:?}"
                );
            }
            let other = Digest::of(b"another tree");
            assert!(
                check_consistency((old, &other), (size, &root), &proof).is_err(),
                "{old} of {size}"
            );
            if old > 0 {
                assert!(
                    check_consistency((old, &old_root), (size, &other), &proof).is_err(),
                    "{old} of {size}"
                );
            }
            let longer = [&proof[..], &[root]].concat();
            assert!(
                check_consistency((old, &old_root), (size, &root), &longer).is_err(),
                "{old} of {size}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// The oracle is the crate ct-merkle.
    #[test]
    fn roots_and_proofs_are_those_of_other_software(size in 1..70_000_u64, place in any::<u64>(), old in any::<u64>()) {
        let (index, old) = (place % size, old % size + 1);
        let mut oracle = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        let mut hashes = Vec::new();
        let mut old_oracle_root = None;
        for number in 0..size {
            oracle.push(number.to_be_bytes().to_vec());
            hashes.push(leaf_hash(&number.to_be_bytes()));
            if number + 1 == old {
                old_oracle_root = Some(oracle.root());
            }
        }
        let root = root_of(&hashes);
        let theirs = oracle.root();
        prop_assert_eq!(root.as_bytes().as_slice(), theirs.as_bytes().as_slice());
        prop_assert_eq!(join(&complete_nodes(0..size).into_iter().map(|node| {
            root_of_range(&hashes, node.index << node.level..(node.index + 1) << node.level)
        }).collect::<Vec<_>>()), root);

        let proof: Vec<_> =
            inclusion_ranges(index, size).into_iter().map(|range| root_of_range(&hashes, range)).collect();
        let joined: Vec<u8> = proof.iter().flat_map(|hash| *hash.as_bytes()).collect();
        let theirs = oracle.prove_inclusion(usize::try_from(index).unwrap());
        prop_assert_eq!(theirs.as_bytes(), joined.as_slice());
        prop_assert!(check_inclusion(&hashes[usize::try_from(index).unwrap()], index, size, &proof, &root).is_ok());

        let old_root = root_of_range(&hashes, 0..old);
        let theirs = old_oracle_root.unwrap();
        prop_assert_eq!(old_root.as_bytes().as_slice(), theirs.as_bytes().as_slice());
        let proof: Vec<_> =
            consistency_ranges(old, size).into_iter().map(|range| root_of_range(&hashes, range)).collect();
        let joined: Vec<u8> = proof.iter().flat_map(|hash| *hash.as_bytes()).collect();
        let added = usize::try_from(size - old).unwrap();
        if added > 0 {
            let theirs = oracle.prove_consistency(added);
            prop_assert_eq!(theirs.as_bytes(), joined.as_slice());
        }
        prop_assert!(check_consistency((old, &old_root), (size, &root), &proof).is_ok());
    }
}
