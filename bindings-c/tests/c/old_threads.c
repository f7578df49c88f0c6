/* Eight threads whose first events come at once: they settle on one protocol and one output. */
#include <pthread.h>
#include <stdio.h>
#include <subunit/child.h>

static void *work(void *name)
{
    char id[64];
    int n;
    for (n = 0; n < 100; n++) {
        snprintf(id, sizeof id, "%s.%d", (const char *)name, n);
        subunit_test_start(id);
        subunit_test_fail(id, "a reason");
    }
    return NULL;
}

int main(void)
{
    static char names[8][8];
    pthread_t threads[8];
    int n;
    for (n = 0; n < 8; n++) {
        snprintf(names[n], sizeof names[n], "t%d", n);
        if (pthread_create(&threads[n], NULL, work, names[n])) return 1;
    }
    for (n = 0; n < 8; n++) pthread_join(threads[n], NULL);
    return 0;
}
