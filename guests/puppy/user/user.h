// What a program of Puppy may use: the system calls as C functions, formatted output, and the shared library of ../lib.
#ifndef PUPPY_USER_H
#define PUPPY_USER_H

#include "../lib/lib.h"
#include "abi.h"

// Three arguments always travel; a call that wants fewer ignores the rest. Results below zero are the ERROR_ values.
static inline s32 system_call(u32 number, u32 a, u32 b, u32 c)
{
    s32 result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

static inline void exit(s32 status)
{
    system_call(SYS_EXIT, (u32)status, 0, 0);
    __builtin_unreachable();
}

static inline s32 fork(void)
{
    return system_call(SYS_FORK, 0, 0, 0);
}

static inline s32 open(const char *path, u32 flags)
{
    return system_call(SYS_OPEN, (u32)path, flags, 0);
}

static inline s32 close(s32 file)
{
    return system_call(SYS_CLOSE, (u32)file, 0, 0);
}

static inline s32 read(s32 file, void *buffer, u32 length)
{
    return system_call(SYS_READ, (u32)file, (u32)buffer, length);
}

static inline s32 write(s32 file, const void *buffer, u32 length)
{
    return system_call(SYS_WRITE, (u32)file, (u32)buffer, length);
}

static inline s32 seek(s32 file, u64 offset)
{
    return system_call(SYS_LLSEEK, (u32)file, (u32)(offset >> 32), (u32)offset);
}

static inline s32 wait(s32 pid, u32 *status)
{
    return system_call(SYS_WAITPID, (u32)pid, (u32)status, 0);
}

static inline s32 execute(const char *path, char *const *arguments)
{
    return system_call(SYS_EXECVE, (u32)path, (u32)arguments, 0);
}

static inline s32 sleep(u32 milliseconds)
{
    return system_call(SYS_NANOSLEEP, milliseconds, 0, 0);
}

void printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
s32 fail(const char *what, s32 error);
u32 milliseconds(void);
void *grow_heap(u32 bytes);

s32 main(s32 count, char **arguments);

#endif
