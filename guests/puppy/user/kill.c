// Ends a process by its number, which ps tells; the first process is spared.
#include "user.h"

s32 main(s32 count, char **arguments)
{
    if (count < 2) {
        printf("kill PID\n");
        return 1;
    }
    s32 error = system_call(SYS_KILL, parse_number(arguments[1], NULL), 0, 0);
    return error < 0 ? fail(arguments[1], error) : 0;
}
