// Time, in both directions: what o'clock it is, and an alarm when it is later. The Host offers a page to read the first from
// and a hypercall for the second.
#include "kernel.h"

static u64 start_seconds;
static u64 start_counter;
static u64 armed_for;

static u64 read_counter(void)
{
    u32 low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (u64)high << 32 | low;
}

//J:Puppy:340 Two clocks, and which to believe
// If the Host vouches for the processor's cycle counter it tells us the rate (tsc_khz), and time is a subtraction and a division
// away, with no call. If not, tsc_khz is 0 and we fall back on the time of day in lguest_data, which the Host brings up to
// date whenever it delivers an interrupt: good for deadlines, coarse for measuring. The Host may write it between our
// reading of seconds and nanoseconds, hence the loop.
static u64 wall_clock(void)
{
    u32 seconds, nanoseconds;
    do {
        seconds = lguest_data.time_sec;
        barrier();
        nanoseconds = lguest_data.time_nsec;
        barrier();
    } while (seconds != lguest_data.time_sec);
    return (seconds - start_seconds) * 1000000000ull + nanoseconds;
}

// Nanoseconds since the kernel started.
u64 clock_now(void)
{
    u32 khz = lguest_data.tsc_khz;
    if (!khz) {
        return wall_clock();
    }
    u64 milliseconds = read_counter() - start_counter;
    u32 rest = divide(&milliseconds, khz);
    u64 fraction = rest * 1000000ull;
    divide(&fraction, khz);
    return milliseconds * 1000000u + fraction;
}

u32 clock_seconds_utc(void)
{
    return lguest_data.time_sec;
}

//J:Puppy:350 One alarm, set by hand
// The timer is one-shot: SET_CLOCKEVENT gives a delay in nanoseconds and irq 0 follows once; a new call replaces the last, 0
// cancels. There is no periodic tick to stop when nothing needs it, because there is none to begin with: the scheduler says
// when it next wants to look around (deadline 0: not at all), and only a changed wish is worth a call.
void clock_arm(u64 deadline)
{
    if (deadline == armed_for) {
        return;
    }
    armed_for = deadline;
    if (!deadline) {
        hypercall(LHCALL_SET_CLOCKEVENT, 0, 0, 0);
        return;
    }
    u64 now = clock_now();
    u64 delay = deadline > now ? deadline - now : 0;
    if (delay < 1000) {
        delay = 1000;
    }
    if (delay > 0xFFFFFFFFull) {
        delay = 0xFFFFFFFFull; // some four seconds: the handler will find that it is early and arm again
    }
    hypercall(LHCALL_SET_CLOCKEVENT, (u32)delay, 0, 0);
}

static void clock_interrupt(void *context)
{
    (void)context;
    armed_for = 0;
    u64 now = clock_now();
    for (u32 slot = 1; slot < PROCESS_LIMIT; slot++) {
        struct process *process = process_at(slot);
        if (process && process->state == PROCESS_SLEEPING && process->wake_at && process->wake_at <= now) {
            process->state = PROCESS_RUNNABLE;
        }
    }
    need_reschedule = true; // the scheduler arms the clock again if anyone needs it
}

void clock_init(void)
{
    start_seconds = lguest_data.time_sec;
    start_counter = read_counter();
    irq_register(0, clock_interrupt, NULL);
}
