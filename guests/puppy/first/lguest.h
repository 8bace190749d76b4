// The contract between this kernel and its Host as it was first, in Linux 2.6.23: hypercall numbers, how a call is made, and the one structure
// both sides read and write. second/lguest.h is the same page of later years.
#ifndef PUPPY_LGUEST_H
#define PUPPY_LGUEST_H

#include "host.h"
#include "types.h"

#define LHCALL_LOAD_GDT 3
#define LHCALL_BIND_DMA 12
#define LHCALL_SEND_DMA 13

#define HOST_CAN_RESTART 0

#ifndef __ASSEMBLER__

struct hypercall_slot {
    u32 number, arg1, arg2, arg3;
};

//J:Puppy:490 The same page, four years younger
// Puppy is built twice, from the same files but for a folder: second/ for the Hosts of 3.1 to 3.11, this one for the Host of 2.6.23, the first
// that Linux had. The page that both sides share is all there, and shorter: no word by which the Host says that an interrupt waits, no
// kernel address and no system call vector, which that Host took to be what they always were. Instead it gives each Guest a number.
struct lguest_data {
    u32 irq_enabled;           // ours: 0 or EFLAGS_IF. The Host clears it when it delivers an interrupt
    u32 blocked_interrupts;    // ours: one bit per irq that we do not want to hear of
    u32 cr2;                   // Host's: the address of the page fault that it hands us
    u32 time_sec, time_nsec;   // Host's: UTC, refreshed at each interrupt
    u8 hcall_status[RING_SLOTS]; // the ring of postponed hypercalls: 0 filled by us, 0xFF done by the Host
    struct hypercall_slot hcalls[RING_SLOTS];
    u32 reserve_mem;           // Host's: bytes at the top of the address space that are its own
    u16 guestid;               // Host's: which of its Guests we are
    u32 tsc_khz;               // Host's: rate of RDTSC, 0 if it is no clock
    u32 noirq_start, noirq_end; // ours: code between these addresses is never interrupted (see trap.S)
};

_Static_assert(__builtin_offsetof(struct lguest_data, hcalls) == 84, "async ring");
_Static_assert(__builtin_offsetof(struct lguest_data, reserve_mem) == 1108, "Host fields");
_Static_assert(sizeof(struct lguest_data) == 1128, "the 2.6.23 layout");

extern volatile struct lguest_data lguest_data;

//J:Puppy:500 One call with an answer
// The arguments are in EDX, EBX and ECX; it was later that they moved to where system calls have them. One call returns something in EAX,
// BIND_DMA, and so all of them are taken to: the others leave the number there that they were called by.
static inline u32 hypercall(u32 number, u32 arg1, u32 arg2, u32 arg3)
{
    __asm__ volatile("int $0x1f" : "+a"(number) : "d"(arg1), "b"(arg2), "c"(arg3) : "memory");
    return number;
}

#endif
#endif
