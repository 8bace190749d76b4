// Who runs next: round robin among the runnable, sleeping and waking, and what the processor does when no process wants it.
// One processor and a kernel that is never preempted keep this to a page.
#include "kernel.h"

#define SLICE 10000000ull // nanoseconds a process runs before it must let others pass

#define STACK_MARK 0x50757070u // stands at the far end of each kernel stack; if it is gone, the stack was too small

bool need_reschedule;
static u32 switches;

u32 switches_made(void)
{
    return switches;
}

static u32 slot_of(const struct process *process)
{
    return (u32)(process - process_at(0));
}

static struct process *next_runnable(void)
{
    for (u32 step = 1; step <= PROCESS_LIMIT; step++) {
        struct process *process = process_at((slot_of(current) + step) % PROCESS_LIMIT);
        if (process && process->pid != 0 && process->state == PROCESS_RUNNABLE) {
            return process;
        }
    }
    return process_at(0);
}

// The next moment at which the clock must speak: the earliest sleeper's, or the end of this slice if somebody else waits for one.
static void arm_clock(const struct process *next, u64 now)
{
    u64 deadline = 0;
    for (u32 slot = 1; slot < PROCESS_LIMIT; slot++) {
        const struct process *process = process_at(slot);
        u64 wish = 0;
        if (process && process->state == PROCESS_SLEEPING) {
            wish = process->wake_at;
        } else if (process && process != next && process->state == PROCESS_RUNNABLE) {
            wish = now + SLICE;
        }
        if (wish && (!deadline || wish < deadline)) {
            deadline = wish;
        }
    }
    clock_arm(deadline);
}

//J:Puppy:320 Changing the process: three things the Host must know
// A switch replaces the stack, which is ours to do, and three pieces of the machine, which are not: the page directory, and the
// stack on which the next trap out of ring 3 will push its frame (a PC keeps it in the task state segment, which ring 1
// may not touch). SET_STACK also says how many pages the stack has, because a Host with shadow tables must keep them mapped:
// a page fault while pushing a frame could not be reported to anybody. Both calls go through the ring and cost one trip.
static void switch_to(struct process *next)
{
    struct process *previous = current;
    u32 *mark = (u32 *)next->kernel_stack;
    if (*mark && *mark != STACK_MARK) {
        panic("the kernel stack of %s[%u] overflowed", next->name, next->pid);
    }
    *mark = STACK_MARK;
    lazy_begin();
    lazy_hypercall(LHCALL_SET_STACK, KERNEL_DS, (u32)next->kernel_stack + PAGE_SIZE, 1);
    directory_load(next->directory);
    lazy_end();
    current = next;
    switches++;
    switch_stacks(&previous->saved_esp, next->saved_esp);
}

// Interrupts are off on entry and on return, however long that takes.
void schedule(void)
{
    need_reschedule = false;
    u64 now = clock_now();
    struct process *next = next_runnable();
    current->time_used += now - current->running_since;
    current->running_since = now;
    arm_clock(next, now);
    if (next != current) {
        next->running_since = now;
        switch_to(next);
    }
}

// Interrupts must be off since before the caller found that it has to wait, or the waking could come first.
void sleep_on(const void *channel)
{
    current->channel = channel;
    current->state = PROCESS_SLEEPING;
    schedule();
    current->channel = NULL;
}

// A channel is any address both sides agree on. Wakers do not hand anything over: sleepers look again for themselves.
void wake_up(const void *channel)
{
    for (u32 slot = 1; slot < PROCESS_LIMIT; slot++) {
        struct process *process = process_at(slot);
        if (process && process->state == PROCESS_SLEEPING && process->channel == channel) {
            process->state = PROCESS_RUNNABLE;
            need_reschedule = true;
        }
    }
}

//J:Puppy:330 Doing nothing, the polite way
// With nothing to run a PC executes HLT. Ring 1 may not, and spinning would keep the Host from running other Guests. HALT
// is made with interrupts off, so that one that arrives between our look around and the call is not lost:
// the Host returns at once if an interrupt is already waiting, and otherwise sleeps until there is one. Either way it sets irq_enabled
// for us and delivers. If all processes wait for a key, no clock is armed either, and the Guest costs its Host nothing.
void idle(void)
{
    for (;;) {
        irq_disable();
        need_reschedule = false;
        schedule();
        if (next_runnable()->pid == 0) {
            hypercall(LHCALL_HALT, 0, 0, 0);
        }
    }
}
