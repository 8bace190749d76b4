// Three small measurements: a plain loop and a sieve, in which the Host has no part at all, and system calls and forks,
// in which it has more and more.
#include "user.h"

#define LIMIT 1000000u

static u8 composite[LIMIT / 2];

static u32 sieve(void)
{
    u32 count = 1; // 2, the only even one
    memset(composite, 0, sizeof composite);
    for (u32 i = 3; i < LIMIT; i += 2) {
        if (composite[i / 2]) {
            continue;
        }
        count++;
        for (u32 j = i; j <= LIMIT / i && i * j < LIMIT; j += 2) {
            composite[i * j / 2] = 1;
        }
    }
    return count;
}

static u32 loop(u32 rounds)
{
    u32 a = 1;
    for (u32 i = 0; i < rounds; i++) {
        a = a * 1664525 + 1013904223;
        a ^= a >> 13;
    }
    return a;
}

s32 main(s32 count, char **arguments)
{
    u32 scale = count > 1 ? parse_number(arguments[1], NULL) : 1;
    u32 start = milliseconds();
    u32 hash = loop(10000000 * scale);
    u32 end = milliseconds();
    printf("loop     %u million rounds, result %08x: %u ms\n", 10 * scale, hash, end - start);

    start = milliseconds();
    u32 primes = 0;
    for (u32 i = 0; i < 5 * scale; i++) {
        primes = sieve();
    }
    end = milliseconds();
    printf("sieve    %u times %u primes below %u: %u ms\n", 5 * scale, primes, LIMIT, end - start);

    start = milliseconds();
    for (u32 i = 0; i < 100000 * scale; i++) {
        system_call(SYS_GETPID, 0, 0, 0);
    }
    end = milliseconds();
    printf("syscall  %u times: %u ms\n", 100000 * scale, end - start);

    start = milliseconds();
    for (u32 i = 0; i < 200 * scale; i++) {
        s32 pid = fork();
        if (pid == 0) {
            exit(0);
        }
        wait(pid, NULL);
    }
    end = milliseconds();
    printf("fork     %u times: %u ms\n", 200 * scale, end - start);
    return primes == 78498 ? 0 : 1;
}
