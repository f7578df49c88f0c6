/* Eight threads on one writer, and forks in the middle of it. usage: threads PATH [fork] */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <subunit.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 8, TESTS = 200, FORKS = 50 };

static subunit_writer *writer;

static void *work(void *name)
{
    char id[64], text[6000];
    int n;
    memset(text, 'y', sizeof text - 1);
    text[sizeof text - 1] = 0;
    for (n = 0; n < TESTS; n++) {
        snprintf(id, sizeof id, "%s.%d", (const char *)name, n);
        if (subunit_writer_start(writer, id)) return name;
        if (subunit_writer_result(writer, id, n % 3 ? SUBUNIT_SUCCESS : SUBUNIT_FAIL, n % 5 ? NULL : text)) return name;
        (void)subunit_writer_message(writer);
    }
    return NULL;
}

/* Children use the writer of the parent, whose threads are writing at this moment. */
static int forks(void)
{
    int n, failed = 0;
    for (n = 0; n < FORKS; n++) {
        pid_t child = fork();
        int status;
        if (child == 0) {
            char id[64];
            snprintf(id, sizeof id, "child.%d", n);
            if (subunit_writer_start(writer, id) || subunit_writer_result(writer, id, SUBUNIT_SKIP, "forked")) _exit(1);
            _exit(subunit_writer_close(writer) != SUBUNIT_OK);
        }
        if (waitpid(child, &status, 0) != child || status != 0) failed++;
    }
    return failed;
}

int main(int argc, char **argv)
{
    static char names[THREADS][8];
    pthread_t threads[THREADS];
    int n, failed = 0;
    if (argc < 2 || subunit_writer_open_path(argv[1], NULL, &writer)) return 2;
    for (n = 0; n < THREADS; n++) {
        snprintf(names[n], sizeof names[n], "t%d", n);
        if (pthread_create(&threads[n], NULL, work, names[n])) return 2;
    }
    if (argc > 2) failed += forks();
    for (n = 0; n < THREADS; n++) {
        void *wrong;
        pthread_join(threads[n], &wrong);
        failed += wrong != NULL;
    }
    return failed != 0 || subunit_writer_close(writer) != SUBUNIT_OK;
}
