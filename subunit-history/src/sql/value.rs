//! Values on their way into a database and out of it.

use super::{SqlError, SqlResult};

/// A value of a column or of a place in a statement. Text and bytes are borrowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SqlValue<'v> {
    /// None.
    Null,
    /// A whole number; truth is 0 or 1.
    Integer(i64),
    /// A number.
    Real(f64),
    /// Text.
    Text(&'v str),
    /// Bytes.
    Blob(&'v [u8]),
}

impl<'v> SqlValue<'v> {
    /// The text.
    ///
    /// # Errors
    ///
    /// If it is something else.
    pub fn as_str(self) -> SqlResult<&'v str> {
        if let Self::Text(text) = self { Ok(text) } else { Err(SqlError::column("text")) }
    }

    /// The bytes.
    ///
    /// # Errors
    ///
    /// If it is something else.
    pub fn as_blob(self) -> SqlResult<&'v [u8]> {
        if let Self::Blob(bytes) = self { Ok(bytes) } else { Err(SqlError::column("bytes")) }
    }
}

/// What can be a value of a statement.
pub trait ToValue {
    /// The value.
    fn value(&self) -> SqlValue<'_>;
}

/// What a value of a column can become.
pub trait FromValue: Sized {
    /// Takes the value.
    ///
    /// # Errors
    ///
    /// If it is of another kind, or out of range.
    fn from_value(value: SqlValue<'_>) -> SqlResult<Self>;
}

macro_rules! integers {
    ($($kind:ty)*) => {$(
        impl ToValue for $kind {
            fn value(&self) -> SqlValue<'_> {
                SqlValue::Integer(i64::from(*self))
            }
        }

        impl FromValue for $kind {
            fn from_value(value: SqlValue<'_>) -> SqlResult<Self> {
                let number = i64::from_value(value)?;
                Self::try_from(number).map_err(|_| SqlError::column(stringify!($kind)))
            }
        }
    )*};
}

integers! { u8 u32 }

macro_rules! counts {
    ($($kind:ty)*) => {$(
        impl FromValue for $kind {
            fn from_value(value: SqlValue<'_>) -> SqlResult<Self> {
                let number = i64::from_value(value)?;
                Self::try_from(number).map_err(|_| SqlError::column(stringify!($kind)))
            }
        }
    )*};
}

counts! { u64 usize }

impl ToValue for i64 {
    fn value(&self) -> SqlValue<'_> {
        SqlValue::Integer(*self)
    }
}

impl FromValue for i64 {
    fn from_value(value: SqlValue<'_>) -> SqlResult<Self> {
        if let SqlValue::Integer(number) = value {
            Ok(number)
        } else {
            Err(SqlError::column("a whole number"))
        }
    }
}

impl ToValue for bool {
    fn value(&self) -> SqlValue<'_> {
        SqlValue::Integer(i64::from(*self))
    }
}

impl FromValue for bool {
    fn from_value(value: SqlValue<'_>) -> SqlResult<Self> {
        i64::from_value(value).map(|number| number != 0)
    }
}

impl ToValue for f64 {
    fn value(&self) -> SqlValue<'_> {
        SqlValue::Real(*self)
    }
}

impl FromValue for f64 {
    fn from_value(value: SqlValue<'_>) -> SqlResult<Self> {
        match value {
            SqlValue::Real(number) => Ok(number),
            SqlValue::Integer(number) => Ok(number as Self),
            _ => Err(SqlError::column("a number")),
        }
    }
}

impl ToValue for str {
    fn value(&self) -> SqlValue<'_> {
        SqlValue::Text(self)
    }
}

impl ToValue for String {
    fn value(&self) -> SqlValue<'_> {
        SqlValue::Text(self)
    }
}

impl FromValue for String {
    fn from_value(value: SqlValue<'_>) -> SqlResult<Self> {
        value.as_str().map(str::to_owned)
    }
}

impl ToValue for [u8] {
    fn value(&self) -> SqlValue<'_> {
        SqlValue::Blob(self)
    }
}

impl ToValue for Vec<u8> {
    fn value(&self) -> SqlValue<'_> {
        SqlValue::Blob(self)
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: SqlValue<'_>) -> SqlResult<Self> {
        value.as_blob().map(<[u8]>::to_vec)
    }
}

impl<const N: usize> ToValue for [u8; N] {
    fn value(&self) -> SqlValue<'_> {
        SqlValue::Blob(self)
    }
}

impl<const N: usize> FromValue for [u8; N] {
    fn from_value(value: SqlValue<'_>) -> SqlResult<Self> {
        value.as_blob()?.try_into().map_err(|_| SqlError::column("bytes of this length"))
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn value(&self) -> SqlValue<'_> {
        self.as_ref().map_or(SqlValue::Null, ToValue::value)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: SqlValue<'_>) -> SqlResult<Self> {
        if value == SqlValue::Null { Ok(None) } else { T::from_value(value).map(Some) }
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn value(&self) -> SqlValue<'_> {
        (**self).value()
    }
}
