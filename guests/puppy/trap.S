// Where the outside enters: the stubs every trap, interrupt and system call goes through, the way back out, and the switch from
// one process to another. All of it handles stacks, which is why it is not C.
#include "lguest.h"

//J:Puppy:170 One door for everything
// The Host (or, for system calls, the processor itself) has pushed EFLAGS, CS, EIP and, coming from ring 3, SS and ESP before
// them; for some vectors an error code follows. Each stub evens that out with a zero and adds its vector, so that C sees
// one shape of frame for all (struct trap_frame in kernel.h). Stubs are 16 bytes apart, which makes their addresses arithmetic.
    .text
    .macro stub vector
    .balign 16
    .if !((\vector == 8) || (\vector >= 10 && \vector <= 14) || (\vector == 17))
    pushl $0
    .endif
    pushl $\vector
    jmp trap_entry
    .endm

    .altmacro
    .globl trap_stubs
    .balign 16
trap_stubs:
    .set number, 0
    .rept 64
    stub %number
    .set number, number + 1
    .endr

    .globl syscall_stub
syscall_stub:
    stub SYSCALL_VECTOR

    .balign 16
trap_entry:
    cld
    pushl %gs
    pushl %fs
    pushl %es
    pushl %ds
    pushal
    movl $KERNEL_DS, %eax
    movl %eax, %ds
    movl %eax, %es
    pushl %esp // the argument: struct trap_frame *
    call trap_dispatch
    addl $4, %esp

    .globl trap_return
trap_return: // interrupts are off here; a new process comes to life by starting at this label
    popal
    popl %ds
    popl %es
    popl %fs
    popl %gs
    addl $8, %esp

//J:Puppy:180 The return that must not be disturbed
// On a PC, IRET restores the interrupt flag and returns in one instruction. In ring 1 IRET leaves the flag alone, and what counts
// is irq_enabled, so the return takes two steps: store the flag from the frame, then IRET. In between lies a gap in which
// an interrupt would find interrupts enabled, half of a frame gone, and would nest on this stack again and again.
// So the Host is told the two addresses noirq_begin and noirq_end and holds interrupts back while EIP lies between them.
// The store names SS because DS already belongs to the process. The mask leaves the one bit that means something.
    pushl %eax
    movl 12(%esp), %eax // EAX, EIP, CS, then EFLAGS
    andl $EFLAGS_IF, %eax
    .globl noirq_begin
noirq_begin:
    movl %eax, %ss:lguest_data
    popl %eax
    iret
    .globl noirq_end
noirq_end:

//J:Puppy:190 Changing horses
// switch_stacks(u32 *save_esp, u32 new_esp): the calling process goes to sleep in the middle of this function and another one,
// which went to sleep here some time ago, wakes up. Only what a C caller expects to survive a call needs saving; the
// rest of the process is already on its kernel stack.
    .globl switch_stacks
switch_stacks:
    movl 4(%esp), %eax
    movl 8(%esp), %edx
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    movl %esp, (%eax)
    movl %edx, %esp
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    ret

    .section .note.GNU-stack, "", @progbits
