// Is somebody there, and how far away? Asks for echoes, which every IP host gives.
#include "echo_test.h"

s32 main(s32 count, char **arguments)
{
    struct echo_test test = {.what = "ping", .kind = SOCKET_PING, .count = 4, .interval = 200, .size = 56, .patience = 1000};
    if (!echo_options(&test, count, arguments)) {
        printf("ping HOST [-c COUNT] [-i MS] [-s BYTES] [-W MS] [-w SECONDS] [-q]\n");
        return 1;
    }
    return echo_test(&test);
}
