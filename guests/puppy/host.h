// What never changed between a kernel and its lguest Host, from Linux 2.6.23 to 3.11: the numbers of the calls that both knew, our segments, the vectors, and where the
// boot loader's page has what we read. What did change is in first/lguest.h and second/lguest.h.
#ifndef PUPPY_HOST_H
#define PUPPY_HOST_H

#define HYPERCALL_VECTOR 0x1F

#define LHCALL_FLUSH_ASYNC 0
#define LHCALL_LGUEST_INIT 1
#define LHCALL_SHUTDOWN 2 // called CRASH at first: it took last words, and there was no other end
#define LHCALL_NEW_PGTABLE 4
#define LHCALL_FLUSH_TLB 5
#define LHCALL_LOAD_IDT_ENTRY 6
#define LHCALL_SET_STACK 7
#define LHCALL_TS 8
#define LHCALL_SET_CLOCKEVENT 9
#define LHCALL_HALT 10
#define LHCALL_SET_PTE 14
#define LHCALL_SET_PGD 15 // called SET_PMD at first

#define SHUTDOWN_POWEROFF 1 // the first Host does not look at either
#define SHUTDOWN_RESTART 2

// The Host's fixed ideas about our segments: it starts us in the first pair, which live in ring 1.
#define KERNEL_CS 0x61
#define KERNEL_DS 0x69
#define USER_CS 0x73
#define USER_DS 0x7B

#define EFLAGS_IF 0x200
#define IRQ_VECTOR 0x20
#define SYSCALL_VECTOR 0x80

// Offsets in boot_params (the "zero page").
#define BOOT_RAMDISK_IMAGE 0x218
#define BOOT_RAMDISK_SIZE 0x21C
#define BOOT_COMMAND_LINE 0x228
#define BOOT_E820 0x2D0

// The ring of postponed hypercalls in lguest_data.
#define RING_SLOTS 64
#define RING_FREE 0xFF
#define RING_READY 0

#endif
