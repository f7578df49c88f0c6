//! Values as PostgreSQL takes and gives them. A value becomes what the place is of: its type is known when a statement has
//! been prepared.

use std::error::Error;

use bytes::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use subunit_history::sql::SqlValue;

type Failure = Box<dyn Error + Sync + Send>;

/// A value on its way in.
#[derive(Debug)]
pub(super) struct BoundValue<'v>(pub(super) SqlValue<'v>);

impl ToSql for BoundValue<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        encode(self.0, kind, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Writes a value in the binary form of a type.
pub(super) fn encode(
    value: SqlValue<'_>,
    kind: &Type,
    out: &mut BytesMut,
) -> Result<IsNull, Failure> {
    match (value, kind) {
        (SqlValue::Null, _) => return Ok(IsNull::Yes),
        (SqlValue::Integer(number), &Type::BOOL) => out.extend_from_slice(&[u8::from(number != 0)]),
        (SqlValue::Integer(number), &Type::INT2) => {
            out.extend_from_slice(&i16::try_from(number)?.to_be_bytes());
        }
        (SqlValue::Integer(number), &Type::INT4) => {
            out.extend_from_slice(&i32::try_from(number)?.to_be_bytes());
        }
        (SqlValue::Integer(number), &Type::INT8) => out.extend_from_slice(&number.to_be_bytes()),
        (SqlValue::Integer(number), &Type::FLOAT8) => {
            out.extend_from_slice(&(number as f64).to_be_bytes());
        }
        (SqlValue::Real(number), &Type::FLOAT8) => out.extend_from_slice(&number.to_be_bytes()),
        (SqlValue::Text(text), &Type::TEXT | &Type::VARCHAR | &Type::UNKNOWN) => {
            put_text(text, out);
        }
        (SqlValue::Blob(bytes), &Type::BYTEA) => out.extend_from_slice(bytes),
        (value, kind) => return Err(format!("{value:?} cannot become {kind}").into()),
    }
    Ok(IsNull::No)
}

/// PostgreSQL has no text with a byte of 0 in it: it becomes U+FFFD, on its way in and in what is searched for.
fn put_text(text: &str, out: &mut BytesMut) {
    for (nth, part) in text.split('\0').enumerate() {
        if nth > 0 {
            out.extend_from_slice("\u{FFFD}".as_bytes());
        }
        out.extend_from_slice(part.as_bytes());
    }
}

/// A value on its way out.
#[derive(Debug)]
pub(super) struct Got<'v>(pub(super) SqlValue<'v>);

impl<'v> FromSql<'v> for Got<'v> {
    fn from_sql(kind: &Type, raw: &'v [u8]) -> Result<Self, Failure> {
        Ok(Self(match *kind {
            Type::BOOL => SqlValue::Integer(bool::from_sql(kind, raw)?.into()),
            Type::INT2 => SqlValue::Integer(i16::from_sql(kind, raw)?.into()),
            Type::INT4 => SqlValue::Integer(i32::from_sql(kind, raw)?.into()),
            Type::INT8 => SqlValue::Integer(i64::from_sql(kind, raw)?),
            Type::FLOAT8 => SqlValue::Real(f64::from_sql(kind, raw)?),
            Type::TEXT | Type::VARCHAR | Type::NAME => SqlValue::Text(str::from_utf8(raw)?),
            Type::BYTEA => SqlValue::Blob(raw),
            _ => return Err(format!("a column is of the type {kind}").into()),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failure> {
        Ok(Self(SqlValue::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(value: SqlValue<'_>, kind: &Type) -> Option<Vec<u8>> {
        let mut out = BytesMut::new();
        encode(value, kind, &mut out).ok().map(|_| out.to_vec())
    }

    #[test]
    fn a_value_becomes_what_its_place_is_of() {
        assert_eq!(encoded(SqlValue::Integer(1), &Type::BOOL), Some(vec![1]));
        assert_eq!(encoded(SqlValue::Integer(-2), &Type::INT2), Some(vec![255, 254]));
        assert_eq!(encoded(SqlValue::Integer(3), &Type::INT4), Some(vec![0, 0, 0, 3]));
        assert_eq!(encoded(SqlValue::Text("a\0b"), &Type::TEXT), Some("a\u{FFFD}b".into()));
        // What does not fit is refused, and not cut.
        assert_eq!(encoded(SqlValue::Integer(1 << 40), &Type::INT4), None);
        assert_eq!(encoded(SqlValue::Integer(1 << 20), &Type::INT2), None);
        assert_eq!(encoded(SqlValue::Text("1"), &Type::INT4), None);
    }
}
