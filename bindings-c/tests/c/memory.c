/* More is fed to a parser than there is memory for: a code, and no abort. Run with little memory. */
#include <stdlib.h>
#include <string.h>
#include <subunit.h>

enum { SIZE = 120000000 };

int main(void)
{
    subunit_item item = SUBUNIT_ITEM_INIT;
    subunit_parser *parser;
    char *much = calloc(1, SIZE);
    if (!much || subunit_parser_new(&parser)) return 2;
    if (subunit_parser_feed(parser, much, SIZE) != SUBUNIT_E_MEMORY) return 3;
    if (strcmp(subunit_parser_message(parser), "out of memory") != 0) return 4;
    /* The parser stands where it stood. */
    if (subunit_parser_feed(parser, "text", 4) || subunit_parser_next(parser, &item)) return 5;
    if (item.kind != SUBUNIT_ITEM_TEXT || item.size != 4 || item.offset != 0) return 6;
    subunit_parser_free(parser);
    free(much);
    return 0;
}
