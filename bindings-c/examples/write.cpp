// Reports tests, and reads the stream back, with the C++ wrapper.
#include <subunit.hpp>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

int main(int argc, char **argv)
try {
    const std::string path = argc > 1 ? argv[1] : "results.subunit";
    std::remove(path.c_str());
    subunit::writer opened = subunit::writer::to_path(path);
    subunit::writer writer = std::move(opened);
    writer.start("wrapper.first");
    writer.attach("wrapper.first", "log", "one\ntwo\n");
    writer.result("wrapper.first", SUBUNIT_SUCCESS);
    subunit_event event = subunit::event();
    event.status = SUBUNIT_XFAIL;
    event.test_id = "wrapper.second";
    writer.event(event);
    try {
        writer.start("\xff");
        return 3;
    } catch (const subunit::error &error) {
        if (error.code() != SUBUNIT_E_UTF8) return 4;
        std::cout << error.what() << '\n';
    }
    try {
        writer.close();
        return 5;
    } catch (const subunit::error &) {
        // The id above was the first failure of the writer's life.
    }

    std::ifstream file(path, std::ios::binary);
    subunit::parser parser;
    parser.feed(std::string(std::istreambuf_iterator<char>(file), {}));
    parser.finish();
    subunit_item item = SUBUNIT_ITEM_INIT;
    int events = 0;
    while (parser.next(item)) {
        if (item.kind != SUBUNIT_ITEM_EVENT) return 6;
        std::cout << item.event->test_id << ' ' << subunit_status_name(item.event->status) << '\n';
        events++;
    }
    return events == 4 ? 0 : 7;
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 2;
}
