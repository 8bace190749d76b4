// What to do when the stubs of trap.S bring something in: sort it by vector, give it to the part of the kernel that knows it,
// and settle on the way out whether the interrupted process may go on at once.
#include "kernel.h"

static struct {
    void (*handler)(void *);
    void *context;
    u32 count;
} interrupts[32];

static u32 faults;

void irq_register(u32 irq, void (*handler)(void *), void *context)
{
    if (irq >= array_size(interrupts)) {
        panic("irq %u is out of range", irq);
    }
    interrupts[irq].handler = handler;
    interrupts[irq].context = context;
    u32 flags = irq_save();
    lguest_data.blocked_interrupts &= ~(1u << irq);
    irq_restore(flags);
}

u32 irq_count(u32 irq)
{
    return interrupts[irq].count;
}

u32 fault_count(void)
{
    return faults;
}

static const char *const names[] = {
    "division by zero", "debug", "NMI", "breakpoint", "overflow", "bound", "invalid instruction", "no floating point here",
    "double fault", "coprocessor", "invalid TSS", "segment not present", "stack segment", "general protection", "page fault",
};

static const char *name_of(u32 vector)
{
    return vector < array_size(names) ? names[vector] : "exception";
}

// A process that did wrong ends, and says why. A kernel that did wrong cannot be trusted with anything but its last words.
static void exception(struct trap_frame *frame, u32 address)
{
    if (from_process(frame)) {
        irq_enable();
        print("puppy: %s[%u] killed: %s (error %x) at %08x, address %08x\n", current->name, current->pid,
              name_of(frame->vector), frame->error, frame->eip, address);
        process_exit(STATUS_KILLED + frame->vector);
    }
    panic("%s in the kernel (error %x) at %08x, address %08x", name_of(frame->vector), frame->error, frame->eip, address);
}

//J:Puppy:220 A page fault, and where its address comes from
// On a PC the address that could not be reached is in CR2, which ring 1 cannot read. The Host puts it into lguest_data before
// it hands us the fault. The next fault would overwrite it, so it is taken out before interrupts are allowed again.
static void handle_page_fault(struct trap_frame *frame)
{
    u32 address = lguest_data.cr2;
    faults++;
    if (frame->eflags & EFLAGS_IF) {
        irq_enable();
    }
    if (!page_fault(address, frame->error)) {
        exception(frame, address);
    }
}

//J:Puppy:230 Leaving for ring 3
// The kernel is never taken away from a process in the middle of its own work: an interrupt handler that wakes somebody only
// sets need_reschedule. Here, at the border, the wish is granted; and here a process that was killed meanwhile learns of it.
static void before_ring3(void)
{
    for (;;) {
        irq_disable();
        if (current->killed) {
            irq_enable();
            process_exit(STATUS_KILLED + 0x80);
        }
        if (!need_reschedule) {
            return;
        }
        schedule();
    }
}

void trap_dispatch(struct trap_frame *frame)
{
    u32 vector = frame->vector;
    if (vector == SYSCALL_VECTOR) {
        current->system_calls++;
        frame->eax = (u32)system_call(frame);
    } else if (vector == 14) {
        handle_page_fault(frame);
    } else if (vector >= IRQ_VECTOR && vector < IRQ_VECTOR + array_size(interrupts)) {
        u32 irq = vector - IRQ_VECTOR;
        interrupts[irq].count++;
        if (interrupts[irq].handler) {
            interrupts[irq].handler(interrupts[irq].context);
        }
    } else {
        exception(frame, 0);
    }
    if (from_process(frame)) {
        before_ring3();
    }
    irq_disable(); // until the return path in trap.S restores what the frame says
}
