/* The writer and the encoder: what they write, and what they answer to bad input. */
#include "expect.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <subunit.h>
#include <sys/wait.h>
#include <unistd.h>

struct bytes {
    unsigned char data[300000];
    size_t size;
    int calls, fail_with;
};
static struct bytes got;

static int keep(void *user, const void *bytes, size_t size)
{
    struct bytes *to = user;
    to->calls++;
    if (to->fail_with) return to->fail_with;
    if (size > sizeof to->data - to->size) return -1;
    memcpy(to->data + to->size, bytes, size);
    to->size += size;
    return 0;
}

static subunit_writer *open_keep(const subunit_writer_options *options)
{
    subunit_writer *writer = NULL;
    memset(&got, 0, sizeof got);
    EXPECT(subunit_writer_open_callback(keep, &got, options, &writer) == SUBUNIT_OK);
    return writer;
}

/* "foo exists": a packet of the protocol's own examples. */
static const unsigned char foo[] = {0xb3, 0x29, 0x01, 0x0c, 0x03, 'f', 'o', 'o', 0x08, 0x55, 0x5f, 0x1b};

static void encodes(void)
{
    subunit_event event = SUBUNIT_EVENT_INIT;
    unsigned char buf[64];
    size_t size = 99;
    event.status = SUBUNIT_EXISTS;
    event.test_id = "foo";
    EXPECT(subunit_event_encode(&event, buf, sizeof buf, &size) == SUBUNIT_OK);
    EXPECT(size == sizeof foo && memcmp(buf, foo, size) == 0);
    EXPECT(subunit_event_encode(&event, NULL, 0, &size) == SUBUNIT_E_TOO_BIG && size == sizeof foo);
    memset(buf, 0x5a, sizeof buf);
    EXPECT(subunit_event_encode(&event, buf, sizeof foo - 1, &size) == SUBUNIT_E_TOO_BIG);
    EXPECT(buf[sizeof foo - 1] == 0x5a);
    EXPECT(subunit_event_encode(&event, buf, sizeof foo, &size) == SUBUNIT_OK);
    EXPECT(subunit_event_encode(NULL, buf, sizeof buf, &size) == SUBUNIT_E_ARGUMENT && size == 0);
    EXPECT(subunit_event_encode(&event, buf, sizeof buf, NULL) == SUBUNIT_E_ARGUMENT);
}

