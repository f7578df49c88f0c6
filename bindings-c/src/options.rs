//! `subunit_writer_options`, and what a writer keeps of them.

use std::ffi::c_char;

use subunit_c_shared::{CText, PIPE_LIMIT};
use subunit_core::MAX_LENGTH;

use crate::{
    error::{Code, Failure},
    event::{string, tags},
    handle::sized,
};

const NO_TIME: u32 = 1;
const CLOSE_FD: u32 = 2;

/// `subunit_writer_options`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct COptions {
    pub(crate) struct_size: usize,
    pub(crate) flags: u32,
    pub(crate) max_packet: u32,
    pub(crate) route_code: *const c_char,
    pub(crate) tags: *const *const c_char,
    pub(crate) tag_count: usize,
}

/// The options, copied.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) add_time: bool,
    pub(crate) close_descriptor: bool,
    /// The longest packet, in bytes.
    pub(crate) limit: usize,
    pub(crate) route_code: Option<String>,
    pub(crate) tags: OwnTags,
}

impl Options {
    /// Reads and copies the options of the caller; NULL is the default.
    ///
    /// # Safety
    ///
    /// `options` is NULL or as the header says.
    pub(crate) unsafe fn read(options: *const COptions) -> Result<Self, Failure> {
        if options.is_null() {
            return Ok(Self {
                add_time: true,
                close_descriptor: false,
                limit: PIPE_LIMIT,
                route_code: None,
                tags: OwnTags::default(),
            });
        }
        // SAFETY: the caller's promise.
        let options = unsafe { sized(options) }?;
        if options.flags & !(NO_TIME | CLOSE_FD) != 0 {
            return Err(Failure::new(Code::Version, c"a flag that this library does not know"));
        }
        let limit = match options.max_packet as usize {
            0 => PIPE_LIMIT,
            limit if limit > MAX_LENGTH => {
                return Err(Failure::argument(c"max_packet is more than the protocol allows"));
            }
            limit => limit,
        };
        // SAFETY: the caller's promise.
        let route_code = unsafe { string(options.route_code, c"the route code is not UTF-8") }?;
        // SAFETY: the caller's promise.
        let tags = unsafe { tags(options.tags, options.tag_count) }?;
        Ok(Self {
            add_time: options.flags & NO_TIME == 0,
            close_descriptor: options.flags & CLOSE_FD != 0,
            limit,
            route_code: route_code.map(copy).transpose()?,
            tags: OwnTags::copy(tags)?,
        })
    }
}

fn copy(string: &str) -> Result<String, Failure> {
    let mut copy = String::new();
    copy.try_reserve_exact(string.len()).map_err(|_| Failure::NO_MEMORY)?;
    copy.push_str(string);
    Ok(copy)
}

/// Tags that a writer owns, in the form that the encoder takes.
#[derive(Debug, Default)]
pub(crate) struct OwnTags {
    pointers: Vec<*const c_char>,
    /// What the pointers point into; never touched after they were made.
    _strings: Vec<u8>,
}

impl OwnTags {
    fn copy(tags: &[CText<'_>]) -> Result<Self, Failure> {
        let total = tags.iter().map(|tag| tag.bytes().len() + 1).sum();
        let mut strings: Vec<u8> = Vec::new();
        strings.try_reserve_exact(total).map_err(|_| Failure::NO_MEMORY)?;
        let mut pointers = Vec::new();
        pointers.try_reserve_exact(tags.len()).map_err(|_| Failure::NO_MEMORY)?;
        for tag in tags {
            strings.extend_from_slice(tag.bytes());
            strings.push(0);
        }
        let mut next = strings.as_ptr();
        for tag in tags {
            pointers.push(next.cast());
            next = next.wrapping_add(tag.bytes().len() + 1);
        }
        Ok(Self { pointers, _strings: strings })
    }

    pub(crate) fn as_texts(&self) -> &[CText<'_>] {
        // SAFETY: the pointers were made in `copy`, each to a string ended by NUL in `_strings`, which
        // lives as long as `self` and does not change.
        unsafe { CText::slice_from_raw(self.pointers.as_ptr(), self.pointers.len()) }
            .unwrap_or_default()
    }
}
