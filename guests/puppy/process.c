// The lives of processes: born by fork, turned into another program by exec, ended by exit or by the kernel, buried by wait.
// How one gets the processor and loses it again is schedule.c's story.
#include "kernel.h"

static struct process table[PROCESS_LIMIT]; // slot 0 is the idle process: the thread of control that boot.S began
static u32 next_pid = 1;

struct process *current = &table[0];

void process_init(void)
{
    struct process *idle = &table[0];
    idle->state = PROCESS_RUNNABLE;
    idle->kernel_stack = boot_stack;
    idle->directory = kernel_directory();
    copy_text(idle->name, "idle", sizeof idle->name);
}

// NULL for an unused slot.
struct process *process_at(u32 slot)
{
    return table[slot].kernel_stack ? &table[slot] : NULL;
}

// An address belongs to a region if it lies inside; the stack (the last one) also grows downwards to reach it.
struct region *region_find(struct process *process, u32 address)
{
    for (u32 i = 0; i < REGION_LIMIT; i++) {
        struct region *region = &process->regions[i];
        if (address >= region->start && address < region->end) {
            return region;
        }
    }
    struct region *stack = &process->regions[REGION_LIMIT - 1];
    if (stack->end && address < stack->end && address >= stack->end - USER_STACK_LIMIT) {
        stack->start = page_down(address);
        return stack;
    }
    return NULL;
}

// Everything a process passes by address goes through here before the kernel touches it: a page fault on a range that
// passed can always be satisfied, so the kernel needs no other net.
bool user_range_ok(u32 address, u32 length, bool write)
{
    u32 end = address + length;
    if (end < address || end > PAGE_OFFSET) {
        return false;
    }
    while (address < end) {
        struct region *region = region_find(current, address);
        if (!region || (write && !region->writable)) {
            return false;
        }
        address = region->end;
    }
    return true;
}

static struct process *process_new(void)
{
    for (u32 slot = 1; slot < PROCESS_LIMIT; slot++) {
        struct process *process = &table[slot];
        if (process->kernel_stack) {
            continue;
        }
        memset(process, 0, sizeof *process);
        process->directory = directory_new();
        process->kernel_stack = process->directory ? page_alloc() : NULL;
        if (!process->kernel_stack) {
            if (process->directory) {
                page_release(process->directory);
            }
            return NULL;
        }
        process->pid = next_pid++;
        process->parent = current;
        process->state = PROCESS_SLEEPING; // until its creator has finished with it
        return process;
    }
    return NULL;
}

// The new process's kernel stack looks as if it had been interrupted on its way into switch_stacks: four registers,
// a return address, and above them the frame that trap_return will pop.
static void prepare_stack(struct process *process, const struct trap_frame *frame)
{
    struct trap_frame *top = (struct trap_frame *)(process->kernel_stack + PAGE_SIZE) - 1;
    *top = *frame;
    u32 *stack = (u32 *)top;
    *--stack = (u32)trap_return;
    stack -= 4;
    process->saved_esp = (u32)stack;
}

s32 process_fork(const struct trap_frame *frame)
{
    struct process *child = process_new();
    if (!child) {
        return ERROR_NO_MEMORY;
    }
    if (!directory_fork(current->directory, child->directory)) {
        directory_free(child->directory);
        page_release(child->kernel_stack);
        child->kernel_stack = NULL;
        return ERROR_NO_MEMORY;
    }
    memcpy(child->regions, current->regions, sizeof child->regions);
    memcpy(child->files, current->files, sizeof child->files);
    for (u32 i = 0; i < FILE_LIMIT; i++) {
        if (child->files[i]) {
            child->files[i]->users++;
        }
    }
    child->ignores_interrupt = current->ignores_interrupt;
    copy_text(child->name, current->name, sizeof child->name);
    prepare_stack(child, frame);
    ((struct trap_frame *)(child->kernel_stack + PAGE_SIZE) - 1)->eax = 0; // fork returns twice: here it is 0
    child->state = PROCESS_RUNNABLE;
    return (s32)child->pid;
}

