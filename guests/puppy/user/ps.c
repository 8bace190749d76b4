// Lists the processes: who, whose child, in what state, and what each has cost so far.
#include "user.h"

s32 main(s32 count, char **arguments)
{
    (void)count, (void)arguments;
    static const char *const states[] = {"runs", "waits", "dead"};
    struct process_info info;
    printf("  PID PARENT STATE  PAGES FAULTS  CALLS     MS NAME\n");
    for (u32 slot = 0; system_call(SYS_PROCESS_INFO, slot, (u32)&info, 0) > 0; slot++) {
        if (info.name[0]) {
            printf("%5u %6u %-5s %6u %6u %6u %6u %s\n", info.pid, info.parent, states[info.state % 3], info.resident_pages,
                   info.faults, info.system_calls, info.milliseconds, info.name);
        }
    }
    return 0;
}
