/* Prints the layout of the structs as the header has it, to compare with abi.txt. */
#include <stdio.h>
#include <subunit.h>

#define ALIGNMENT(type) offsetof(struct { char c; type t; }, t)
#define STRUCT(type) printf("%s %zu %zu\n", #type, sizeof(type), ALIGNMENT(type))
#define FIELD(type, field) printf("%s.%s %zu\n", #type, #field, offsetof(type, field))

int main(void)
{
    STRUCT(subunit_event);
    FIELD(subunit_event, struct_size);
    FIELD(subunit_event, flags);
    FIELD(subunit_event, status);
    FIELD(subunit_event, sec);
    FIELD(subunit_event, nsec);
    FIELD(subunit_event, reserved);
    FIELD(subunit_event, test_id);
    FIELD(subunit_event, tags);
    FIELD(subunit_event, tag_count);
    FIELD(subunit_event, file_name);
    FIELD(subunit_event, file_bytes);
    FIELD(subunit_event, file_size);
    FIELD(subunit_event, mime_type);
    FIELD(subunit_event, route_code);
    STRUCT(subunit_writer_options);
    FIELD(subunit_writer_options, struct_size);
    FIELD(subunit_writer_options, flags);
    FIELD(subunit_writer_options, max_packet);
    FIELD(subunit_writer_options, route_code);
    FIELD(subunit_writer_options, tags);
    FIELD(subunit_writer_options, tag_count);
    STRUCT(subunit_item);
    FIELD(subunit_item, struct_size);
    FIELD(subunit_item, kind);
    FIELD(subunit_item, damage);
    FIELD(subunit_item, offset);
    FIELD(subunit_item, bytes);
    FIELD(subunit_item, size);
    FIELD(subunit_item, event);
    FIELD(subunit_item, message);
    STRUCT(subunit_callbacks);
    FIELD(subunit_callbacks, struct_size);
    FIELD(subunit_callbacks, event);
    FIELD(subunit_callbacks, text);
    FIELD(subunit_callbacks, damage);
    return 0;
}
