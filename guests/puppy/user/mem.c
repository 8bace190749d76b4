// Shows where memory went, and what copy-on-write saves: pages that more than one address space uses.
#include "user.h"

s32 main(s32 count, char **arguments)
{
    (void)count, (void)arguments;
    struct memory_info info;
    system_call(SYS_MEMORY_INFO, (u32)&info, 0, 0);
    printf("total    %8u KB\n", info.total_pages * 4);
    printf("free     %8u KB\n", info.free_pages * 4);
    printf("shared   %8u KB, each counted once\n", info.shared_pages * 4);
    printf("heap     %8u KB of small kernel objects\n", info.heap_pages * 4);
    printf("kernel   %8u KB\n", info.kernel_bytes / 1024);
    printf("reserved %8u KB of addresses at the top, the Host's\n", info.reserve_bytes / 1024);
    return 0;
}
