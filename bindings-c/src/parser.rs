//! `subunit_parser`: bytes in, items out, by pull or by callbacks.

use std::{
    cell::RefCell,
    ffi::{c_char, c_int, c_void},
    ptr,
};

use subunit_c_shared::guard;
use subunit_core::{Decoder, Item, MAX_LENGTH, PacketErrorKind};

use crate::{
    error::{Code, Failure, Log},
    event::{self, CEvent},
    handle::{allocate, free, sized},
    scratch::Scratch,
};

/// `subunit_item`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CItem {
    pub(crate) struct_size: usize,
    pub(crate) kind: u32,
    pub(crate) damage: u32,
    pub(crate) offset: u64,
    pub(crate) bytes: *const c_void,
    pub(crate) size: usize,
    pub(crate) event: *const CEvent,
    pub(crate) message: *const c_char,
}

const NONE: u32 = 0;
const EVENT: u32 = 1;
const TEXT: u32 = 2;
const DAMAGE: u32 = 3;

type Callback = unsafe extern "C" fn(*mut c_void, *const CItem) -> c_int;

/// `subunit_callbacks`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CCallbacks {
    pub(crate) struct_size: usize,
    pub(crate) event: Option<Callback>,
    pub(crate) text: Option<Callback>,
    pub(crate) damage: Option<Callback>,
}

/// `subunit_parser`. It is borrowed while it calls back, so that a callback which calls it finds that out.
struct Parser {
    state: RefCell<State>,
    log: Log,
}

struct State {
    decoder: Decoder,
    finished: bool,
    /// Whether all items were taken after it was finished.
    ended: bool,
    scratch: Scratch,
}

/// So many bytes fed at once may be more than there is memory for.
const MUCH: usize = 1 << 20;

impl State {
    fn feed(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.finished {
            return Err(Failure::new(Code::State, c"the parser is finished"));
        }
        // The decoder's buffer grows without asking, so ask for as much as it may take.
        if bytes.len() > MUCH {
            let room = bytes.len().saturating_mul(2).saturating_add(MAX_LENGTH);
            Vec::<u8>::new().try_reserve_exact(room).map_err(|_| Failure::NO_MEMORY)?;
        }
        self.decoder.feed(bytes);
        Ok(())
    }

    fn finish(&mut self) {
        self.finished = true;
        self.decoder.finish();
    }

    /// The next item. What it points to stays until `self` is changed.
    fn next(&mut self) -> Result<CItem, Failure> {
        let mut item = CItem {
            struct_size: size_of::<CItem>(),
            kind: NONE,
            damage: 0,
            offset: self.decoder.offset(),
            bytes: ptr::null(),
            size: 0,
            event: ptr::null(),
            message: ptr::null(),
        };
        let Some(next) = self.decoder.next_item() else {
            self.ended = self.finished;
            return Ok(item);
        };
        item.bytes = next.bytes().as_ptr().cast();
        item.size = next.bytes().len();
        match next {
            Item::Packet(packet) => {
                item.kind = EVENT;
                item.event = self.scratch.event(packet.event())?;
            }
            Item::Text(_) => item.kind = TEXT,
            Item::Damage(damage) => {
                item.kind = DAMAGE;
                item.offset = damage.offset;
                item.damage = kind_of(damage.reason.kind);
                item.message = self.scratch.message(damage.reason);
            }
        }
        if item.kind == EVENT {
            // Some of its bytes may have been let go as text before.
            item.offset = self.decoder.packet_end() - item.size as u64;
        }
        Ok(item)
    }

    /// Calls back for every item there is.
    fn each(&mut self, callbacks: CCallbacks, user: *mut c_void) -> Result<(), Failure> {
        loop {
            let item = self.next()?;
            let callback = match item.kind {
                EVENT => callbacks.event,
                TEXT => callbacks.text,
                DAMAGE => callbacks.damage,
                _ => return Ok(()),
            };
            let Some(callback) = callback else { continue };
            // SAFETY: the header asks for functions that take these; the item and what it points to stay
            // as they are until the call is over, as nobody else can use the parser.
            if unsafe { callback(user, &raw const item) } != 0 {
                return Err(Failure::new(Code::Stopped, c"a callback asked to stop"));
            }
        }
    }
}

