// The first instructions of Puppy: from the bare machine that the Launcher hands over (no page tables, physical addresses, an
// unknown Host) to C code at its proper virtual address. It is short because a paravirtual Guest is born in protected mode:
// none of the PC's real-mode past happens here.
#include "lguest.h"

#define PA(symbol) ((symbol) - PAGE_OFFSET)

#define PTE_KERNEL 0x63 // present, writable, accessed, dirty
#define BOOT_TABLES 2   // page tables built here: 4 MB each, enough to reach C

//J:Puppy:140 Entry: who is there?
// The image is linked for 0xC0100000 and lies at 0x00100000, so until paging is on every symbol needs PAGE_OFFSET taken off.
// The same entry point would be used on a PC. What tells the two apart is the zero page, whose address is in ESI: from boot
// protocol 2.07 on, hardware_subarch says 0 for a PC and 1 for lguest. Anything but 1 is no place for us: on real hardware
// the first hypercall would be a software interrupt into nowhere, so we stop at once, on an instruction that nobody misreads.
    .section .head.text, "ax"
    .globl startup
startup:
    cld
    cmpw $0x207, BOOT_VERSION(%esi)
    jb stranger
    cmpl $SUBARCH_LGUEST, BOOT_SUBARCH(%esi)
    jne stranger

    xorl %eax, %eax
    movl $PA(bss_start), %edi
    movl $PA(bss_end), %ecx
    subl %edi, %ecx
    shrl $2, %ecx
    rep stosl

//J:Puppy:150 Hello, Host
// LGUEST_INIT is the only call the Host accepts from a Guest it does not know yet. Its argument is the physical address of
// lguest_data; the Host remembers it, reads our half of the structure and fills in its own.
    movl $LHCALL_LGUEST_INIT, %eax
    movl $PA(lguest_data), %ebx
    int $HYPERCALL_VECTOR

//J:Puppy:160 Two views of the same memory
// Until we name a page directory the Host runs us in "linear mode": virtual addresses are physical ones. We want to live at
// PAGE_OFFSET instead and leave the lower three gigabytes to processes. The instruction after the switch is still fetched from
// its physical address, so for a moment both views must hold: directory slots 0 and 1 (identity) and 768 and 769
// (PAGE_OFFSET) name the same two tables. The identity half is forgotten with this directory, in paging.c.
    movl $PA(boot_tables), %edi
    movl $PTE_KERNEL, %eax
    movl $1024 * BOOT_TABLES, %ecx
1:  stosl
    addl $PAGE_SIZE, %eax
    loop 1b

    movl $PA(boot_tables) + PTE_KERNEL, %eax
    movl %eax, PA(boot_directory)
    movl %eax, PA(boot_directory) + 768 * 4
    addl $PAGE_SIZE, %eax
    movl %eax, PA(boot_directory) + 4
    movl %eax, PA(boot_directory) + 769 * 4

    movl $LHCALL_NEW_PGTABLE, %eax
    movl $PA(boot_directory), %ebx
    int $HYPERCALL_VECTOR

    movl $boot_stack_top, %esp
    xorl %ebp, %ebp
    pushl %esi
    movl $kernel_main, %eax
    call *%eax // an absolute call: from here on the instruction pointer is above PAGE_OFFSET

stranger:
    ud2

    .section .bss.page, "aw", @nobits
    .balign PAGE_SIZE
    .globl boot_directory
boot_directory:
    .skip PAGE_SIZE
boot_tables:
    .skip PAGE_SIZE * BOOT_TABLES
    .globl boot_stack
boot_stack:
    .skip PAGE_SIZE
    .globl boot_stack_top
boot_stack_top:

    .section .note.GNU-stack, "", @progbits
