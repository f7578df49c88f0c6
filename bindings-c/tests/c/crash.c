/* A test crashes, and its own SIGSEGV handler reports it: with no memory to be had, as a crash may have come
 * from inside malloc, and with a lock of stdout held. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <subunit.h>
#include <unistd.h>

static volatile int crashed;

/* Every allocation after the crash ends the process: the encoder must make none. */
void *__libc_malloc(size_t size);
void *malloc(size_t size)
{
    if (crashed) _exit(99);
    return __libc_malloc(size);
}

static void handler(int number)
{
    static unsigned char packet[4096];
    static const char text[] = "caught signal: segmentation fault\n";
    subunit_event event = SUBUNIT_EVENT_INIT;
    size_t size;
    crashed = 1;
    event.status = SUBUNIT_FAIL;
    event.test_id = "crash.segv";
    event.flags = SUBUNIT_EV_EOF;
    event.file_name = "traceback";
    event.mime_type = "text/plain;charset=utf8";
    event.file_bytes = text;
    event.file_size = sizeof text - 1;
    if (subunit_event_encode(&event, packet, sizeof packet, &size) != SUBUNIT_OK) _exit(98);
    if (write(1, packet, size) != (ssize_t)size) _exit(97);
    _exit(number == SIGSEGV ? 0 : 96);
}

int main(void)
{
    subunit_writer *writer;
    signal(SIGSEGV, handler);
    if (subunit_writer_open_fd(1, NULL, &writer)) return 2;
    if (subunit_writer_start(writer, "crash.segv")) return 2;
    flockfile(stdout);
    *(volatile int *)(size_t)(getpid() > 0 ? 0 : 1) = 1;
    return 1;
}
