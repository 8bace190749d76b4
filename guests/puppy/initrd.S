// The built-in initrd: every program of user/ and the demonstration script, as one archive in the middle of the kernel image.
    .section .initrd, "a"
    .balign 4096
    .globl initrd_begin, initrd_end
initrd_begin:
    .incbin "initrd.cpio"
initrd_end:

    .section .note.GNU-stack, "", @progbits
