/* Ids around the length where Check cuts the one it starts a test with (98 bytes). */
#include "common.h"
START_TEST(short_name) { } END_TEST
START_TEST(aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjj1) { } END_TEST
START_TEST(aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjj2) { ck_abort_msg("long and failed"); } END_TEST
START_TEST(aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhiiii) { } END_TEST
int main(int argc, char **argv)
{
    Suite *s = suite_create("long");
    TCase *tc = tcase_create("Case");
    suite_add_tcase(s, tc);
    tcase_add_test(tc, short_name);
    tcase_add_test(tc, aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjj1);
    tcase_add_test(tc, aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjj2);
    tcase_add_test(tc, aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhiiii);
    return drive(srunner_create(s), argc, argv);
}