static void refuses_bad_events(void)
{
    const char *tags[2] = {"good", NULL};
    unsigned char buf[64];
    size_t size;
    char *newer;
    subunit_event bad, good = SUBUNIT_EVENT_INIT;
    good.test_id = "t";
#define REFUSED(change, code)                                              \
    bad = good;                                                            \
    change;                                                                \
    EXPECT(subunit_event_encode(&bad, buf, sizeof buf, &size) == (code) && size == 0)
    REFUSED(bad.struct_size = 0, SUBUNIT_E_ARGUMENT);
    REFUSED(bad.struct_size = sizeof bad - 1, SUBUNIT_E_ARGUMENT);
    REFUSED(bad.struct_size = (size_t)-1, SUBUNIT_E_ARGUMENT);
    REFUSED(bad.status = 8, SUBUNIT_E_ARGUMENT);
    REFUSED(bad.flags = 0x80, SUBUNIT_E_VERSION);
    REFUSED(bad.reserved = 1, SUBUNIT_E_VERSION);
    REFUSED(bad.test_id = "\xff", SUBUNIT_E_UTF8);
    REFUSED(bad.route_code = "\xc3", SUBUNIT_E_UTF8);
    REFUSED(bad.mime_type = "\xed\xa0\x80", SUBUNIT_E_UTF8);
    REFUSED((bad.file_name = "\xc0\x80"), SUBUNIT_E_UTF8);
    REFUSED((bad.tags = tags, bad.tag_count = 2), SUBUNIT_E_UTF8);
    REFUSED((bad.tags = NULL, bad.tag_count = 2), SUBUNIT_E_UTF8);
    REFUSED((bad.tags = tags, bad.tag_count = (size_t)-1), SUBUNIT_E_UTF8);
    REFUSED((bad.file_bytes = "x", bad.file_size = 1), SUBUNIT_E_ARGUMENT);
    REFUSED((bad.file_name = "f", bad.file_size = 1), SUBUNIT_E_ARGUMENT);
    REFUSED((bad.file_name = "f", bad.file_bytes = "x", bad.file_size = (size_t)-1), SUBUNIT_E_ARGUMENT);
    REFUSED((bad.file_name = "f", bad.file_bytes = buf, bad.file_size = 5000000, bad.file_bytes = calloc(1, 5000000)),
            SUBUNIT_E_TOO_BIG);
    free((void *)(size_t)bad.file_bytes);
    REFUSED((bad.flags = SUBUNIT_EV_TIME, bad.nsec = 1000000000u), SUBUNIT_E_ARGUMENT);
    REFUSED((bad.flags = SUBUNIT_EV_TIME, bad.sec = (uint64_t)1 << 32), SUBUNIT_E_ARGUMENT);
    EXPECT(subunit_event_encode((subunit_event *)(void *)((char *)&bad + 1), buf, 1, &size)
           == SUBUNIT_E_ARGUMENT);

    /* A newer program: its new field is refused only if it is set. */
    newer = calloc(1, sizeof good + 16);
    memcpy(newer, &good, sizeof good);
    ((subunit_event *)(void *)newer)->struct_size = sizeof good + 16;
    EXPECT(subunit_event_encode((subunit_event *)(void *)newer, buf, sizeof buf, &size) == SUBUNIT_OK);
    newer[sizeof good + 15] = 1;
    EXPECT(subunit_event_encode((subunit_event *)(void *)newer, buf, sizeof buf, &size) == SUBUNIT_E_VERSION);
    free(newer);
}

static void refuses_bad_calls(void)
{
    subunit_writer_options options = SUBUNIT_WRITER_OPTIONS_INIT;
    subunit_writer *writer = (subunit_writer *)&options;
    EXPECT(subunit_writer_open_callback(NULL, NULL, NULL, &writer) == SUBUNIT_E_ARGUMENT && !writer);
    EXPECT(subunit_writer_open_fd(1, NULL, NULL) == SUBUNIT_E_ARGUMENT);
    EXPECT(subunit_writer_open_fd(-1, NULL, &writer) == SUBUNIT_E_ARGUMENT && !writer);
    errno = 0;
    EXPECT(subunit_writer_open_fd(1000, NULL, &writer) == SUBUNIT_E_IO && errno == EBADF);
    EXPECT(subunit_writer_open_path(NULL, NULL, &writer) == SUBUNIT_E_ARGUMENT);
    EXPECT(subunit_writer_open_path("/nonexistent/file", NULL, &writer) == SUBUNIT_E_IO && errno == ENOENT);
    options.max_packet = 4194304;
    EXPECT(subunit_writer_open_fd(1, &options, &writer) == SUBUNIT_E_ARGUMENT && !writer);
    options.max_packet = 0;
    options.flags = 0x40;
    EXPECT(subunit_writer_open_fd(1, &options, &writer) == SUBUNIT_E_VERSION && !writer);
    options.flags = 0;
    options.route_code = "\xff";
    EXPECT(subunit_writer_open_fd(1, &options, &writer) == SUBUNIT_E_UTF8 && !writer);
    options.struct_size = 3;
    EXPECT(subunit_writer_open_fd(1, &options, &writer) == SUBUNIT_E_ARGUMENT && !writer);

    EXPECT(subunit_writer_start(NULL, "t") == SUBUNIT_E_ARGUMENT);
    EXPECT(subunit_writer_event(NULL, NULL) == SUBUNIT_E_ARGUMENT);
    EXPECT(subunit_writer_close(NULL) == SUBUNIT_OK);
    EXPECT(subunit_writer_os_error(NULL) == 0 && *subunit_writer_message(NULL));

    writer = open_keep(NULL);
    EXPECT(strcmp(subunit_writer_message(writer), "") == 0);
    EXPECT(subunit_writer_event(writer, NULL) == SUBUNIT_E_ARGUMENT);
    EXPECT(subunit_writer_start(writer, NULL) == SUBUNIT_E_ARGUMENT);
    EXPECT(strcmp(subunit_writer_message(writer), "the test id is NULL") == 0);
    EXPECT(subunit_writer_exists(writer, "\x80") == SUBUNIT_E_UTF8);
    EXPECT(subunit_writer_result(writer, "t", SUBUNIT_INPROGRESS, NULL) == SUBUNIT_E_ARGUMENT);
    EXPECT(subunit_writer_result(writer, "t", (subunit_status)77, NULL) == SUBUNIT_E_ARGUMENT);
    EXPECT(subunit_writer_attach(writer, "t", NULL, NULL, NULL, 0) == SUBUNIT_E_ARGUMENT);
    EXPECT(subunit_writer_bytes(writer, NULL, 1) == SUBUNIT_E_ARGUMENT);
    EXPECT(got.calls == 0);
    EXPECT(subunit_writer_close(writer) == SUBUNIT_E_ARGUMENT);
}

