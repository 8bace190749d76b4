// Writes its arguments on one line: with > the simplest way to make a file.
#include "user.h"

s32 main(s32 count, char **arguments)
{
    for (s32 i = 1; i < count; i++) {
        printf("%s%s", arguments[i], i + 1 < count ? " " : "");
    }
    printf("\n");
    return 0;
}
