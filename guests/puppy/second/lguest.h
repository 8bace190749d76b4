// The contract between this kernel and its Host, in one page: hypercall numbers, how a call is made, and the one structure both sides
// read and write. It is the interface of Linux 3.1 to 3.11, of lguest's second generation; nothing here is Puppy's own invention.
#ifndef PUPPY_LGUEST_H
#define PUPPY_LGUEST_H

#include "host.h"
#include "types.h"

#define LHCALL_NOTIFY 17
#define LHCALL_LOAD_GDT_ENTRY 18
#define LHCALL_SEND_INTERRUPTS 19

#define HOST_CAN_RESTART 1

// Offsets in boot_params (the "zero page") that a Guest of this family reads.
#define BOOT_VERSION 0x206
#define BOOT_SUBARCH 0x23C

#define SUBARCH_LGUEST 1

#ifndef __ASSEMBLER__

struct hypercall_slot {
    u32 number, arg1, arg2, arg3, arg4;
};

//J:Puppy:100 One page that two worlds share
// A paravirtual kernel cannot switch interrupts off with CLI: it runs in ring 1, where CLI faults. It could ask the Host for
// every such change, but kernels do it thousands of times a second. So kernel and Host agree on a structure in the Guest's
// memory. The kernel stores 0 into irq_enabled and that IS "interrupts off", because the Host looks there before it
// delivers one. In the other direction the Host leaves the faulting address (cr2) and the time of day here, so that reading
// them costs a load and no trip. Whatever is rare goes through a hypercall; whatever is frequent goes through this page.
struct lguest_data {
    u32 irq_enabled;           // ours: 0 or EFLAGS_IF. The Host clears it when it delivers an interrupt
    u32 blocked_interrupts;    // ours: one bit per irq that we do not want to hear of
    u32 cr2;                   // Host's: the address of the page fault that it hands us
    u32 time_sec, time_nsec;   // Host's: UTC, refreshed at each interrupt
    u32 irq_pending;           // Host's: EFLAGS_IF while an interrupt waits for us to enable them
    u8 hcall_status[RING_SLOTS]; // the ring of postponed hypercalls: 0 filled by us, 0xFF done by the Host
    struct hypercall_slot hcalls[RING_SLOTS];
    u32 reserve_mem;           // Host's: bytes at the top of the address space that are its own
    u32 tsc_khz;               // Host's: rate of RDTSC, 0 if it is no clock
    u32 noirq_start, noirq_end; // ours: code between these addresses is never interrupted (see trap.S)
    u32 kernel_address;        // ours: addresses from here up are the kernel's in every address space
    u32 syscall_vec;           // ours: the vector our processes call us by
};

_Static_assert(__builtin_offsetof(struct lguest_data, hcalls) == 88, "async ring");
_Static_assert(__builtin_offsetof(struct lguest_data, reserve_mem) == 1368, "Host fields");
_Static_assert(sizeof(struct lguest_data) == 1392, "the 3.1 to 3.11 layout");

extern volatile struct lguest_data lguest_data;

//J:Puppy:110 A hypercall is a system call one ring further down
// A process enters its kernel with int 0x80; a Guest kernel enters its Host the same way with int 0x1F. EAX names the
// service, EBX, ECX, EDX and ESI carry the arguments, and every register comes back unchanged: results, where there are any,
// are left in lguest_data. "memory" is in the clobber list because the Host reads and writes our memory while we wait.
static inline void hypercall(u32 number, u32 arg1, u32 arg2, u32 arg3)
{
    __asm__ volatile("int $0x1f" ::"a"(number), "b"(arg1), "c"(arg2), "d"(arg3), "S"(0) : "memory");
}

#endif
#endif
