// The checksum of files, the same number that zip and gzip use, so that it can be compared with the world outside.
#include "user.h"

s32 main(s32 count, char **arguments)
{
    static u8 buffer[4096];
    s32 status = 0;
    for (s32 i = 1; i < count; i++) {
        s32 file = open(arguments[i], 0);
        s32 length = file;
        u32 crc = 0;
        u32 total = 0;
        while (file >= 0 && (length = read(file, buffer, sizeof buffer)) > 0) {
            crc = crc32(crc, buffer, (u32)length);
            total += (u32)length;
        }
        if (length < 0) {
            status = fail(arguments[i], length);
        } else {
            printf("%08x %u %s\n", crc, total, arguments[i]);
        }
        close(file);
    }
    return status;
}
