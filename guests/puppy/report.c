// The system calls that change nothing and only tell: what time it is, who runs, where memory went, what the Host was asked for.
// The programs ps, mem and uptime are their customers.
#include "kernel.h"

s32 sys_time(struct trap_frame *frame)
{
    (void)frame;
    return (s32)clock_seconds_utc();
}

s32 sys_uptime(struct trap_frame *frame)
{
    if (!user_range_ok(frame->ebx, sizeof(u64), true)) {
        return ERROR_BAD_ADDRESS;
    }
    *(u64 *)frame->ebx = clock_now();
    return 0;
}

static u32 resident_pages(const struct process *process)
{
    u32 count = 0;
    for (u32 slot = 0; slot < PAGE_OFFSET >> 22; slot++) {
        if (process->directory[slot] & PTE_PRESENT) {
            const u32 *table = linear(page_down(process->directory[slot]));
            for (u32 i = 0; i < 1024; i++) {
                count += table[i] & PTE_PRESENT;
            }
        }
    }
    return count;
}

// process_info(slot, record): one process after another; 1 while there are more slots, 0 at the end.
s32 sys_process_info(struct trap_frame *frame)
{
    struct process_info info;
    if (!user_range_ok(frame->ecx, sizeof info, true)) {
        return ERROR_BAD_ADDRESS;
    }
    if (frame->ebx >= PROCESS_LIMIT) {
        return 0;
    }
    memset(&info, 0, sizeof info);
    const struct process *process = process_at(frame->ebx);
    if (process) {
        u64 time = process->time_used + (process == current ? clock_now() - process->running_since : 0);
        divide(&time, 1000000);
        info.pid = process->pid;
        info.parent = process->parent ? process->parent->pid : 0;
        info.state = process->state;
        info.resident_pages = resident_pages(process);
        info.faults = process->faults;
        info.system_calls = process->system_calls;
        info.milliseconds = (u32)time;
        copy_text(info.name, process->name, sizeof info.name);
    }
    memcpy((void *)frame->ecx, &info, sizeof info);
    return 1;
}

s32 sys_memory_info(struct trap_frame *frame)
{
    if (!user_range_ok(frame->ebx, sizeof(struct memory_info), true)) {
        return ERROR_BAD_ADDRESS;
    }
    memory_report((struct memory_info *)frame->ebx);
    return 0;
}

s32 sys_system_info(struct trap_frame *frame)
{
    struct system_info *info = (struct system_info *)frame->ebx;
    if (!user_range_ok(frame->ebx, sizeof *info, true)) {
        return ERROR_BAD_ADDRESS;
    }
    info->hypercalls = hypercalls_made();
    info->hypercalls_queued = hypercalls_queued();
    info->faults = fault_count();
    info->switches = switches_made();
    info->tsc_khz = lguest_data.tsc_khz;
    for (u32 irq = 0; irq < 32; irq++) {
        info->irqs[irq] = irq_count(irq);
    }
    return 0;
}
