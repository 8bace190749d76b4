// How a Guest of 3.1 to 3.11 introduces itself to its Host, and the two things that it says differently from its elders: that interrupts
// are on again, and what its segments are.
#include "kernel.h"

void noirq_begin(void);
void noirq_end(void);

// The Host recognises which family of kernels it meets by the values that stand here before the first call.
volatile struct lguest_data lguest_data = {
    .blocked_interrupts = ~0u,
    .hcall_status = {[0 ... RING_SLOTS - 1] = RING_FREE},
    .noirq_start = (u32)noirq_begin,
    .noirq_end = (u32)noirq_end,
    .kernel_address = PAGE_OFFSET,
    .syscall_vec = SYSCALL_VECTOR,
};

//J:Puppy:130 Interrupts on again
// Off is a store; on is a store and a look. While interrupts were off the Host may have wanted to deliver one. It then left a
// mark in irq_pending, and unless we give it an occasion now it has to wait until we trap for another reason.
// SEND_INTERRUPTS is such an occasion and nothing more. We clear the mark ourselves, as not every Host takes it back.
void irq_enable(void)
{
    barrier();
    lguest_data.irq_enabled = EFLAGS_IF;
    barrier();
    if (lguest_data.irq_pending) {
        lguest_data.irq_pending = 0;
        hypercall(LHCALL_SEND_INTERRUPTS, 0, 0, 0);
    }
}

// One call for each descriptor that is in use.
void segments_tell(const struct segment *segments, u32 count)
{
    for (u32 i = 0; i < count; i++) {
        if (segments[i].high) {
            hypercall(LHCALL_LOAD_GDT_ENTRY, i, segments[i].low, segments[i].high);
        }
    }
}
