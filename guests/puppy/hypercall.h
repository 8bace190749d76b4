// How Puppy speaks to its Host: at once, by hypercall() of lguest.h, or later, through the ring in lguest_data. Together with the switch for
// interrupts, which needs no call at all, this is the whole vocabulary.
#ifndef PUPPY_HYPERCALL_H
#define PUPPY_HYPERCALL_H

#include "lguest.h"

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
