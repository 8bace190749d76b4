// The few names every file of Puppy leans on: fixed-width integers, the page size, and the bridge between the
// two views a kernel has of one byte of memory (physical, as the Host counts it; virtual, as the kernel sees it).
#ifndef PUPPY_TYPES_H
#define PUPPY_TYPES_H

#define PAGE_SIZE 4096u
#define PAGE_OFFSET 0xC0000000u // where the kernel's view of memory begins; everything below belongs to processes

#ifndef __ASSEMBLER__

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed int s32;
typedef _Bool bool;

#define true 1
#define false 0
#define NULL ((void *)0)
#define array_size(a) (sizeof(a) / sizeof((a)[0]))
#define page_up(x) (((x) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1))
#define page_down(x) ((x) & ~(PAGE_SIZE - 1))

// Every byte of RAM is visible to the kernel at PAGE_OFFSET + its physical address, so the two views are one addition apart.
static inline u32 physical(const volatile void *address)
{
    return (u32)address - PAGE_OFFSET;
}

static inline void *linear(u32 physical_address)
{
    return (void *)(physical_address + PAGE_OFFSET);
}

// Keeps the compiler from moving memory accesses across this line. Towards our own interrupts and a Host that stops us to look at
// memory that is enough, and so it is for two stores, which the processor never swaps.
static inline void barrier(void)
{
    __asm__ volatile("" ::: "memory");
}

// Keeps the processor as well from doing a later load before an earlier store has become visible: the one thing it does swap. Only
// where somebody else's thread, a device's, stores and looks at the same time.
static inline void full_barrier(void)
{
    __asm__ volatile("lock; addl $0, (%%esp)" ::: "memory", "cc");
}

#endif
#endif
