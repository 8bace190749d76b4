// Reads an initrd: a cpio archive in the "newc" format, which is what Linux uses. One is built into the kernel, so that Puppy runs without
// any file beside it; a second one, given to the Launcher with --initrd, adds to it or replaces files of the same name.
#include "kernel.h"

#define HEADER 110u
#define MODE_TYPE 0170000u
#define MODE_DIRECTORY 0040000u
#define MODE_FILE 0100000u

static bool read_hex(const u8 *text, u32 *value)
{
    *value = 0;
    for (u32 i = 0; i < 8; i++) {
        u8 c = text[i] | 0x20;
        u32 digit = c >= '0' && c <= '9' ? (u32)(c - '0') : c >= 'a' && c <= 'f' ? (u32)(c - 'a' + 10) : 16;
        if (digit == 16) {
            return false;
        }
        *value = *value << 4 | digit;
    }
    return true;
}

//J:Puppy:440 An archive that can be read in place
// Each member is a header of 110 ASCII characters ("070701" and thirteen numbers of eight hexadecimal digits), the path,
// and the contents, the last two padded to four bytes. Files are not copied out: an inode points at its bytes where they lie. The
// archive may be cut short or be something else altogether, so every length is held against what is left before it is believed.
// Returns the number of files found.
u32 cpio_unpack(const u8 *archive, u32 length)
{
    u32 files = 0;
    u32 at = 0;
    while (at < length) {
        if (archive[at] == 0) { // padding, between archives and after the last
            at++;
            continue;
        }
        const u8 *header = archive + at;
        u32 mode, size, path_size;
        if (length - at < HEADER || memcmp(header, "070701", 6) || !read_hex(header + 14, &mode) ||
            !read_hex(header + 54, &size) || !read_hex(header + 94, &path_size)) {
            print("puppy: the initrd is no cpio archive (newc, not compressed) from byte %u on\n", at);
            break;
        }
        u32 left = length - at - HEADER;
        u32 data = (HEADER + path_size + 3) & ~3u; // from the header on; at itself is a multiple of four
        if (path_size == 0 || path_size > left || header[HEADER + path_size - 1] != 0 || data > length - at ||
            size > length - at - data) {
            print("puppy: the initrd is cut short at byte %u\n", at);
            break;
        }
        const char *path = (const char *)header + HEADER;
        if (strcmp(path, "TRAILER!!!") != 0) {
            if ((mode & MODE_TYPE) == MODE_DIRECTORY) {
                inode_make(path, FILE_DIRECTORY);
            } else if ((mode & MODE_TYPE) == MODE_FILE) {
                file_add_image(path, header + data, size);
                files++;
            }
        }
        at += data + size;
        at = (at + 3) & ~3u;
    }
    return files;
}
