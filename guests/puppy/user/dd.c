// Copies blocks from one file to another, with dd's classic options, and prints how much and the checksum of it.
// This is the way to look at a disk: dd if=/dev/vda count=1, or to fill one: dd if=/dev/zero of=/dev/vda count=64.
#include "user.h"

static u8 buffer[65536];

static const char *value(char **arguments, s32 count, const char *name)
{
    for (s32 i = 1; i < count; i++) {
        if (strncmp(arguments[i], name, strlen(name)) == 0) {
            return arguments[i] + strlen(name);
        }
    }
    return NULL;
}

static u32 number(char **arguments, s32 count, const char *name, u32 otherwise)
{
    const char *text = value(arguments, count, name);
    return text ? parse_number(text, NULL) : otherwise;
}

// Reads until the block is full or the file ends, because a device may give less than it was asked for.
static s32 read_block(s32 file, u32 size)
{
    u32 have = 0;
    while (have < size) {
        s32 length = read(file, buffer + have, size - have);
        if (length < 0) {
            return length;
        }
        if (length == 0) {
            break;
        }
        have += (u32)length;
    }
    return (s32)have;
}

s32 main(s32 count, char **arguments)
{
    const char *from = value(arguments, count, "if=");
    const char *to = value(arguments, count, "of=");
    u32 size = number(arguments, count, "bs=", 512);
    u32 blocks = number(arguments, count, "count=", ~0u);
    if (!from || size == 0 || size > sizeof buffer) {
        printf("dd: if=FILE [of=FILE] [bs=1..64k] [count=N] [skip=N] [seek=N]\n");
        return 1;
    }
    s32 in = open(from, 0);
    s32 out = to ? open(to, OPEN_WRITE | OPEN_CREATE) : 0;
    if (in < 0 || out < 0) {
        return fail(in < 0 ? from : to, in < 0 ? in : out);
    }
    seek(in, (u64)number(arguments, count, "skip=", 0) * size);
    if (to) {
        seek(out, (u64)number(arguments, count, "seek=", 0) * size);
    }
    u32 start = milliseconds();
    u32 total = 0;
    u32 crc = 0;
    while (blocks--) {
        s32 length = read_block(in, size);
        if (length < 0) {
            return fail(from, length);
        }
        if (length == 0) {
            break;
        }
        for (s32 done = 0; to && done < length;) {
            s32 written = write(out, buffer + done, (u32)(length - done));
            if (written <= 0) {
                return fail(to, written);
            }
            done += written;
        }
        crc = crc32(crc, buffer, (u32)length);
        total += (u32)length;
    }
    printf("%u bytes, crc %08x, %u ms\n", total, crc, milliseconds() - start);
    return 0;
}
