// What the kernel and its processes agree on: system call numbers, error numbers, and the records that cross the border.
// Numbers are those of Linux on i386 where Linux has the call, so that a trace reads familiarly; Puppy's own begin at 400.
#ifndef PUPPY_ABI_H
#define PUPPY_ABI_H

#include "../types.h"

#define SYS_EXIT 1
#define SYS_FORK 2
#define SYS_READ 3
#define SYS_WRITE 4
#define SYS_OPEN 5
#define SYS_CLOSE 6
#define SYS_WAITPID 7
#define SYS_EXECVE 11
#define SYS_TIME 13
#define SYS_GETPID 20
#define SYS_KILL 37
#define SYS_DUP2 63
#define SYS_SIGNAL 48
#define SYS_BRK 45
#define SYS_REBOOT 88
#define SYS_LLSEEK 140
#define SYS_YIELD 158
#define SYS_NANOSLEEP 162
#define SYS_PROCESS_INFO 400
#define SYS_MEMORY_INFO 401
#define SYS_UPTIME 402
#define SYS_CRASH 403
#define SYS_SYSTEM_INFO 404
#define SYS_FILE_SIZE 405
#define SYS_SOCKET 406
#define SYS_SEND 407
#define SYS_RECEIVE 408
#define SYS_NET_INFO 409
#define SYS_NET_SET 410

#define ERROR_NOT_FOUND -2
#define ERROR_NO_PROCESS -3
#define ERROR_INTERRUPTED -4
#define ERROR_IO -5
#define ERROR_TOO_BIG -7
#define ERROR_NOT_EXECUTABLE -8
#define ERROR_BAD_FILE -9
#define ERROR_NO_CHILD -10
#define ERROR_NO_MEMORY -12
#define ERROR_BAD_ADDRESS -14
#define ERROR_NOT_DIRECTORY -20
#define ERROR_INVALID -22
#define ERROR_TOO_MANY_FILES -24
#define ERROR_NO_SPACE -28
#define ERROR_READ_ONLY -30
#define ERROR_NO_CALL -38
#define ERROR_ADDRESS_IN_USE -98
#define ERROR_NO_NETWORK -101
#define ERROR_TIMED_OUT -110
#define ERROR_REFUSED -111
#define ERROR_NO_HOST -113

#define PATH_LIMIT 56

#define OPEN_WRITE 1    // as O_WRONLY
#define OPEN_CREATE 64  // as O_CREAT
#define OPEN_TRUNCATE 512 // as O_TRUNC

#define SIGNAL_INTERRUPT 2
#define STATUS_KILLED 0x100u // exit status of a process that did not end by itself: this plus the vector, or plus 0x80

#define FILE_REGULAR 0
#define FILE_DIRECTORY 1
#define FILE_DEVICE 2

#define REBOOT_POWER_OFF 1
#define REBOOT_RESTART 2

// The ways in which SYS_CRASH lets the kernel misbehave, each of which a Host must survive; see crash.c.
#define CRASH_PANIC 0
#define CRASH_JUMP 1
#define CRASH_PAGE_TABLE 2
#define CRASH_HYPERCALL 3
#define CRASH_RING 4
#define CRASH_DESCRIPTOR 5
#define CRASH_DESCRIPTOR_LOOP 6
#define CRASH_FLOOD 7
#define CRASH_IRQ_OFF 8
#define CRASH_STACK 9
#define CRASH_GATE 10
#define CRASH_NOTIFY 11
#define CRASH_SWITCHER 12
#define CRASH_PORTS 13

struct directory_entry {
    u32 type;
    u32 size;
    char path[PATH_LIMIT];
};

struct process_info {
    u32 pid, parent, state, resident_pages, faults, system_calls, milliseconds;
    char name[16];
};

struct memory_info {
    u32 total_pages, free_pages, shared_pages, heap_pages, kernel_bytes, reserve_bytes;
};

// Two kinds of datagrams: those of UDP, and echo requests with their replies, whose port is the sequence number.
#define SOCKET_UDP 0
#define SOCKET_PING 1
#define DATAGRAM_LIMIT 1472u // what an Ethernet frame leaves behind the headers of IP and of UDP or ICMP

// An address as a number: 10.0.0.1 is 0x0A000001.
#define ADDRESS_PARTS(a) (a) >> 24, (a) >> 16 & 0xFF, (a) >> 8 & 0xFF, (a) & 0xFF
#define ADDRESS_FORMAT "%u.%u.%u.%u"

struct datagram {
    u32 address;      // whom it goes to, or came from
    u16 port, length; // of the data; before receiving: how much there is room for
    u8 *data;
    u32 milliseconds; // how long to wait for one to arrive
};

struct net_info {
    char name[8];
    u8 mac[6];
    u32 address, mask, gateway;
    u32 frames_in, frames_out, bytes_in, bytes_out, dropped;
};

struct system_info {
    u32 hypercalls, hypercalls_queued, faults, switches, tsc_khz;
    u32 irqs[32];
};

#endif
