/*
 * subunit.h - write and read subunit: test results as a stream that survives crashes, noise and
 * parallel writers.
 *
 *     subunit_writer *writer;
 *     if (subunit_writer_open_default(NULL, &writer) == SUBUNIT_OK) {
 *         subunit_writer_start(writer, "parser.empty");
 *         subunit_writer_result(writer, "parser.empty", SUBUNIT_FAIL, "expected 0, got 1\n");
 *         if (subunit_writer_close(writer) != SUBUNIT_OK) return 1;
 *     }
 *
 * To read one (examples/read.c is the whole program):
 *
 *     subunit_item item = SUBUNIT_ITEM_INIT;
 *     while (!subunit_parser_ended(parser)) {
 *         if (subunit_parser_next(parser, &item) != SUBUNIT_OK) return 1;
 *         if (item.kind == SUBUNIT_ITEM_EVENT && item.event->status == SUBUNIT_FAIL) {
 *             printf("failed: %s\n", item.event->test_id ? item.event->test_id : "(no test id)");
 *         } else if (item.kind == SUBUNIT_ITEM_NONE) {
 *             ssize_t size = read(0, block, sizeof block);
 *             if (size > 0) subunit_parser_feed(parser, block, (size_t)size);
 *             else subunit_parser_finish(parser);
 *         }
 *     }
 *
 * Ownership   Handles are opaque. Each new or open has one free or close, where NULL is allowed. Strings
 *             and bytes passed in are read during the call and never kept; the options of a writer are
 *             copied. What is handed out lives as long as is said at the function; nothing that is
 *             handed out is to be freed.
 * Strings     UTF-8, ended by NUL. The protocol forbids NUL in strings, so nothing is lost by this.
 *             Contents of files are any bytes, with a length.
 * Units       Sizes, lengths and offsets are in bytes; times are seconds and nanoseconds since
 *             1970-01-01T00:00:00 UTC.
 * Errors      Functions that can fail return int: SUBUNIT_OK (0) or one of the SUBUNIT_E codes, all below
 *             0. subunit_strerror() names a code; a handle has a longer message. There are no
 *             globals. errno is kept, except where the two open functions say so. No function prints
 *             and none ends the process: a bug inside is caught and becomes SUBUNIT_E_INTERNAL.
 * Threads     Different handles are independent. A writer may be used by any number of threads at once:
 *             each packet is written whole. A parser is used by one thread at a time.
 * fork        At any moment, in any thread. A writer may go on in both processes: no lock is held across
 *             a call, and no bytes are kept back. Where both use it, both close it.
 * Signals     In a signal handler only subunit_event_encode() is safe (and write(2) for its packet).
 *             SIGPIPE is left as the program has it.
 * ABI         Structs that callers fill begin with struct_size, which the _INIT macros set. Fields are
 *             only ever added at the end, and zero always means "not set": old programs work with new
 *             libraries, and a new program that sets a field which an old library lacks gets
 *             SUBUNIT_E_VERSION. A struct_size that no struct has gets SUBUNIT_E_ARGUMENT.
 */
#ifndef SUBUNIT_H
#define SUBUNIT_H

#include <stddef.h>
#include <stdint.h>

/* The version of this header; subunit_version_number() is that of the library. */
#define SUBUNIT_VERSION_MAJOR 0
#define SUBUNIT_VERSION_MINOR 1
#define SUBUNIT_VERSION_PATCH 0
/* One number to compare: 0.1.0 is 1000, 1.2.3 is 1002003. */
#define SUBUNIT_VERSION_NUMBER \
    (SUBUNIT_VERSION_MAJOR * 1000000 + SUBUNIT_VERSION_MINOR * 1000 + SUBUNIT_VERSION_PATCH)

#if defined(__GNUC__)
#define SUBUNIT_API __attribute__((visibility("default")))
#define SUBUNIT_MUST_CHECK __attribute__((warn_unused_result))
#else
#define SUBUNIT_API
#define SUBUNIT_MUST_CHECK
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- version ------------------------------------------------------------------------------------ */

