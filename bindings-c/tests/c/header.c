/* Both headers, twice each, in every language mode: they must compile without a warning and agree. */
#include <subunit.h>
#include <subunit/child.h>
#include <subunit.h>
#include <subunit/child.h>

subunit_event event = SUBUNIT_EVENT_INIT;
subunit_writer_options options = SUBUNIT_WRITER_OPTIONS_INIT;
subunit_item item = SUBUNIT_ITEM_INIT;
subunit_callbacks callbacks = SUBUNIT_CALLBACKS_INIT;

int main(void)
{
    return subunit_version_number() != SUBUNIT_VERSION_NUMBER || event.struct_size != sizeof event
        || options.struct_size != sizeof options || item.struct_size != sizeof item
        || callbacks.struct_size != sizeof callbacks;
}
