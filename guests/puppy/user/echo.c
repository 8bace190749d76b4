// Writes its arguments.
#include "user.h"

s32 main(s32 count, char **arguments)
{
    for (s32 i = 1; i < count; i++) {
        printf("%s%s", arguments[i], i + 1 < count ? " " : "");
    }
    printf("\n");
    return 0;
}
