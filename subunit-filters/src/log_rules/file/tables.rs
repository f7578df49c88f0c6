//! The keys of a file of rules, as TOML has them.

use std::collections::BTreeMap;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use toml::{Spanned, value::Datetime};

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    #[serde(default)]
    pub(super) section: Vec<SectionTable>,
    #[serde(default)]
    pub(super) rule: Vec<RuleTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SectionTable {
    pub(super) name: Spanned<String>,
    pub(super) begin: Spanned<String>,
    pub(super) end: Option<Spanned<String>>,
    pub(super) times: Option<u64>,
    #[serde(default)]
    pub(super) required: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleTable {
    pub(super) kind: Spanned<KindName>,
    pub(super) id: Option<Spanned<String>>,
    #[serde(default, rename = "in")]
    pub(super) inside: Vec<Spanned<String>>,
    #[serde(default, rename = "not_in")]
    pub(super) outside: Vec<Spanned<String>>,
    #[serde(default, rename = "match")]
    pub(super) patterns: Vec<Spanned<String>>,
    pub(super) count: Option<Spanned<String>>,
    pub(super) within: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) also: bool,
    #[serde(default)]
    pub(super) waive: Waivers,
    pub(super) results: Option<Spanned<BTreeMap<String, Spanned<String>>>>,
    pub(super) expected: Option<Spanned<Vec<String>>>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(super) enum KindName {
    Ignore,
    Note,
    Expect,
    Forbid,
    Warn,
    Value,
    Skip,
    Infra,
    Test,
}

impl KindName {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ignore => "ignore",
            Self::Note => "note",
            Self::Expect => "expect",
            Self::Forbid => "forbid",
            Self::Warn => "warn",
            Self::Value => "value",
            Self::Skip => "skip",
            Self::Infra => "infra",
            Self::Test => "test",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WaiverTable {
    pub(super) until: Spanned<Datetime>,
    pub(super) reason: String,
    #[serde(rename = "match")]
    pub(super) pattern: Option<Spanned<String>>,
}

/// One waiver, or a list.
#[derive(Default)]
pub(super) struct Waivers(pub(super) Vec<WaiverTable>);

impl<'de> Deserialize<'de> for Waivers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Waivers;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a waiver { until, reason }, or a list of them")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Waivers, A::Error> {
                WaiverTable::deserialize(MapAccessDeserializer::new(map))
                    .map(|one| Waivers(vec![one]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Waivers, A::Error> {
                let mut all = Vec::new();
                while let Some(one) = seq.next_element()? {
                    all.push(one);
                }
                Ok(Waivers(all))
            }
        }

        deserializer.deserialize_any(OneOrMany)
    }
}
