//! Strings of C that were checked once and are read again later.

use std::{
    ffi::{CStr, c_char},
    marker::PhantomData,
    ptr::NonNull,
};

/// A string ended by NUL that was found to be UTF-8. In memory it is one pointer, so that an array of
/// C strings can be looked at as a slice of these.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct CText<'a> {
    start: NonNull<c_char>,
    lives: PhantomData<&'a CStr>,
}

impl<'a> CText<'a> {
    /// The bytes before the NUL.
    #[inline]
    pub fn bytes(self) -> &'a [u8] {
        // SAFETY: who makes a `CText` (see `slice_from_raw`) promises that the string is ended by NUL
        // and lives and does not change for 'a.
        unsafe { CStr::from_ptr(self.start.as_ptr()) }.to_bytes()
    }

    /// Looks at `count` pointers to strings; `None` where one of them is NULL or not UTF-8.
    ///
    /// # Safety
    ///
    /// `first` points to `count` pointers, of which each is NULL or points to a string ended by NUL;
    /// all of it lives and does not change for `'a`. Where `count` is 0, `first` may be anything.
    pub unsafe fn slice_from_raw(first: *const *const c_char, count: usize) -> Option<&'a [Self]> {
        if count == 0 {
            return Some(&[]);
        }
        if first.is_null()
            || !first.is_aligned()
            || count > isize::MAX as usize / size_of::<*const c_char>()
        {
            return None;
        }
        // SAFETY: the caller's promise about `first` and `count`; neither is out of range.
        let pointers = unsafe { std::slice::from_raw_parts(first, count) };
        for pointer in pointers {
            if pointer.is_null() {
                return None;
            }
            // SAFETY: the caller's promise: not NULL, so a string ended by NUL.
            unsafe { CStr::from_ptr(*pointer) }.to_str().ok()?;
        }
        // SAFETY: `CText` is a transparent wrapper of a pointer that is not NULL, which was just checked
        // of every element; the slice's own bounds are those of `pointers`.
        Some(unsafe { std::slice::from_raw_parts(first.cast::<Self>(), count) })
    }
}
