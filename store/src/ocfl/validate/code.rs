//! The rules, by the names that the OCFL editors gave them
//! (<https://ocfl.io/1.1/spec/validation-codes.html>).

use std::fmt;

macro_rules! codes {
    ($($code:ident $name:literal $meaning:literal,)+) => {
        /// A rule of OCFL 1.1: `E` what must be, `W` what should be.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum OcflCode {
            $(#[doc = $meaning] $code,)+
        }

        impl OcflCode {
            /// The code as the specification writes it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$code => $name,)+ }
            }

            /// The rule in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$code => $meaning,)+ }
            }
        }
    };
}

codes! {
    E001 "E001" "An object's root holds its declaration, its inventory and sidecar, version folders, `extensions` and `logs`, and nothing else.",
    E003 "E003" "An object has one declaration file.",
    E006 "E006" "The declaration's name is `0=ocfl_object_` and a version of the specification.",
    E007 "E007" "The declaration's content is its name after `0=` and a line feed.",
    E008 "E008" "An object has at least one version.",
    E009 "E009" "The first version is version 1.",
    E010 "E010" "Versions are numbered without gaps.",
    E011 "E011" "Zero-padded version numbers begin with a zero.",
    E012 "E012" "Version numbers are all unpadded, or all padded to the same length.",
    E013 "E013" "New versions are named as the earlier ones.",
    E015 "E015" "A version folder holds no files but its inventory and sidecar.",
    E017 "E017" "The content folder's name has no slash.",
    E018 "E018" "The content folder is neither `.` nor `..`.",
    E019 "E019" "The content folder has the same name in every version.",
    E023 "E023" "Every content file is in the manifest.",
    E025 "E025" "Content is addressed by sha512 or sha256.",
    E033 "E033" "The inventory is a JSON object.",
    E036 "E036" "The inventory has `id`, `type`, `digestAlgorithm` and `head`.",
    E037 "E037" "The identifier is a text, and the same in every version.",
    E038 "E038" "The inventory's type is the address of the specification that the declaration names.",
    E040 "E040" "The head is the last version.",
    E041 "E041" "The inventory has `manifest` and `versions`.",
    E042 "E042" "Content paths lie in the content folder of a version.",
    E044 "E044" "Versions are a JSON object.",
    E046 "E046" "Version folders and the inventory's versions are the same, named `v` and a number.",
    E047 "E047" "A version is described by a JSON object.",
    E048 "E048" "A version has `created` and `state`.",
    E049 "E049" "Times are as in RFC 3339, with seconds and a time zone.",
    E050 "E050" "A state maps digests of the manifest to lists of paths.",
    E052 "E052" "Logical paths have no empty part, `.` or `..`.",
    E053 "E053" "Logical paths neither begin nor end with a slash.",
    E054 "E054" "A user is an object with the text `name`, and the text `address` if any.",
    E057 "E057" "Fixity maps algorithms to digests and digests to lists of content paths.",
    E058 "E058" "Every inventory has a sidecar.",
    E059 "E059" "The sidecar's algorithm is the inventory's.",
    E060 "E060" "The sidecar has the inventory's digest.",
    E061 "E061" "The sidecar is the digest, white space and `inventory.json`.",
    E063 "E063" "An object has an inventory.",
    E064 "E064" "The inventory of the last version is the object's, byte for byte.",
    E066 "E066" "Every inventory says the same of the versions that it knows.",
    E067 "E067" "`extensions` holds folders only.",
    E069 "E069" "A storage root has one declaration, with the text that its name says.",
    E070 "E070" "The layout file is a JSON object with the texts `extension` and `description`.",
    E071 "E071" "The layout is one that its configuration describes.",
    E072 "E072" "A storage root holds nothing but objects, extensions and its own description.",
    E086 "E086" "The storage root's `extensions` holds folders only.",
    E092 "E092" "The manifest's digests are those of the content files, and every file is there.",
    E093 "E093" "The fixity block's digests are those of the content files, and every file is there.",
    E094 "E094" "A message is a text.",
    E095 "E095" "Logical paths of a version do not repeat, and none is the folder of another.",
    E096 "E096" "A digest comes once in the manifest.",
    E097 "E097" "A digest comes once in each algorithm of the fixity block.",
    E099 "E099" "Content paths have no empty part, `.` or `..`.",
    E100 "E100" "Content paths neither begin nor end with a slash.",
    E101 "E101" "Content paths do not repeat, and none is the folder of another.",
    E103 "E103" "No version follows an older specification than one before it.",
    E106 "E106" "The manifest maps digests to lists of content paths.",
    E107 "E107" "Every digest of the manifest is used by some version.",
    E111 "E111" "The fixity block is a JSON object.",
    W001 "W001" "Version numbers are not padded with zeros.",
    W002 "W002" "A version folder holds no folder but the content folder.",
    W004 "W004" "Content is addressed by sha512.",
    W005 "W005" "The identifier is a URI.",
    W007 "W007" "A version has a message and a user.",
    W008 "W008" "A user has an address.",
    W009 "W009" "A user's address is a URI.",
    W010 "W010" "Every version has its inventory.",
    W011 "W011" "Every inventory says the same of time, message and user of a version.",
    W013 "W013" "An object's extensions are registered ones.",
    W016 "W016" "The storage root's extensions are registered ones.",
    Misplaced "misplaced" "An object lies where the storage layout puts its identifier (a rule of the layout, without a code).",
}

impl OcflCode {
    /// Whether the specification says "must"; otherwise it says "should".
    #[must_use]
    pub fn is_error(self) -> bool {
        !self.as_str().starts_with('W')
    }
}

impl fmt::Display for OcflCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
