// Lists a directory: one record per read, until there are no more; a plain file is shown with its size.
#include "user.h"

s32 main(s32 count, char **arguments)
{
    const char *path = count > 1 ? arguments[1] : "/";
    s32 file = open(path, 0);
    if (file < 0) {
        return fail(path, file);
    }
    u64 size;
    if (system_call(SYS_FILE_SIZE, (u32)file, (u32)&size, 0) != FILE_DIRECTORY) {
        printf("%8u %s\n", (u32)size, path);
        return 0;
    }
    struct directory_entry entry;
    while (read(file, &entry, sizeof entry) == sizeof entry) {
        if (entry.type == FILE_DIRECTORY) {
            printf("%8s %s/\n", "", entry.path);
        } else {
            printf("%8u %s%s\n", entry.size, entry.path, entry.type == FILE_DEVICE ? " (device)" : "");
        }
    }
    return 0;
}