/* The version of the library that is loaded, as SUBUNIT_VERSION_NUMBER counts. */
SUBUNIT_API uint32_t subunit_version_number(void);

/* The same in words: "0.1.0". Lives for ever. */
SUBUNIT_API const char *subunit_version_string(void);

/* ---- errors ------------------------------------------------------------------------------------- */

#define SUBUNIT_OK 0
#define SUBUNIT_E_ARGUMENT (-1) /* a NULL, or a value out of range */
#define SUBUNIT_E_UTF8 (-2)     /* an id, tag, name, MIME type or route code is not UTF-8 */
#define SUBUNIT_E_TOO_BIG (-3)  /* a packet would pass 4194303 bytes, or the buffer is too small */
#define SUBUNIT_E_IO (-4)       /* writing or opening failed */
#define SUBUNIT_E_MEMORY (-5)   /* there is no memory */
#define SUBUNIT_E_STOPPED (-6)  /* a callback asked to stop */
#define SUBUNIT_E_VERSION (-7)  /* a field or a flag that this library does not know is set */
#define SUBUNIT_E_STATE (-8)    /* not now: the parser is finished, or in use by a callback's caller */
#define SUBUNIT_E_INTERNAL (-9) /* a bug in the library; its message is on stderr */

/* A fixed name in English for any code, known or not. Never NULL; lives for ever. */
SUBUNIT_API const char *subunit_strerror(int code);

/* ---- events ------------------------------------------------------------------------------------- */

/* What happened to a test. The values are those of the protocol. */
typedef enum subunit_status {
    SUBUNIT_NO_STATUS = 0,  /* the event has none */
    SUBUNIT_EXISTS = 1,     /* the test was listed, not run */
    SUBUNIT_INPROGRESS = 2, /* the test has started */
    SUBUNIT_SUCCESS = 3,    /* the test passed */
    SUBUNIT_UXSUCCESS = 4,  /* the test passed where a failure was expected */
    SUBUNIT_SKIP = 5,       /* the test was not run, on purpose */
    SUBUNIT_FAIL = 6,       /* the test failed */
    SUBUNIT_XFAIL = 7       /* the test failed, as was expected */
} subunit_status;

/* The word that all of subunit uses: "success", "xfail", ...; "" for no status and for what is none.
 * Never NULL; lives for ever. */
SUBUNIT_API const char *subunit_status_name(uint32_t status);

#define SUBUNIT_EV_TIME 0x1u         /* sec and nsec are set */
#define SUBUNIT_EV_EOF 0x2u          /* these are the last bytes of the file */
#define SUBUNIT_EV_NOT_RUNNABLE 0x4u /* the test cannot be asked to run on its own */

/* One thing that a stream reports: a test's status, a piece of a file, or both. The same struct for
 * writing and reading, so that a filter parses, changes and writes. All zeros but struct_size is an event
 * that says nothing. */
typedef struct subunit_event {
    size_t struct_size;      /* sizeof(subunit_event); SUBUNIT_EVENT_INIT sets it */
    uint32_t flags;          /* SUBUNIT_EV_* */
    uint32_t status;         /* a subunit_status */
    uint64_t sec;            /* with SUBUNIT_EV_TIME: seconds since 1970. To be written: below 2^32 */
    uint32_t nsec;           /* with SUBUNIT_EV_TIME: below 1000000000 */
    uint32_t reserved;       /* 0 */
    const char *test_id;     /* NULL: the event is about no test */
    const char *const *tags; /* tag_count strings. Of up to 512, one that is repeated is written once */
    size_t tag_count;        /* 0: none */
    const char *file_name;   /* NULL: no file */
    const void *file_bytes;  /* file_size bytes of content; NULL if there are none */
    size_t file_size;        /* in bytes */
    const char *mime_type;   /* of the content; NULL: not given. "" is written as not given */
    const char *route_code;  /* the multiplexers the event came through, "0/1"; NULL: not given */
} subunit_event;

