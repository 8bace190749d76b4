// The few functions too large to repeat in every program: formatted output, error messages, time, and memory.
#include "user.h"

static void write_out(const char *text, u32 length)
{
    write(1, text, length);
}

void printf(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    format_pieces(write_out, format, arguments);
    va_end(arguments);
}

static const char *describe(s32 error)
{
    switch (error) {
    case ERROR_NOT_FOUND:
        return "not found";
    case ERROR_NO_PROCESS:
        return "no such process";
    case ERROR_IO:
        return "input/output error";
    case ERROR_NOT_EXECUTABLE:
        return "not a program";
    case ERROR_NO_MEMORY:
        return "out of memory";
    case ERROR_NO_SPACE:
        return "no space left";
    case ERROR_READ_ONLY:
        return "read-only";
    case ERROR_ADDRESS_IN_USE:
        return "the port is in use";
    case ERROR_NO_NETWORK:
        return "no network leads there";
    case ERROR_TIMED_OUT:
        return "no answer";
    case ERROR_REFUSED:
        return "refused";
    case ERROR_NO_HOST:
        return "nobody there";
    case ERROR_INVALID:
        return "not possible here";
    default:
        return "error";
    }
}

// Says what went wrong and returns the exit status for it.
s32 fail(const char *what, s32 error)
{
    printf("%s: %s (%d)\n", what, describe(error), error);
    return 1;
}

u32 milliseconds(void)
{
    u64 now = 0;
    system_call(SYS_UPTIME, (u32)&now, 0, 0);
    divide(&now, 1000000);
    return (u32)now;
}

// Returns fresh zeroed memory, in whole pages, or NULL. None of it exists before it is touched.
void *grow_heap(u32 bytes)
{
    u32 old = (u32)system_call(SYS_BRK, 0, 0, 0);
    u32 now = (u32)system_call(SYS_BRK, old + bytes, 0, 0);
    return now - old >= bytes ? (void *)old : NULL;
}
