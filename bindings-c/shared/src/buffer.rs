//! Room for one packet: on the stack where it is of usual size.

use crate::PIPE_LIMIT;

/// There is no memory for a packet above the usual size.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NoMemory;

/// Lends `length` bytes of zeros to `body`: from the stack up to [`PIPE_LIMIT`], else from the heap.
///
/// # Errors
///
/// Where the heap has no such room; the process is not ended for it.
pub fn with_buffer<T>(length: usize, body: impl FnOnce(&mut [u8]) -> T) -> Result<T, NoMemory> {
    let mut stack = [0; PIPE_LIMIT];
    if let Some(room) = stack.get_mut(..length) {
        return Ok(body(room));
    }
    let mut heap = Vec::new();
    heap.try_reserve_exact(length).map_err(|_| NoMemory)?;
    heap.resize(length, 0);
    Ok(body(&mut heap))
}

/// Bytes written one after the other. Counts all of them, keeps what there is room for.
pub(crate) struct Cursor<'b> {
    room: &'b mut [u8],
    at: usize,
}

impl<'b> Cursor<'b> {
    pub(crate) fn new(room: &'b mut [u8]) -> Self {
        Self { room, at: 0 }
    }

    /// How many bytes were written, kept or not.
    pub(crate) fn count(&self) -> usize {
        self.at
    }

    #[inline]
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let end = self.at.saturating_add(bytes.len());
        if let Some(room) = self.room.get_mut(self.at..end) {
            room.copy_from_slice(bytes);
        }
        self.at = end;
    }

    /// What was kept, if that is all.
    pub(crate) fn written(&self) -> Option<&[u8]> {
        self.room.get(..self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_it_has_no_room_for() {
        let mut room = [0; 4];
        let mut cursor = Cursor::new(&mut room);
        cursor.push(b"abc");
        assert_eq!(cursor.written(), Some(&b"abc"[..]));
        cursor.push(b"de");
        assert_eq!((cursor.count(), cursor.written()), (5, None));
        assert_eq!(&room, b"abc\0");
    }

    #[test]
    fn room_without_end_is_refused_and_nothing_breaks() {
        assert_eq!(with_buffer(usize::MAX, |_| ()), Err(NoMemory));
        assert_eq!(with_buffer(10_000, |room| room.len()), Ok(10_000));
    }
}
