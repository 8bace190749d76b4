// How Puppy ends: in order, by its own despair, or by one of the misdeeds that a Host must be able to contain. The last are here
// because a Host that was never lied to has never been tested.
#include "drivers.h"

static char last_words[128]; // the Host reads 128 bytes from the address it is given

static void say_goodbye(const char *text, u32 reason) __attribute__((noreturn));

static void say_goodbye(const char *text, u32 reason)
{
    irq_disable();
    console_drain();
    copy_text(last_words, text, sizeof last_words);
    hypercall(LHCALL_SHUTDOWN, physical(last_words), reason, 0);
    for (;;) {
        hypercall(LHCALL_HALT, 0, 0, 0);
    }
}

void power_off(void)
{
    say_goodbye("Power down", SHUTDOWN_POWEROFF);
}

void restart(void)
{
    if (!HOST_CAN_RESTART) {
        print("puppy: this Host knows no new beginning, only an end\n");
        power_off();
    }
    say_goodbye("Restarting", SHUTDOWN_RESTART);
}

void panic(const char *format, ...)
{
    char text[128];
    va_list arguments;
    va_start(arguments, format);
    format_text(text, sizeof text, format, arguments);
    va_end(arguments);
    irq_disable();
    print("puppy: panic: %s\n", text);
    say_goodbye(text, SHUTDOWN_POWEROFF);
}

// Every entry of the kernel's own first table now names a frame far beyond memory, and the Host is told to look at it.
static void ruin_page_tables(void)
{
    u32 *table = linear(page_down(kernel_directory()[PAGE_OFFSET >> 22]));
    for (u32 i = 0; i < 1024; i++) {
        table[i] = 0xFFFFF067;
    }
    hypercall(LHCALL_FLUSH_TLB, 1, 0, 0);
}

static void ruin_ring(void)
{
    for (u32 i = 0; i < RING_SLOTS; i++) {
        lguest_data.hcalls[i].number = 0xDEAD0000u + i;
        lguest_data.hcalls[i].arg1 = ~0u;
        lguest_data.hcall_status[i] = RING_READY;
    }
    hypercall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
}

//J:Puppy:470 Misbehaving on purpose
// Each of these is something a broken or hostile kernel may do. A good Host ends the Guest with a reason that names the deed, or
// shrugs where no harm is done (a flood of notifications, port accesses, a loop that never enables interrupts: the last keeps
// only its own processor busy), and its other Guests notice nothing. Whatever survives its misdeed returns to the shell.
s32 crash(u32 kind)
{
    print("puppy: misbehaving as asked, kind %u\n", kind);
    console_drain();
    switch (kind) {
    case CRASH_PANIC:
        panic("asked to panic");
    case CRASH_JUMP: // the frame for the fault can still be pushed, so we hear of it ourselves
        ((void (*)(void))0xD0000000u)();
        break;
    case CRASH_PAGE_TABLE:
        ruin_page_tables();
        break;
    case CRASH_HYPERCALL:
        hypercall(0x4711, 0, 0, 0);
        break;
    case CRASH_RING:
        ruin_ring();
        break;
    case CRASH_DESCRIPTOR:
    case CRASH_DESCRIPTOR_LOOP:
    case CRASH_FLOOD:
    case CRASH_NOTIFY:
        crash_device(kind);
        break;
    case CRASH_IRQ_OFF:
        irq_disable();
        for (;;) {
            barrier();
        }
    case CRASH_STACK: // a stack in ring 0
        hypercall(LHCALL_SET_STACK, 0x58, 0, 1);
        break;
    case CRASH_GATE: // a gate of a type that does not exist
        hypercall(LHCALL_LOAD_IDT_ENTRY, 0, 0, 0x8500);
        break;
    case CRASH_SWITCHER: // reach for the Host's own part of the address space
        *(volatile u32 *)(0u - PAGE_SIZE) = 0;
        break;
    case CRASH_PORTS:
        for (u32 port = 0; port < 0x400; port++) {
            __asm__ volatile("outb %%al, %%dx" ::"a"(0xFF), "d"(port));
        }
        break;
    default:
        return ERROR_INVALID;
    }
    return 0;
}
