// As ping, but over UDP to an udpecho: proves that datagrams find the right process, on both sides.
#include "echo_test.h"

s32 main(s32 count, char **arguments)
{
    struct echo_test test = {.what = "udpping", .kind = SOCKET_UDP, .port = 7, .count = 4, .interval = 200, .size = 64, .patience = 1000};
    if (!echo_options(&test, count, arguments)) {
        printf("udpping HOST [PORT] [-c COUNT] [-i MS] [-s BYTES] [-W MS] [-w SECONDS] [-q]\n");
        return 1;
    }
    return echo_test(&test);
}
