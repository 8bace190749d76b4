// Packs files into a cpio archive (newc) for the initrd that is built into Puppy. Its own program, because the archive must be the
// same to the byte on every machine: no times, no owners, no inode numbers but a running one, and files in the order given.
// Usage: mkcpio PATH=FILE ... > archive
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long written;

static void pad(void)
{
    while (written % 4) {
        putchar(0);
        written++;
    }
}

static void member(const char *path, unsigned mode, const char *data, unsigned long size, unsigned number)
{
    written += (unsigned long)printf("070701%08X%08X%08X%08X%08X%08X%08lX%08X%08X%08X%08X%08X%08X", number, mode, 0, 0, 1, 0,
                                     size, 0, 0, 0, 0, (unsigned)strlen(path) + 1, 0);
    written += fwrite(path, 1, strlen(path) + 1, stdout);
    pad();
    written += fwrite(data, 1, size, stdout);
    pad();
}

int main(int count, char **arguments)
{
    static char data[1 << 20];
    for (int i = 1; i < count; i++) {
        char *equals = strchr(arguments[i], '=');
        FILE *file = equals ? fopen(equals + 1, "rb") : NULL;
        if (!file) {
            fprintf(stderr, "mkcpio: cannot read %s\n", arguments[i]);
            return 1;
        }
        *equals = 0;
        unsigned long size = fread(data, 1, sizeof data, file);
        fclose(file);
        member(arguments[i], strncmp(arguments[i], "bin/", 4) == 0 ? 0100755 : 0100644, data, size, (unsigned)i);
    }
    member("TRAILER!!!", 0, "", 0, 0);
    return fflush(stdout) != 0;
}