static void writes(void)
{
    const char *tags[3] = {"slow", "slow", "net"};
    subunit_writer_options options = SUBUNIT_WRITER_OPTIONS_INIT;
    subunit_writer *writer;
    subunit_event event = SUBUNIT_EVENT_INIT;
    char *long_text = malloc(100001);
    size_t whole;
    memset(long_text, 'x', 100000);
    long_text[100000] = 0;
    options.flags = SUBUNIT_WR_NO_TIME;
    writer = open_keep(&options);
    EXPECT(subunit_writer_exists(writer, "foo") == SUBUNIT_OK);
    EXPECT(got.size == sizeof foo && memcmp(got.data, foo, sizeof foo) == 0);
    EXPECT(subunit_writer_bytes(writer, "text\n", 5) == SUBUNIT_OK && got.size == sizeof foo + 5);
    EXPECT(subunit_writer_close(writer) == SUBUNIT_OK);

    writer = open_keep(NULL);
    EXPECT(subunit_writer_result(writer, "t", SUBUNIT_FAIL, long_text) == SUBUNIT_OK);
    EXPECT(got.calls == 25 && got.size > 100000 && got.size < 104000);
    EXPECT(subunit_writer_close(writer) == SUBUNIT_OK);
    whole = got.size;
    options.max_packet = 4194303;
    options.flags = 0;
    writer = open_keep(&options);
    EXPECT(subunit_writer_result(writer, "t", SUBUNIT_FAIL, long_text) == SUBUNIT_OK);
    EXPECT(got.calls == 1 && got.size < whole);
    EXPECT(subunit_writer_start(writer, long_text) == SUBUNIT_OK && got.calls == 2);
    EXPECT(subunit_writer_close(writer) == SUBUNIT_OK);
    free(long_text);

    options.tags = tags;
    options.tag_count = 3;
    options.route_code = "0";
    writer = open_keep(&options);
    tags[0] = tags[1] = tags[2] = "changed";
    event.struct_size = sizeof event;
    event.status = SUBUNIT_SKIP;
    event.test_id = "t";
    EXPECT(subunit_writer_event(writer, &event) == SUBUNIT_OK);
    EXPECT(memmem(got.data, got.size, "\x02\x04slow\x03net\x01" "0", 11) != NULL);
    got.fail_with = 42;
    EXPECT(subunit_writer_event(writer, &event) == SUBUNIT_E_IO);
    EXPECT(subunit_writer_os_error(writer) == 42);
    got.fail_with = 0;
    EXPECT(subunit_writer_event(writer, &event) == SUBUNIT_OK);
    EXPECT(subunit_writer_close(writer) == SUBUNIT_E_IO);
}

