/* Checks of the C tests: what does not hold is printed, and counted for the exit status. */
#ifndef EXPECT_H
#define EXPECT_H
#include <stdio.h>
#include <string.h>

static int checks, failures;

#define EXPECT(condition)                                                             \
    do {                                                                              \
        checks++;                                                                     \
        if (!(condition)) {                                                           \
            failures++;                                                               \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
        }                                                                             \
    } while (0)

static int report(const char *name)
{
    fprintf(stderr, "%s: %d of %d hold\n", name, checks - failures, checks);
    return failures != 0;
}
#endif
