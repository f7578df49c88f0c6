/*
 * subunit/child.h - report tests on stdout, as libsubunit has always done.
 *
 * The six functions of libsubunit 1.4.0, with the same names, types and output, and two more. A program
 * that was linked with the old library runs with this one and need not be rebuilt. New programs do
 * better with <subunit.h>, which has errors, attachments, tags, other outputs and a parser; both headers
 * may be included together.
 *
 * Protocol    Version 1, lines of text, unless the environment or the program asks for version 2:
 *               SUBUNIT_PROTOCOL=1 or 2   has the last word; anything else is 1, and a line on stderr
 *               SUBUNIT_OUTPUT=path       append to this file or FIFO in place of stdout
 *             Both are read at the first event, and not at all in a set-user-ID program. In version 2
 *             each event has a timestamp, details are an attachment ("traceback" or "reason") and names
 *             that are not UTF-8 are written with their bad bytes as \xe9. On a terminal, which would
 *             change packets, version 1 is spoken. Version 2 has no error apart from failure, and no
 *             event for progress.
 * Output      Each record of version 1 is one write(2), each packet of version 2 is one write(2) of at
 *             most 4096 bytes. stdout is flushed before, so that it stays in order with what the program
 *             prints; nothing is kept back. Names and details are not escaped in version 1.
 * Ownership   Strings are ended by NUL, read during the call and never kept.
 * Errors      None are reported: who wants to know uses <subunit.h>. errno is kept, and no function ends
 *             the process.
 * Threads     All functions may be called by any number of threads at once.
 * fork        Allowed at any moment; no lock is held over it.
 * Signals     No function is safe in a signal handler; subunit_event_encode() of <subunit.h> is.
 */
#ifndef SUBUNIT_CHILD_H
#define SUBUNIT_CHILD_H

#ifdef __cplusplus
extern "C" {
#endif

/* A test starts. name: which; not NULL. */
extern void subunit_test_start(char const *const name);

/* A test has passed. name: which; not NULL. */
extern void subunit_test_pass(char const *const name);

/* A test has failed. name: which; not NULL. error: why; NULL where nothing is known. */
extern void subunit_test_fail(char const *const name, char const *const error);

/* A test has ended in a way that nobody meant, such as a crash. name and error: as for a failure. */
extern void subunit_test_error(char const *const name, char const *const error);

/* A test was not run to its end, on purpose. name: which; not NULL. reason: why, or NULL. */
extern void subunit_test_skip(char const *const name, char const *const reason);

/* What subunit_progress() tells. */
enum subunit_progress_whence {
    SUBUNIT_PROGRESS_SET, /* there are offset tests in all */
    SUBUNIT_PROGRESS_CUR, /* there are offset tests more, or fewer if it is below 0 */
    SUBUNIT_PROGRESS_POP, /* back from a nested run; offset is not used */
    SUBUNIT_PROGRESS_PUSH /* into a nested run; offset is not used */
};

/* How many tests are to be expected. whence: one of the above, anything else gets a line on stderr.
 * offset: a number of tests. */
extern void subunit_progress(enum subunit_progress_whence whence, int offset);

/* The program's own choice of protocol, 1 or 2; anything else changes nothing. SUBUNIT_PROTOCOL in the
 * environment goes before it. Holds for all threads from the next event on. */
extern void subunit_set_protocol(int version);

/* The protocol that is spoken, 1 or 2, wherever stdout is no terminal. */
extern int subunit_get_protocol(void);

#ifdef __cplusplus
}
#endif
#endif /* SUBUNIT_CHILD_H */