static void reports_io(void)
{
    subunit_writer_options options = SUBUNIT_WRITER_OPTIONS_INIT;
    subunit_writer *writer;
    int ends[2], fd;
    EXPECT(subunit_writer_open_path("/dev/full", NULL, &writer) == SUBUNIT_OK);
    errno = 7;
    EXPECT(subunit_writer_start(writer, "t") == SUBUNIT_E_IO);
    EXPECT(errno == 7 && subunit_writer_os_error(writer) == ENOSPC);
    EXPECT(strstr(subunit_writer_message(writer), "no space") != NULL);
    EXPECT(subunit_writer_close(writer) == SUBUNIT_E_IO && errno == 7);

    fd = open("/dev/null", O_WRONLY);
    EXPECT(subunit_writer_open_fd(fd, NULL, &writer) == SUBUNIT_OK);
    close(fd);
    EXPECT(subunit_writer_start(writer, "t") == SUBUNIT_E_IO && subunit_writer_os_error(writer) == EBADF);
    EXPECT(subunit_writer_close(writer) == SUBUNIT_E_IO);

    signal(SIGPIPE, SIG_IGN);
    EXPECT(pipe(ends) == 0);
    options.flags = SUBUNIT_WR_CLOSE_FD;
    EXPECT(subunit_writer_open_fd(ends[1], &options, &writer) == SUBUNIT_OK);
    close(ends[0]);
    EXPECT(subunit_writer_start(writer, "t") == SUBUNIT_E_IO && subunit_writer_os_error(writer) == EPIPE);
    EXPECT(subunit_writer_close(writer) == SUBUNIT_E_IO);
    EXPECT(fcntl(ends[1], F_GETFD) == -1);
    signal(SIGPIPE, SIG_DFL);
}

/* Another process reads slowly, signals come, and the pipe does not block: nothing is lost. */
static void nothing(int signal_number) { (void)signal_number; }

static void waits_for_a_slow_reader(void)
{
    subunit_writer *writer;
    struct sigaction action;
    int ends[2], status, n;
    pid_t reader;
    memset(&action, 0, sizeof action);
    action.sa_handler = nothing;
    sigaction(SIGALRM, &action, NULL);
    EXPECT(pipe(ends) == 0);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    reader = fork();
    if (reader == 0) {
        size_t total = 0;
        char block[1000];
        ssize_t got_now;
        close(ends[1]);
        while ((got_now = read(ends[0], block, sizeof block)) > 0) {
            total += (size_t)got_now;
            if (total % 7 == 0) kill(getppid(), SIGALRM);
        }
        /* 2000 packets of 150 bytes: signature, flags, two bytes of length, id, checksum */
        _exit(total == 2000 * 150 ? 0 : 1);
    }
    close(ends[0]);
    {
        subunit_writer_options options = SUBUNIT_WRITER_OPTIONS_INIT;
        char id[141];
        memset(id, 'i', 139);
        id[139] = 0;
        options.flags = SUBUNIT_WR_NO_TIME | SUBUNIT_WR_CLOSE_FD;
        EXPECT(subunit_writer_open_fd(ends[1], &options, &writer) == SUBUNIT_OK);
        for (n = 0; n < 2000; n++)
            if (subunit_writer_start(writer, id)) EXPECT(!"a packet was lost");
    }
    EXPECT(subunit_writer_close(writer) == SUBUNIT_OK);
    while (waitpid(reader, &status, 0) < 0 && errno == EINTR) {}
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
    EXPECT(subunit_version_number() == SUBUNIT_VERSION_NUMBER);
    EXPECT(strcmp(subunit_version_string(), "0.1.0") == 0);
    EXPECT(strcmp(subunit_strerror(SUBUNIT_E_UTF8), "string is not UTF-8") == 0);
    EXPECT(*subunit_strerror(12345) && *subunit_strerror(-12345));
    EXPECT(strcmp(subunit_status_name(SUBUNIT_XFAIL), "xfail") == 0 && !*subunit_status_name(99));
    encodes();
    refuses_bad_events();
    refuses_bad_calls();
    writes();
    reports_io();
    waits_for_a_slow_reader();
    return report("writer");
}
