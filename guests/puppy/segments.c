// The two tables that a processor consults without asking the kernel: descriptors (GDT) and gates (IDT). A Guest may not load
// them itself; it describes each entry to the Host, which checks it and puts it where the processor looks.
#include "kernel.h"

static void gate(u32 vector, const void *handler, u32 type, u32 ring)
{
    u32 low = KERNEL_CS << 16 | ((u32)handler & 0xFFFF);
    u32 high = ((u32)handler & 0xFFFF0000) | 0x8000 | ring << 13 | type << 8;
    hypercall(LHCALL_LOAD_IDT_ENTRY, vector, low, high);
}

//J:Puppy:200 Segments: flat, but in ring 1
// All four segments span the whole address space; what sets them apart is the ring. A kernel on a PC owns ring 0. Here ring 0
// is the Host's, so our descriptors say ring 1 (DPL 1: the 0x20 in 0xBB and 0xB3) and processes stay in ring 3 as usual.
// Paging knows only two kinds, "user" for ring 3 and "supervisor" for the rest, so ring 1 can be walled off from processes
// by page tables in the ordinary way. A descriptor that asks for ring 0 would be turned into ring 1 by the Host.
static const struct segment segments[] = {
    [KERNEL_CS / 8] = {0x0000FFFF, 0x00CFBB00},
    [KERNEL_DS / 8] = {0x0000FFFF, 0x00CFB300},
    [USER_CS / 8] = {0x0000FFFF, 0x00CFFB00},
    [USER_DS / 8] = {0x0000FFFF, 0x00CFF300},
};

//J:Puppy:210 Gates: who may knock, and who answers
// An interrupt gate (type 0xE) asks for interrupts off on entry: the Host stores 0 into irq_enabled as it delivers. A trap gate
// (0xF) leaves them as they are, and then there is nothing for the Host to do, so it may let the processor jump straight
// from ring 3 to our ring 1 code. That is why system calls, the most frequent traps of all, get the one trap gate: they cost
// no trip to the Host. The ring in a gate says who may use it by INT n: 3 for the system call, and for the breakpoint and overflow
// instructions; 0, which is nobody here, for the rest, so that a process cannot forge an interrupt.
// Vectors 2, 8, 15 and 0x1F are the Host's own business; it would ignore what we say of them.
void segments_init(void)
{
    segments_tell(segments, array_size(segments));
    for (u32 vector = 0; vector < 64; vector++) {
        if (vector != 2 && vector != 8 && vector != 15 && vector != HYPERCALL_VECTOR) {
            gate(vector, trap_stubs + vector * 16, 0xE, vector == 3 || vector == 4 ? 3 : 0);
        }
    }
    gate(SYSCALL_VECTOR, syscall_stub, 0xF, 3);

    // Processes of Puppy have no floating point: with the task-switched flag up, its use is a fault (vector 7) that ends them.
    hypercall(LHCALL_TS, 8, 0, 0);
}
