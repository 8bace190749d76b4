// How a Guest of 2.6.23 introduces itself to its Host, and the two things that it says differently from its heirs: that interrupts are on
// again, and what its segments are.
#include "kernel.h"

void noirq_begin(void);
void noirq_end(void);

volatile struct lguest_data lguest_data = {
    .blocked_interrupts = ~0u,
    .hcall_status = {[0 ... RING_SLOTS - 1] = RING_FREE},
    .noirq_start = (u32)noirq_begin,
    .noirq_end = (u32)noirq_end,
};

//J:Puppy:510 Interrupts on again, and no word about it
// On is a store, as off is. If an interrupt came meanwhile, nobody tells us, and there is no call that would fetch it: it arrives when the Host
// next has a reason to look, at the latest with its own timer. The Host of the first generation empties the ring on those occasions, too.
void irq_enable(void)
{
    barrier();
    lguest_data.irq_enabled = EFLAGS_IF;
    barrier();
}

// One call for the whole table, as a PC's LGDT is one instruction. The Host keeps the entries that are its own.
void segments_tell(const struct segment *segments, u32 count)
{
    hypercall(LHCALL_LOAD_GDT, physical(segments), count, 0);
}
