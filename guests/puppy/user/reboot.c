// Asks the Host to start the Guest afresh, as a new machine with the same disks.
#include "user.h"

s32 main(s32 count, char **arguments)
{
    (void)count, (void)arguments;
    return fail("reboot", system_call(SYS_REBOOT, REBOOT_RESTART, 0, 0));
}
