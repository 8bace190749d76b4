// Round trips, counted and timed: what ping and udpping have in common. Each sends a datagram to somebody who sends it back, and
// tells how long that took and how many never came.
#ifndef PUPPY_ECHO_TEST_H
#define PUPPY_ECHO_TEST_H

#include "user.h"

struct echo_test {
    const char *what; // the command, for messages
    u32 kind;         // SOCKET_PING or SOCKET_UDP
    u32 address, port;
    u32 count, interval, size, patience; // -c; -i and -W in milliseconds; -s in bytes
    u32 wait;                            // -w: seconds to try before the first answer counts as missing
    bool quiet;                          // -q: only the summary
};

s32 echo_test(struct echo_test *test);
bool echo_options(struct echo_test *test, s32 count, char **arguments);

#endif
