/* Reports three tests. Run it with SUBUNIT_OUTPUT=results.subunit, or pipe its stdout into a reader. */
#include <stdio.h>
#include <subunit.h>

int main(void)
{
    subunit_writer *writer;
    if (subunit_writer_open_default(NULL, &writer) != SUBUNIT_OK) {
        perror("subunit");
        return 2;
    }
    subunit_writer_start(writer, "parser.empty");
    subunit_writer_result(writer, "parser.empty", SUBUNIT_SUCCESS, NULL);

    subunit_writer_start(writer, "parser.nested");
    printf("a test may print: ");
    subunit_writer_attach(writer, "parser.nested", "input", "application/octet-stream", "((\0))", 5);
    subunit_writer_result(writer, "parser.nested", SUBUNIT_FAIL, "expected 2 levels, got 1\n");

    subunit_writer_result(writer, "parser.huge", SUBUNIT_SKIP, "needs 8 GiB of memory");

    /* Any failure of the calls above shows here. */
    return subunit_writer_close(writer) == SUBUNIT_OK ? 0 : 1;
}
