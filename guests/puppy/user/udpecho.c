// Sends every datagram back to where it came from: the echo service of RFC 862, on its port 7 or another.
#include "user.h"

static u8 data[DATAGRAM_LIMIT];

s32 main(s32 count, char **arguments)
{
    u32 port = count > 1 ? parse_number(arguments[1], NULL) : 7;
    s32 socket = system_call(SYS_SOCKET, SOCKET_UDP, port, 0);
    if (socket < 0) {
        return fail("udpecho", socket);
    }
    printf("udpecho: port %u\n", port);
    for (;;) {
        struct datagram datagram = {.length = sizeof data, .data = data, .milliseconds = 60000};
        s32 length = system_call(SYS_RECEIVE, (u32)socket, (u32)&datagram, 0);
        if (length >= 0) {
            system_call(SYS_SEND, (u32)socket, (u32)&datagram, 0);
        } else if (length == ERROR_INTERRUPTED) {
            return 0;
        }
    }
}
