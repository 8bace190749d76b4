// See echo_test.h. A datagram carries its sequence number in front and a pattern behind, so that an answer that came late is not
// taken for another, and one that came damaged is noticed.
#include "echo_test.h"

static u8 out[DATAGRAM_LIMIT], in[DATAGRAM_LIMIT];

static u32 microseconds(void)
{
    u64 now = 0;
    system_call(SYS_UPTIME, (u32)&now, 0, 0);
    divide(&now, 1000);
    return (u32)now;
}

// HOST first (and PORT for UDP), then options in any order.
bool echo_options(struct echo_test *test, s32 count, char **arguments)
{
    s32 at = 1;
    if (at >= count || !parse_address(arguments[at++], &test->address, NULL)) {
        return false;
    }
    if (test->kind == SOCKET_UDP && at < count && arguments[at][0] != '-') {
        test->port = parse_number(arguments[at++], NULL);
    }
    for (; at < count; at++) {
        const char *option = arguments[at];
        if (strcmp(option, "-q") == 0) {
            test->quiet = true;
            continue;
        }
        u32 *value = strcmp(option, "-c") == 0 ? &test->count
            : strcmp(option, "-i") == 0 ? &test->interval
            : strcmp(option, "-s") == 0 ? &test->size
            : strcmp(option, "-W") == 0 ? &test->patience
            : strcmp(option, "-w") == 0 ? &test->wait : NULL;
        if (!value || ++at >= count) {
            return false;
        }
        *value = parse_number(arguments[at], NULL);
    }
    return test->size <= DATAGRAM_LIMIT && test->port <= 0xFFFF;
}

static void prepare(u32 sequence, u32 size)
{
    for (u32 i = 0; i < size; i++) {
        out[i] = (u8)(i < 4 ? sequence >> 8 * i : i + sequence);
    }
}

// Sends one and waits for it to come back. Returns the time in microseconds, or an error.
static s32 once(const struct echo_test *test, s32 socket, u32 sequence)
{
    prepare(sequence, test->size);
    u32 port = test->kind == SOCKET_PING ? sequence & 0xFFFF : test->port;
    struct datagram question = {test->address, (u16)port, (u16)test->size, out, 0};
    u32 start = microseconds();
    s32 result = system_call(SYS_SEND, (u32)socket, (u32)&question, 0);
    while (result >= 0) {
        u32 gone = (microseconds() - start) / 1000;
        struct datagram answer = {0, 0, sizeof in, in, gone < test->patience ? test->patience - gone : 0};
        result = system_call(SYS_RECEIVE, (u32)socket, (u32)&answer, 0);
        bool ours = result == (s32)test->size && answer.address == test->address && answer.port == port;
        if (ours && memcmp(in, out, test->size) == 0) {
            return (s32)(microseconds() - start);
        }
    }
    return result;
}

static void tell(const struct echo_test *test, u32 sequence, s32 result)
{
    if (result >= 0) {
        printf("%u bytes from " ADDRESS_FORMAT ": seq=%u time=%u.%03u ms\n", test->size, ADDRESS_PARTS(test->address), sequence,
               (u32)result / 1000, (u32)result % 1000);
    } else {
        printf("seq=%u: ", sequence);
        fail(test->what, result);
    }
}

s32 echo_test(struct echo_test *test)
{
    s32 socket = system_call(SYS_SOCKET, test->kind, 0, 0);
    if (socket < 0) {
        return fail(test->what, socket);
    }
    u32 began = milliseconds();
    while (test->wait && milliseconds() - began < test->wait * 1000 && once(test, socket, 0) < 0) {
        sleep(100);
    }
    u32 received = 0, least = ~0u, most = 0;
    u64 sum = 0;
    for (u32 sequence = 1; sequence <= test->count; sequence++) {
        s32 result = once(test, socket, sequence);
        if (result >= 0) {
            u32 time = (u32)result;
            received++;
            sum += time;
            least = time < least ? time : least;
            most = time > most ? time : most;
        }
        if (!test->quiet) {
            tell(test, sequence, result);
        }
        if (test->interval && sequence < test->count) {
            sleep(test->interval);
        }
    }
    u64 average = sum;
    divide(&average, received ? received : 1);
    u64 loss = (test->count - received) * 100ull;
    divide(&loss, test->count ? test->count : 1);
    printf("%s " ADDRESS_FORMAT ": %u sent, %u received, %u%% loss", test->what, ADDRESS_PARTS(test->address), test->count, received,
           (u32)loss);
    if (received) {
        printf(", round trip min/avg/max %u.%03u/%u.%03u/%u.%03u ms", least / 1000, least % 1000, (u32)average / 1000,
               (u32)average % 1000, most / 1000, most % 1000);
    }
    printf("\n");
    return received == test->count ? 0 : 1;
}
