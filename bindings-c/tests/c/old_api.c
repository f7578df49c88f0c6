/* Every call of the old library, for comparing bytes. usage: old_api [set N | exit | empty] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <subunit/child.h>
#include <unistd.h>

#ifdef NEW_FUNCTIONS
static void choose(const char *version) { subunit_set_protocol(atoi(version)); }
#else
static void choose(const char *version) { (void)version; }
#endif

int main(int argc, char **argv)
{
    static char lots[100001];
    const char *mode = argc > 1 ? argv[1] : "";
    int n;
    memset(lots, 'l', sizeof lots - 1);
    if (!strcmp(mode, "set") && argc > 2) choose(argv[2]);
    if (!strcmp(mode, "exit")) { /* progress must be out before the process is gone */
        subunit_progress(SUBUNIT_PROGRESS_SET, 3);
        _exit(0);
    }
    if (!strcmp(mode, "empty")) { /* the old library read the byte before the string */
        char *empty = malloc(1);
        *empty = 0;
        subunit_test_fail("empty details", empty);
        free(empty);
        return 0;
    }
    printf("text without an end");
    subunit_progress(SUBUNIT_PROGRESS_SET, 7);
    subunit_progress(SUBUNIT_PROGRESS_CUR, 5);
    subunit_progress(SUBUNIT_PROGRESS_CUR, -5);
    subunit_progress(SUBUNIT_PROGRESS_CUR, 0);
    subunit_progress(SUBUNIT_PROGRESS_PUSH, 1);
    subunit_progress(SUBUNIT_PROGRESS_POP, 1);
    subunit_progress((enum subunit_progress_whence)42, 1);
    for (n = 0; n < 3; n++) {
        const char *const names[] = {"plain", "na\xefve latin-1 \xff", "two\nlines"};
        subunit_test_start(names[n]);
        subunit_test_pass(names[n]);
        subunit_test_start(names[n]);
        subunit_test_fail(names[n], "one line");
        subunit_test_start(names[n]);
        subunit_test_error(names[n], "ends with a newline\n");
        subunit_test_start(names[n]);
        subunit_test_skip(names[n], "]\nsuccess: injected\n");
        subunit_test_start(names[n]);
        subunit_test_fail(names[n], NULL);
    }
    subunit_test_start("lots");
    printf("printed between\n");
    subunit_test_fail("lots", lots);
    subunit_test_start("");
    subunit_test_pass("");
    subunit_test_start(lots + 100000 - 98);
    subunit_test_pass(lots + 100000 - 150);
    fflush(stdout);
    return 0;
}
