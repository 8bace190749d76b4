// Misbehaves. Some ways are this process's own, and only it suffers; in the others the kernel does something that the Host must stop.
#include "user.h"

static void null_pointer(void)
{
    *(volatile u32 *)0 = 1;
}

static void write_text(void)
{
    *(volatile u32 *)(u32)main = 0;
}

static void read_kernel(void)
{
    printf("%x\n", *(volatile u32 *)0xC0100000);
}

static void privileged(void)
{
    __asm__ volatile("hlt");
}

static void divide_by_zero(void)
{
    __asm__ volatile("divl %0" ::"r"(0), "a"(1), "d"(0));
}

static void forge_hypercall(void)
{
    __asm__ volatile("int $0x1f" ::"a"(2), "b"(0), "c"(1));
}

static void forge_interrupt(void)
{
    __asm__ volatile("int $0x20");
}

static void float_unit(void)
{
    __asm__ volatile("fld1");
}

static void endless_stack(void)
{
    u8 here;
    for (volatile u8 *below = &here;; below -= 4096) {
        *below = 0;
    }
}

static void eat_memory(void)
{
    for (;;) {
        u8 *memory = grow_heap(1 << 20);
        for (u32 page = 0; memory && page < 256; page++) {
            memory[page * 4096] = 1;
        }
    }
}

// Each child forks as well; all of them leave when there is no room for more.
static void breed(void)
{
    bool first = true;
    s32 pid;
    while ((pid = fork()) >= 0) {
        first = first && pid != 0;
    }
    sleep(200);
    while (wait(-1, NULL) > 0) {
    }
    if (!first) {
        exit(0);
    }
}

static const struct {
    const char *name, *what;
    void (*act)(void);
    u32 kernel_kind;
} ways[] = {
    {"null", "write to address 0", null_pointer, 0},
    {"text", "write to its own code", write_text, 0},
    {"peek", "read the kernel's memory", read_kernel, 0},
    {"hlt", "a privileged instruction", privileged, 0},
    {"div", "division by zero", divide_by_zero, 0},
    {"int1f", "a hypercall from a process", forge_hypercall, 0},
    {"int20", "a forged interrupt", forge_interrupt, 0},
    {"fpu", "floating point, which Puppy has not", float_unit, 0},
    {"deep", "a stack that never ends", endless_stack, 0},
    {"eat", "all memory there is", eat_memory, 0},
    {"breed", "as many processes as there can be", breed, 0},
    {"panic", "the kernel gives up", NULL, CRASH_PANIC},
    {"jump", "the kernel jumps into nowhere", NULL, CRASH_JUMP},
    {"pagetable", "it overwrites its page tables", NULL, CRASH_PAGE_TABLE},
    {"hypercall", "it makes an unknown hypercall", NULL, CRASH_HYPERCALL},
    {"ring", "it fills the hypercall ring with noise", NULL, CRASH_RING},
    {"descriptor", "a descriptor outside memory", NULL, CRASH_DESCRIPTOR},
    {"loop", "a descriptor chain without end", NULL, CRASH_DESCRIPTOR_LOOP},
    {"flood", "100000 notifications for nothing", NULL, CRASH_FLOOD},
    {"irqoff", "a loop with interrupts off", NULL, CRASH_IRQ_OFF},
    {"stack", "a trap stack in ring 0", NULL, CRASH_STACK},
    {"gate", "an interrupt gate of no known type", NULL, CRASH_GATE},
    {"notify", "a notification beyond memory", NULL, CRASH_NOTIFY},
    {"switcher", "a write to the Host's addresses", NULL, CRASH_SWITCHER},
    {"ports", "writes to I/O ports", NULL, CRASH_PORTS},
};

s32 main(s32 count, char **arguments)
{
    for (u32 i = 0; i < array_size(ways); i++) {
        if (count < 2) {
            printf("%-10s %s\n", ways[i].name, ways[i].what);
        } else if (strcmp(arguments[1], ways[i].name) == 0) {
            if (ways[i].act) {
                ways[i].act();
            } else {
                system_call(SYS_CRASH, ways[i].kernel_kind, 0, 0);
            }
            printf("crash: survived %s\n", ways[i].name);
            return 0;
        }
    }
    return count < 2 ? 0 : fail(arguments[1], ERROR_NOT_FOUND);
}
