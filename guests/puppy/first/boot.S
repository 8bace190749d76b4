// The first instructions of a Puppy of the first generation. There are fewer than in second/boot.S: the loader has made page tables, so
// it is at home, at PAGE_OFFSET, from the start.
#include "lguest.h"

#define PA(symbol) ((symbol) - PAGE_OFFSET)

//J:Puppy:520 Entry: thirteen letters
// An image says in its header where a PC enters it, and that place is no good here: a PC has no pages yet. So the first lguest's kernels had a
// second entry, and no field anywhere to name it. Its Launcher searches the image for these letters and starts the Guest right behind them.
// It has put page tables at the end of RAM, which show all of it at PAGE_OFFSET and nothing elsewhere, so there is no moment with two views
// and no jump between them. ESI has the physical address of the zero page, as usual.
    .section .head.text, "ax"
    .ascii "GenuineLguest"
    .globl startup
startup:
    xorl %eax, %eax
    movl $bss_start, %edi
    movl $bss_end, %ecx
    subl %edi, %ecx
    shrl $2, %ecx
    rep stosl

    movl $LHCALL_LGUEST_INIT, %eax
    movl $PA(lguest_data), %edx
    int $HYPERCALL_VECTOR

    movl $boot_stack_top, %esp
    xorl %ebp, %ebp
    pushl %esi
    call kernel_main

    .section .bss.page, "aw", @nobits
    .balign PAGE_SIZE
    .globl boot_stack
boot_stack:
    .skip PAGE_SIZE
boot_stack_top:

    .section .note.GNU-stack, "", @progbits