#define SUBUNIT_EVENT_INIT \
    { sizeof(subunit_event), 0u, 0u, 0u, 0u, 0u, NULL, NULL, 0u, NULL, NULL, 0u, NULL, NULL }

/* Encode an event as one packet.
 *
 * event     what to say; not NULL
 * buf       room for capacity bytes; may be NULL if capacity is 0
 * size      gets the number of bytes that the packet has, also with SUBUNIT_E_TOO_BIG; 0 with any other
 *           error. Not NULL.
 * Returns   SUBUNIT_OK; SUBUNIT_E_TOO_BIG where the packet is longer than capacity, or than the protocol
 *           allows (*size is 0 then); SUBUNIT_E_ARGUMENT, _UTF8, _VERSION. After an error the bytes in
 *           buf are unspecified.
 *
 * Allocates nothing, locks nothing, reads no clock, keeps errno: safe in a signal handler. Takes less
 * than 2 KiB of stack. */
SUBUNIT_API SUBUNIT_MUST_CHECK int subunit_event_encode(const subunit_event *event, void *buf,
                                                        size_t capacity, size_t *size);

/* ---- writer ------------------------------------------------------------------------------------- */

typedef struct subunit_writer subunit_writer;

/* Takes all of the bytes, one packet a call, and returns 0; anything else is a failure and what
 * subunit_writer_os_error() then tells. bytes live until it returns. Called by the thread that writes
 * the event, so by several at once if the program does so. Must not close the writer, and must
 * not leave by longjmp or a C++ exception. */
typedef int (*subunit_write_fn)(void *user, const void *bytes, size_t size);

#define SUBUNIT_WR_NO_TIME 0x1u  /* add no time to events that have none */
#define SUBUNIT_WR_CLOSE_FD 0x2u /* subunit_writer_close() closes the descriptor of open_fd */

/* How to write. All zeros but struct_size is the default. */
typedef struct subunit_writer_options {
    size_t struct_size;      /* sizeof(subunit_writer_options) */
    uint32_t flags;          /* SUBUNIT_WR_* */
    uint32_t max_packet;     /* in bytes, at most 4194303. 0: 4096, so that a packet on a pipe is never
                              * mixed with another process's (PIPE_BUF of Linux). Content of files is
                              * split over as many packets as it needs; where the rest of an event leaves
                              * no room for 512 bytes of content, packets are longer */
    const char *route_code;  /* for events that have none; NULL: none */
    const char *const *tags; /* tag_count strings, added to every event that has a status */
    size_t tag_count;        /* 0: none */
} subunit_writer_options;

#define SUBUNIT_WRITER_OPTIONS_INIT { sizeof(subunit_writer_options), 0u, 0u, NULL, NULL, 0u }

/* The functions that open: options may be NULL; out must not be. On failure *out is NULL. A packet is
 * one write(2), at the end of the file where there is one (see each); interruptions, short writes and
 * non-blocking descriptors are handled, by waiting. Where the descriptor is that of C's stdout, stdout
 * is flushed before each packet, so that packets and what the program prints stay in order. */

/* Write to an open descriptor. For a file that several processes opened, open it with O_APPEND. Returns
 * SUBUNIT_E_IO if it is not open, with the reason in errno. */
SUBUNIT_API SUBUNIT_MUST_CHECK int subunit_writer_open_fd(
    int fd, const subunit_writer_options *options, subunit_writer **out);

/* Open a file or FIFO to append to, with O_APPEND and O_CLOEXEC; a file is made if there is none, and
 * opening a FIFO waits for its reader. Returns SUBUNIT_E_IO if it cannot be opened, with the reason in
 * errno. */
SUBUNIT_API SUBUNIT_MUST_CHECK int subunit_writer_open_path(
    const char *path, const subunit_writer_options *options, subunit_writer **out);

/* Give the packets to a function. user is passed on to it. */
SUBUNIT_API SUBUNIT_MUST_CHECK int subunit_writer_open_callback(
    subunit_write_fn write, void *user, const subunit_writer_options *options, subunit_writer **out);

