// Copies files, or what is typed, to its output: the plainest use of open, read and write.
#include "user.h"

static s32 copy(s32 file, const char *name)
{
    char buffer[512];
    s32 length;
    while ((length = read(file, buffer, sizeof buffer)) > 0) {
        s32 written = write(1, buffer, (u32)length);
        if (written < 0) {
            return fail("write", written);
        }
    }
    return length < 0 ? fail(name, length) : 0;
}

s32 main(s32 count, char **arguments)
{
    s32 status = count == 1 ? copy(0, "input") : 0;
    for (s32 i = 1; i < count; i++) {
        s32 file = open(arguments[i], 0);
        status |= file < 0 ? fail(arguments[i], file) : copy(file, arguments[i]);
        close(file);
    }
    return status;
}
