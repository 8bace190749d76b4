// Asks the Host to start the Guest afresh.
#include "user.h"

s32 main(s32 count, char **arguments)
{
    (void)count, (void)arguments;
    return fail("reboot", system_call(SYS_REBOOT, REBOOT_RESTART, 0, 0));
}