/* Write where the environment says: SUBUNIT_OUTPUT=path as by open_path, else C's stdout, whatever
 * descriptor it has at each event. If that is a terminal, people read it: events are written as lines
 * of text (version 1 of the protocol), as a terminal would change packets. */
SUBUNIT_API SUBUNIT_MUST_CHECK int subunit_writer_open_default(
    const subunit_writer_options *options, subunit_writer **out);

/* The functions that write return SUBUNIT_OK, or SUBUNIT_E_ARGUMENT, _UTF8, _TOO_BIG, _VERSION before
 * anything is written, or SUBUNIT_E_IO or _MEMORY, with which a part may have been written. A failure
 * does not end the writer: the next event is tried again. */

/* Write one event: one packet, or several where file_bytes is too big for one. Then all of them have id,
 * route code and time; status, tags and SUBUNIT_EV_EOF are on the last. */
SUBUNIT_API int subunit_writer_event(subunit_writer *writer, const subunit_event *event);

/* A test exists, and was not run. test_id: not NULL. */
SUBUNIT_API int subunit_writer_exists(subunit_writer *writer, const char *test_id);

/* A test starts. test_id: not NULL. */
SUBUNIT_API int subunit_writer_start(subunit_writer *writer, const char *test_id);

/* A test ends, with any status that ends one. test_id: not NULL. text: what there is to say about it, or
 * NULL; it need not be UTF-8. It becomes the attachment "reason" of a skip and "traceback" of all else. */
SUBUNIT_API int subunit_writer_result(subunit_writer *writer, const char *test_id,
                                      subunit_status status, const char *text);

/* Attach a whole file to a test, or to the run if test_id is NULL. mime_type may be NULL; bytes may be
 * NULL if size is 0. */
SUBUNIT_API int subunit_writer_attach(subunit_writer *writer, const char *test_id,
                                      const char *file_name, const char *mime_type,
                                      const void *bytes, size_t size);

/* Write bytes as they are, in one write: a packet that a parser handed out, or text. */
SUBUNIT_API int subunit_writer_bytes(subunit_writer *writer, const void *bytes, size_t size);

/* What the last failure of any thread was, in words; "" if there was none. Never NULL; lives for ever. */
SUBUNIT_API const char *subunit_writer_message(const subunit_writer *writer);

/* errno of the last SUBUNIT_E_IO, or what the callback returned; 0 if there was none. */
SUBUNIT_API int subunit_writer_os_error(const subunit_writer *writer);

/* Close the writer, and the descriptor if it is the writer's. Returns the code of the first failure in
 * the writer's life, closing included: one check at the end is enough. NULL: does nothing, returns
 * SUBUNIT_OK. The handle is gone, whatever is returned; no thread may be using it. */
SUBUNIT_API int subunit_writer_close(subunit_writer *writer);

/* ---- parser ------------------------------------------------------------------------------------- */

typedef struct subunit_parser subunit_parser;

/* What a stream is made of. The bytes of all items, joined, are the stream: nothing vanishes. */
typedef enum subunit_item_kind {
    SUBUNIT_ITEM_NONE = 0,  /* it takes more bytes to tell; or after finish: the end, see
                             * subunit_parser_ended() */
    SUBUNIT_ITEM_EVENT = 1, /* a whole packet */
    SUBUNIT_ITEM_TEXT = 2,  /* bytes that belong to no packet, cut anywhere */
    SUBUNIT_ITEM_DAMAGE = 3 /* a place where a packet began and none could be read */
} subunit_item_kind;

/* Why a place is damaged. */
typedef enum subunit_damage {
    SUBUNIT_DAMAGE_NONE = 0,
    SUBUNIT_DAMAGE_CHECKSUM = 1,  /* the checksum is not that of the bytes */
    SUBUNIT_DAMAGE_LENGTH = 2,    /* a length that no packet can have */
    SUBUNIT_DAMAGE_VERSION = 3,   /* not version 2 */
    SUBUNIT_DAMAGE_OVERRUN = 4,   /* a field runs past the packet's end */
    SUBUNIT_DAMAGE_STRING = 5,    /* a string is not UTF-8, or holds a NUL */
    SUBUNIT_DAMAGE_TRUNCATED = 6, /* the stream ended inside the packet */
    SUBUNIT_DAMAGE_OTHER = 7
} subunit_damage;

