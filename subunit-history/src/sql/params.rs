//! The values of a statement: tuples, arrays, or a list of references.

use super::{SqlValue, ToValue};

/// The values of a statement, in the order of their places.
pub trait Params {
    /// Hands them out, all at once.
    fn with<T>(&self, take: impl FnOnce(&[SqlValue<'_>]) -> T) -> T;
}

impl Params for [&dyn ToValue; 0] {
    fn with<T>(&self, take: impl FnOnce(&[SqlValue<'_>]) -> T) -> T {
        take(&[])
    }
}

macro_rules! arrays {
    ($($length:literal)*) => {$(
        impl<V: ToValue> Params for [V; $length] {
            fn with<T>(&self, take: impl FnOnce(&[SqlValue<'_>]) -> T) -> T {
                take(&self.each_ref().map(ToValue::value))
            }
        }
    )*};
}

arrays! { 1 2 3 4 }

impl Params for &[&dyn ToValue] {
    fn with<T>(&self, take: impl FnOnce(&[SqlValue<'_>]) -> T) -> T {
        take(&self.iter().map(|value| value.value()).collect::<Vec<_>>())
    }
}

macro_rules! tuples {
    ($(($($kind:ident)*))*) => {$(
        impl<$($kind: ToValue),*> Params for ($($kind,)*) {
            #[allow(non_snake_case, reason = "one name for the kind and the value")]
            fn with<T>(&self, take: impl FnOnce(&[SqlValue<'_>]) -> T) -> T {
                let ($($kind,)*) = self;
                take(&[$($kind.value()),*])
            }
        }
    )*};
}

tuples! { (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) }

/// Values of many kinds as one list.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$(&$value as &dyn $crate::sql::ToValue),*][..] };
}

pub(crate) use params;
