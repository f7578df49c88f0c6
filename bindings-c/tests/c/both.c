/* The old functions and the new ones in one program. */
#include <subunit.h>
#include <subunit/child.h>

int main(void)
{
    subunit_writer *writer;
    subunit_set_protocol(2);
    if (subunit_get_protocol() != 2) return 1;
    subunit_test_start("old");
    subunit_test_pass("old");
    if (subunit_writer_open_default(NULL, &writer)) return 2;
    subunit_writer_start(writer, "new");
    subunit_writer_result(writer, "new", SUBUNIT_SUCCESS, NULL);
    return subunit_writer_close(writer) != SUBUNIT_OK;
}