/// `subunit_damage`.
fn kind_of(reason: PacketErrorKind) -> u32 {
    match reason {
        PacketErrorKind::Checksum { .. } => 1,
        PacketErrorKind::Length => 2,
        PacketErrorKind::Version(_) | PacketErrorKind::Reserved => 3,
        PacketErrorKind::Overrun(_) => 4,
        PacketErrorKind::NotUtf8(_) | PacketErrorKind::Nul(_) => 5,
        PacketErrorKind::Truncated => 6,
        _ => 7,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_parser_new(out: *mut *mut Parser) -> c_int {
    guard(Code::Internal as c_int, || {
        if out.is_null() || !out.is_aligned() {
            return Code::Argument as c_int;
        }
        let state = State {
            decoder: Decoder::new(),
            finished: false,
            ended: false,
            scratch: Scratch::new(),
        };
        let parser = allocate(Parser { state: RefCell::new(state), log: Log::new() });
        // SAFETY: not NULL and aligned; the header asks for room for one pointer.
        unsafe { out.write(parser.unwrap_or(ptr::null_mut())) };
        parser.map_or_else(|failure| failure.code, |_| Code::Ok) as c_int
    })
}

/// What a function with a parser does: `body` gets its state, and its failure is noted.
///
/// # Safety
///
/// `parser` is NULL, or a parser that no other thread is using.
unsafe fn with_parser(
    parser: *const Parser,
    body: impl FnOnce(&mut State) -> Result<(), Failure>,
) -> c_int {
    // SAFETY: the caller's promise.
    let Some(parser) = (unsafe { parser.as_ref() }) else { return Code::Argument as c_int };
    let result = guard(Err(Failure::INTERNAL), || match parser.state.try_borrow_mut() {
        Ok(mut state) => body(&mut state),
        Err(_) => Err(Failure::new(Code::State, c"the parser is used inside its own callback")),
    });
    parser.log.note(result)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_parser_feed(
    parser: *mut Parser,
    bytes: *const c_void,
    size: usize,
) -> c_int {
    // SAFETY: the header asks for a parser that this thread may use, and `size` bytes.
    unsafe { with_parser(parser, |state| state.feed(event::bytes(bytes, size)?)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_parser_finish(parser: *mut Parser) -> c_int {
    let body = |state: &mut State| {
        state.finish();
        Ok(())
    };
    // SAFETY: the header asks for a parser that this thread may use.
    unsafe { with_parser(parser, body) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_parser_settle(parser: *mut Parser) -> c_int {
    let body = |state: &mut State| {
        state.decoder.settle();
        state.decoder.give_up();
        Ok(())
    };
    // SAFETY: the header asks for a parser that this thread may use.
    unsafe { with_parser(parser, body) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_parser_next(parser: *mut Parser, item: *mut CItem) -> c_int {
    let body = |state: &mut State| {
        // SAFETY: the header asks for an item whose size is set.
        let asked = unsafe { sized(item.cast_const()) };
        match asked {
            // What a newer program left in fields of its own does not matter: they are not read.
            Err(failure) if failure.code != Code::Version => return Err(failure),
            _ => {}
        }
        // SAFETY: `sized` found it to be there and aligned, and as big or bigger.
        let item = unsafe { &mut *item };
        let struct_size = item.struct_size;
        *item = CItem { struct_size, ..state.next()? };
        Ok(())
    };
    // SAFETY: the header asks for a parser that this thread may use.
    unsafe { with_parser(parser, body) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_parser_ended(parser: *const Parser) -> c_int {
    guard(1, || {
        // SAFETY: the header asks for a parser that this thread may use, or NULL.
        let Some(parser) = (unsafe { parser.as_ref() }) else { return 1 };
        // While it calls back there are items.
        parser.state.try_borrow().map_or(0, |state| c_int::from(state.ended))
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_parser_each(
    parser: *mut Parser,
    callbacks: *const CCallbacks,
    user: *mut c_void,
) -> c_int {
    // SAFETY: the header asks for a parser that this thread may use, and for callbacks.
    unsafe { with_parser(parser, |state| state.each(sized(callbacks)?, user)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_parser_message(parser: *const Parser) -> *const c_char {
    // SAFETY: the header asks for a parser, or NULL.
    match unsafe { parser.as_ref() } {
        Some(parser) => parser.log.message(),
        None => c"the parser is NULL".as_ptr(),
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn subunit_parser_free(parser: *mut Parser) {
    guard((), || {
        // SAFETY: the header asks for a parser, or NULL.
        let Some(open) = (unsafe { parser.as_ref() }) else { return };
        if open.state.try_borrow_mut().is_err() {
            return; // inside its own callback
        }
        // SAFETY: `subunit_parser_new` allocated it, and the header says that nobody uses it any more.
        unsafe { free(parser) };
    });
}
