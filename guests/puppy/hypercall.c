// The postponed half of talking to the Host: the ring of queued hypercalls. A trip to the Host costs much, and most trips can
// wait for company.
#include "hypercall.h"
#include "kernel.h"

static u32 lazy_depth;
static u32 next_slot;
static u32 queued_total;
static u32 direct_total;

//J:Puppy:120 The ring: many calls for the price of one
// Copying an address space for fork changes hundreds of page-table entries, and the Host must hear of each. None of these
// calls has a result that we wait for, so between lazy_begin and lazy_end they are written into a ring of 64 slots instead.
// The Host empties the ring, in order, before it performs the next direct call, whichever that is; FLUSH_ASYNC is the call
// that does nothing else. The store of the status byte must come last: it is what tells the Host that the slot is complete.
// If the ring has come full circle we simply make a direct call, which empties it as a side effect.
static void queue_hypercall(u32 number, u32 arg1, u32 arg2, u32 arg3)
{
    u32 flags = irq_save(); // an interrupt handler may queue calls too: two writers of one slot would be a mess
    if (lguest_data.hcall_status[next_slot] != RING_FREE) {
        hypercall(number, arg1, arg2, arg3);
        direct_total++;
    } else {
        lguest_data.hcalls[next_slot] = (struct hypercall_slot){.number = number, .arg1 = arg1, .arg2 = arg2, .arg3 = arg3};
        barrier();
        lguest_data.hcall_status[next_slot] = RING_READY;
        next_slot = (next_slot + 1) % RING_SLOTS;
        queued_total++;
    }
    irq_restore(flags);
}

void lazy_hypercall(u32 number, u32 arg1, u32 arg2, u32 arg3)
{
    if (lazy_depth) {
        queue_hypercall(number, arg1, arg2, arg3);
    } else {
        hypercall(number, arg1, arg2, arg3);
        direct_total++;
    }
}

void lazy_begin(void)
{
    lazy_depth++;
}

void lazy_end(void)
{
    if (--lazy_depth == 0) {
        hypercall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
        direct_total++;
    }
}

u32 hypercalls_made(void)
{
    return direct_total;
}

u32 hypercalls_queued(void)
{
    return queued_total;
}

void irq_restore(u32 flags)
{
    if (flags & EFLAGS_IF) {
        irq_enable();
    }
}
