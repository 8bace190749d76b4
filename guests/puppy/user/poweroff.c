// Switches the Guest off: an orderly end that its Host reports as such.
#include "user.h"

s32 main(s32 count, char **arguments)
{
    (void)count, (void)arguments;
    return fail("poweroff", system_call(SYS_REBOOT, REBOOT_POWER_OFF, 0, 0));
}
