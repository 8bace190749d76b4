// How Puppy speaks to its Host: at once, by the software interrupt 0x1F, or later, through the ring in lguest_data.
// Together with the switch for interrupts, which needs no call at all, this is the whole vocabulary.
#ifndef PUPPY_HYPERCALL_H
#define PUPPY_HYPERCALL_H

#include "lguest.h"

//J:Guest:510 A hypercall is a system call one ring further down
// A process enters its kernel with int 0x80; a Guest kernel enters its Host the same way with int 0x1F. EAX names the
// service, EBX, ECX, EDX and ESI carry the arguments, and every register comes back unchanged: results, where there are any,
// are left in lguest_data. "memory" is in the clobber list because the Host reads and writes our memory while we wait.
static inline void hypercall(u32 number, u32 arg1, u32 arg2, u32 arg3)
{
    __asm__ volatile("int $0x1f" ::"a"(number), "b"(arg1), "c"(arg2), "d"(arg3), "S"(0) : "memory");
}

void lazy_begin(void);
void lazy_end(void);
void lazy_hypercall(u32 number, u32 arg1, u32 arg2, u32 arg3);
u32 hypercalls_made(void);
u32 hypercalls_queued(void);

static inline void irq_disable(void)
{
    lguest_data.irq_enabled = 0;
    barrier();
}

static inline u32 irq_save(void)
{
    u32 flags = lguest_data.irq_enabled;
    irq_disable();
    return flags;
}

void irq_enable(void);
void irq_restore(u32 flags);

#endif
