// The first instructions of every program: the kernel left the argument count at ESP and the argument pointers above it; main wants
// them as a number and an address, and its result is the program's last word.
    .text
    .globl start
start:
    movl %esp, %eax
    leal 4(%eax), %edx
    pushl %edx
    pushl (%eax)
    call main
    movl %eax, %ebx
    movl $1, %eax
    int $0x80

    .section .note.GNU-stack, "", @progbits
