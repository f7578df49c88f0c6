//! Handles and structs that cross the border.

use std::ptr;

use crate::error::{Code, Failure};

/// Puts a value on the heap; failing, not aborting, where there is no room.
pub(crate) fn allocate<T>(value: T) -> Result<*mut T, Failure> {
    let mut room = Vec::new();
    room.try_reserve_exact(1).map_err(|_| Failure::NO_MEMORY)?;
    room.push(value);
    Ok(Box::into_raw(room.into_boxed_slice()).cast())
}

/// Takes back what [`allocate`] gave.
///
/// # Safety
///
/// `handle` came from `allocate`, once, and nobody uses it any more.
pub(crate) unsafe fn free<T>(handle: *mut T) {
    // SAFETY: the caller's promise; `allocate` made a slice of one.
    drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(handle, 1)) });
}

/// Copies a struct that begins with its size.
///
/// # Safety
///
/// `pointer` is NULL, or points to a size that is that of the memory there, of which the part that `T`
/// has is a `T`.
pub(crate) unsafe fn sized<T: Copy>(pointer: *const T) -> Result<T, Failure> {
    /// No struct of any version is bigger.
    const LARGEST: usize = 4096;
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(Failure::argument(c"a struct is NULL or not aligned"));
    }
    // SAFETY: the caller's promise: the struct begins with its size.
    let size = unsafe { pointer.cast::<usize>().read() };
    if size < size_of::<T>() || size > LARGEST {
        return Err(Failure::argument(c"struct_size is that of no struct; use the _INIT macro"));
    }
    // SAFETY: the caller's promise: so many bytes are there. Bytes can be read whatever they mean;
    // what a newer version has behind our fields is not padding of ours.
    let newer = unsafe {
        std::slice::from_raw_parts(pointer.cast::<u8>().add(size_of::<T>()), size - size_of::<T>())
    };
    if newer.iter().any(|byte| *byte != 0) {
        return Err(Failure::new(Code::Version, c"a field that this library does not know is set"));
    }
    // SAFETY: the caller's promise; the size is enough and the pointer is aligned.
    Ok(unsafe { pointer.read() })
}