/* One piece of a stream. All that it points to lives until the next call with the same parser. */
typedef struct subunit_item {
    size_t struct_size;         /* sizeof(subunit_item), set by the caller of subunit_parser_next() */
    uint32_t kind;              /* a subunit_item_kind */
    uint32_t damage;            /* a subunit_damage */
    uint64_t offset;            /* of the first byte, in bytes from the start of the stream */
    const void *bytes;          /* as they stood in the stream */
    size_t size;                /* in bytes */
    const subunit_event *event; /* what the packet says; NULL for other kinds */
    const char *message;        /* what is wrong and where, in words; NULL for other kinds */
} subunit_item;

#define SUBUNIT_ITEM_INIT { sizeof(subunit_item), 0u, 0u, 0u, NULL, 0u, NULL, NULL }

/* Make a parser that stands at the start of a stream. out: not NULL; on failure *out is NULL. */
SUBUNIT_API SUBUNIT_MUST_CHECK int subunit_parser_new(subunit_parser **out);

/* Give it the next bytes of the stream, cut anywhere: the items are the same. They are copied; take the
 * items before more is fed, as a parser holds what was fed and not taken. bytes may be NULL if size is
 * 0. Returns SUBUNIT_E_STATE after finish, SUBUNIT_E_MEMORY (nothing was fed) for more than there is
 * room for; pieces of 64 KiB are a good size. */
SUBUNIT_API int subunit_parser_feed(subunit_parser *parser, const void *bytes, size_t size);

/* The stream has ended: what is not whole by now never will be. Take the items once more after it. */
SUBUNIT_API int subunit_parser_finish(subunit_parser *parser);

/* The stream is live and has fallen silent: if it did so within a packet that holds an intact packet,
 * the outer one is given up. For drivers of live streams, after about a second. */
SUBUNIT_API int subunit_parser_settle(subunit_parser *parser);

/* Take the next item. item: not NULL, with struct_size set. Returns SUBUNIT_OK with SUBUNIT_ITEM_NONE
 * where there is none. Damage is data and no error. */
SUBUNIT_API int subunit_parser_next(subunit_parser *parser, subunit_item *item);

/* Whether the stream has come to its end: 1 once subunit_parser_finish() was called and the items after it were
 * taken, up to SUBUNIT_ITEM_NONE; 0 before. 1 for NULL, so that a loop ends. */
SUBUNIT_API int subunit_parser_ended(const subunit_parser *parser);

/* What to call for each kind of item; NULL: those are left out. Returns 0 to go on, anything else to
 * stop. The parser must not be used inside, and a callback must not leave by longjmp or a C++ exception. */
typedef struct subunit_callbacks {
    size_t struct_size; /* sizeof(subunit_callbacks) */
    int (*event)(void *user, const subunit_item *item);
    int (*text)(void *user, const subunit_item *item);
    int (*damage)(void *user, const subunit_item *item);
} subunit_callbacks;

#define SUBUNIT_CALLBACKS_INIT { sizeof(subunit_callbacks), NULL, NULL, NULL }

/* Take all items that there are, by callbacks; user is passed on to them. Returns SUBUNIT_OK when there
 * are no more, SUBUNIT_E_STOPPED when a callback asked to stop: that item is taken, the rest is there. */
SUBUNIT_API int subunit_parser_each(subunit_parser *parser, const subunit_callbacks *callbacks,
                                    void *user);

/* What the last failure was, in words; "" if there was none. Never NULL; lives for ever. */
SUBUNIT_API const char *subunit_parser_message(const subunit_parser *parser);

/* Free the parser. NULL is allowed. Inside its own callbacks nothing is freed. */
SUBUNIT_API void subunit_parser_free(subunit_parser *parser);

#ifdef __cplusplus
}
#endif
#endif /* SUBUNIT_H */
