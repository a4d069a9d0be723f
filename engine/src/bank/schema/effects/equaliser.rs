//! The forms in which bands are written as an effect of a bus.
//!
//! Lives here: the reading of the equaliser's long form and of a band that stands alone. May be named here: `decode`, the
//! syntax tree, `effects`. Runs on any thread.

use super::{Band, Common, common_fields};
use crate::bank::decode::{Field, Fields, Read, Reader, Rule};
use crate::bank::schema::ANY;
use crate::bank::syntax::Node;
use crate::effects::EqParams;
use crate::effects::table::{Params, Takes};

/// The bands of an equaliser in its short form, `Eq([…])`.
pub(super) const EQ_FIELD: Field = Field { name: "Eq", doc: "The bands.", default: "[]", rule: ANY };
/// The bands of an equaliser that has other fields beside them; without any it would do nothing.
pub(in crate::bank::schema) const EQ_BANDS: Field = Field {
    name: "bands",
    doc: "The list of its bands, such as `[Peak(freq: 2500, gain: -2)]`.",
    rule: Rule::free().required(),
    ..EQ_FIELD
};

/// An equaliser in its long form: `Eq(bands: […], key: "bus")`.
#[derive(Default)]
pub(super) struct LongEq {
    pub bands: Vec<Band>,
    pub common: Common,
}

impl Fields for LongEq {
    const NAME: &'static str = "Eq";
    const FIELDS: &'static [Field] = &[EQ_BANDS];

    fn more() -> &'static [Field] {
        common_fields(EqParams::TAKES)
    }

    fn set(&mut self, name: &str, reader: &mut Reader<'_>, value: &Node) -> bool {
        if name == EQ_BANDS.name {
            self.bands = Vec::read(reader, value, &EQ_BANDS).unwrap_or_default();
            return true;
        }
        self.common.set(Self::more(), name, reader, value)
    }
}

/// A band that is an effect of its own, and takes what an effect takes: `HighPass(freq: 80, bypass: true)`.
#[derive(Default)]
pub(super) struct LoneBand<B> {
    pub band: B,
    pub common: Common,
}

impl<B: Fields> Fields for LoneBand<B> {
    const NAME: &'static str = B::NAME;
    const FIELDS: &'static [Field] = B::FIELDS;

    fn more() -> &'static [Field] {
        common_fields(Takes::Nothing)
    }

    fn set(&mut self, name: &str, reader: &mut Reader<'_>, value: &Node) -> bool {
        self.band.set(name, reader, value) || self.common.set(Self::more(), name, reader, value)
    }

    fn verify(&self, reader: &mut Reader<'_>, node: &Node) {
        self.band.verify(reader, node);
    }
}