// Process 1 has no parent to fork from. It is made by hand, with a frame that exec fills in.
void process_start_first(const char *path, char *const *arguments, u32 argument_count)
{
    struct process *first = process_new();
    struct trap_frame frame;
    memset(&frame, 0, sizeof frame);
    if (!first) {
        panic("no memory for the first process");
    }
    struct inode *console = inode_find("/dev/console");
    struct open_file *file = allocate(sizeof *file);
    file->inode = console;
    file->users = 3;
    for (u32 i = 0; i < 3; i++) {
        first->files[i] = file;
    }
    struct process *self = current;
    current = first; // exec works on the current process
    directory_load(first->directory);
    s32 error = process_exec(path, arguments, argument_count, &frame);
    current = self;
    directory_load(self->directory);
    if (error < 0) {
        panic("cannot start %s (error %d)", path, error);
    }
    first->parent = first;
    prepare_stack(first, &frame);
    first->state = PROCESS_RUNNABLE;
}

static struct process *child_of(const struct process *parent, s32 pid, bool *any)
{
    *any = false;
    for (u32 slot = 1; slot < PROCESS_LIMIT; slot++) {
        struct process *process = process_at(slot);
        if (process && process->parent == parent && process != parent && (pid < 0 || process->pid == (u32)pid)) {
            *any = true;
            if (process->state == PROCESS_ZOMBIE) {
                return process;
            }
        }
    }
    return NULL;
}

s32 process_wait(s32 pid, u32 *status)
{
    u32 flags = irq_save();
    s32 result = ERROR_NO_CHILD;
    for (;;) {
        bool any;
        struct process *dead = child_of(current, pid, &any);
        if (dead) {
            result = (s32)dead->pid;
            *status = dead->exit_status;
            page_release(dead->kernel_stack);
            dead->kernel_stack = NULL;
            break;
        }
        if (!any || current->killed) {
            result = any ? ERROR_INTERRUPTED : ERROR_NO_CHILD;
            break;
        }
        sleep_on(current);
    }
    irq_restore(flags);
    return result;
}

// The address space goes at once, the kernel stack only with wait: we are still standing on it.
void process_exit(u32 status)
{
    if (current->pid == 1) {
        panic("the first process ended with status %x", status);
    }
    for (u32 i = 0; i < FILE_LIMIT; i++) {
        if (current->files[i]) {
            file_release(current->files[i]);
            current->files[i] = NULL;
        }
    }
    if (current->bounce) {
        page_release(current->bounce);
        current->bounce = NULL;
    }
    u32 *directory = current->directory;
    current->directory = kernel_directory();
    directory_load(current->directory);
    directory_free(directory);

    irq_disable();
    for (u32 slot = 1; slot < PROCESS_LIMIT; slot++) {
        struct process *process = process_at(slot);
        if (process && process->parent == current) {
            process->parent = &table[1]; // orphans become children of the first process
            wake_up(process->parent);
        }
    }
    current->exit_status = status;
    current->state = PROCESS_ZOMBIE;
    wake_up(current->parent);
    schedule();
    panic("a dead process was scheduled");
}

static void mark_killed(struct process *process)
{
    process->killed = true;
    if (process->state == PROCESS_SLEEPING) {
        process->state = PROCESS_RUNNABLE; // whatever it waits for, it looks at killed when it wakes
    }
    need_reschedule = true;
}

s32 process_kill(u32 pid)
{
    s32 result = ERROR_NO_PROCESS;
    u32 flags = irq_save();
    for (u32 slot = 1; slot < PROCESS_LIMIT; slot++) {
        struct process *process = process_at(slot);
        if (process && process->pid == pid && process->state != PROCESS_ZOMBIE) {
            result = pid == 1 ? ERROR_INVALID : 0;
            if (pid != 1) {
                mark_killed(process);
            }
        }
    }
    irq_restore(flags);
    return result;
}

// Control-C: ends every process that has not asked to be spared.
void process_interrupt_all(void)
{
    for (u32 slot = 1; slot < PROCESS_LIMIT; slot++) {
        struct process *process = process_at(slot);
        if (process && process->state != PROCESS_ZOMBIE && !process->ignores_interrupt && process->pid != 1) {
            mark_killed(process);
        }
    }
}
