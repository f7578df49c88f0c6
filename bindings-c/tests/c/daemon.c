/* A program that closes all its descriptors after the first event, and opens files of its own: later events
 * must not go into these. Run with SUBUNIT_OUTPUT. usage: daemon FILE */
#include <fcntl.h>
#include <subunit/child.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int descriptor;
    subunit_test_start("before");
    for (descriptor = 3; descriptor < 64; descriptor++) close(descriptor);
    for (descriptor = 3; descriptor < 8; descriptor++)
        if (open(argv[argc - 1], O_WRONLY | O_CREAT, 0644) < 0) return 1;
    subunit_test_pass("before");
    subunit_test_start("after");
    subunit_test_pass("after");
    return 0;
}
