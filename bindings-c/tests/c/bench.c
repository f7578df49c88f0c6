/* ns per event: a test's start and its end, to /dev/null. usage: bench N [old|new|encode] */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#ifdef OLD
#include <subunit/child.h>
#else
#include <subunit.h>
#endif

int main(int argc, char **argv)
{
    struct timespec a, b;
    long n, count = argc > 1 ? atol(argv[1]) : 100000;
    int console = dup(1);
    if (!freopen("/dev/null", "w", stdout)) return 2;
#ifdef OLD
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (n = 0; n < count; n++) {
        subunit_test_start("module.Case.test_of_usual_length");
        subunit_test_pass("module.Case.test_of_usual_length");
    }
#else
    if (argc > 2 && !strcmp(argv[2], "encode")) {
        unsigned char buf[256];
        size_t size;
        subunit_event event = SUBUNIT_EVENT_INIT;
        event.test_id = "module.Case.test_of_usual_length";
        event.flags = SUBUNIT_EV_TIME;
        clock_gettime(CLOCK_MONOTONIC, &a);
        for (n = 0; n < count; n++) {
            event.sec = (uint64_t)n;
            event.status = SUBUNIT_INPROGRESS;
            if (subunit_event_encode(&event, buf, sizeof buf, &size)) return 1;
            event.status = SUBUNIT_SUCCESS;
            if (subunit_event_encode(&event, buf, sizeof buf, &size)) return 1;
        }
    } else {
        subunit_writer *writer;
        if (subunit_writer_open_fd(open("/dev/null", O_WRONLY), NULL, &writer)) return 2;
        clock_gettime(CLOCK_MONOTONIC, &a);
        for (n = 0; n < count; n++) {
            subunit_writer_start(writer, "module.Case.test_of_usual_length");
            subunit_writer_result(writer, "module.Case.test_of_usual_length", SUBUNIT_SUCCESS, NULL);
        }
        if (subunit_writer_close(writer)) return 1;
    }
#endif
    clock_gettime(CLOCK_MONOTONIC, &b);
    dprintf(console, "%.0f\n", ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / (2.0 * (double)count));
    return 0;
}
