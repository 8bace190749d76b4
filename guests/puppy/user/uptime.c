// What o'clock it is for the Guest, and what its life has cost its Host so far.
#include "user.h"

s32 main(s32 count, char **arguments)
{
    (void)count, (void)arguments;
    struct system_info info;
    u32 up = milliseconds();
    u32 now = (u32)system_call(SYS_TIME, 0, 0, 0);
    system_call(SYS_SYSTEM_INFO, (u32)&info, 0, 0);
    printf("%02u:%02u:%02u UTC (%u), up %u.%03u s, clock %u kHz\n", now / 3600 % 24, now / 60 % 60, now % 60, now, up / 1000,
           up % 1000, info.tsc_khz);
    printf("paging hypercalls %u direct, %u queued; %u page faults; %u process switches\n", info.hypercalls,
           info.hypercalls_queued, info.faults, info.switches);
    printf("interrupts:");
    for (u32 irq = 0; irq < 32; irq++) {
        if (info.irqs[irq]) {
            printf(" %u: %u", irq, info.irqs[irq]);
        }
    }
    printf("\n");
    return 0;
}
