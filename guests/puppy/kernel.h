// The one page on which every part of the kernel introduces itself to the others: its structures, its entry points, in the
// order in which the story meets them. Small enough to be read; a kernel that needs more headers than this is not a puppy.
#ifndef PUPPY_KERNEL_H
#define PUPPY_KERNEL_H

#include "hypercall.h"
#include "lib/lib.h"
#include "user/abi.h"

// What the stubs of trap.S leave on the kernel stack, lowest address first. esp and ss exist only if cs is a ring 3 selector.
struct trap_frame {
    u32 edi, esi, ebp, unused_esp, ebx, edx, ecx, eax;
    u32 ds, es, fs, gs;
    u32 vector, error;
    u32 eip, cs, eflags, esp, ss;
};

static inline bool from_process(const struct trap_frame *frame)
{
    return (frame->cs & 3) == 3;
}

// segments.c, traps.c; each generation tells the Host of its segments in its own way (lguest.c)
struct segment {
    u32 low, high;
};

void segments_tell(const struct segment *segments, u32 count);
void segments_init(void);
void trap_dispatch(struct trap_frame *frame);
void irq_register(u32 irq, void (*handler)(void *), void *context);
u32 irq_count(u32 irq);
u32 fault_count(void);

// memory.c: pages and small objects
void memory_init(u32 boot_parameters);
u32 memory_end(void);
u32 initrd_address(void);
u32 initrd_length(void);
void *page_alloc_early(void);
void memory_ready(void);
void *page_alloc(void);
void page_share(const void *page);
void page_release(void *page);
u32 page_users(const void *page);
void *allocate(u32 size);
void release(void *object);
void memory_report(struct memory_info *info);

// paging.c: address spaces
#define PTE_PRESENT 0x001u
#define PTE_WRITABLE 0x002u
#define PTE_USER 0x004u
#define PTE_ACCESSED 0x020u
#define PTE_DIRTY 0x040u
#define PTE_KERNEL (PTE_PRESENT | PTE_WRITABLE | PTE_ACCESSED | PTE_DIRTY)

struct region {
    u32 start, end; // end is exclusive; a free entry has end 0
    bool writable;
    const u8 *data; // what the first data_length bytes hold before they are touched; the rest is zero
    u32 data_length;
};

void paging_init(void);
void *device_page(u32 physical_address);
u32 *directory_new(void);
void directory_free(u32 *directory);
void directory_load(u32 *directory);
u32 *kernel_directory(void);
bool directory_fork(u32 *parent, u32 *child);
bool page_map(u32 *directory, u32 address, void *page, u32 flags);
bool page_fault(u32 address, u32 error);

// process.c, schedule.c
#define PROCESS_LIMIT 32
#define REGION_LIMIT 6
#define FILE_LIMIT 8
#define USER_STACK_TOP 0xBFFFF000u
#define USER_STACK_LIMIT 0x00100000u // a stack may grow to 1 MB

enum process_state { PROCESS_RUNNABLE, PROCESS_SLEEPING, PROCESS_ZOMBIE };

struct process {
    u32 pid;
    enum process_state state;
    struct process *parent;
    u32 saved_esp;
    u8 *kernel_stack; // one page
    u32 *directory;
    struct region regions[REGION_LIMIT];
    struct open_file *files[FILE_LIMIT];
    u8 *bounce; // one page through which its data passes on the way in and out; made when first needed
    const void *channel; // what a sleeper waits for
    u64 wake_at;         // nanoseconds; 0 if no alarm is set
    bool killed;
    bool ignores_interrupt;
    u32 exit_status;
    u32 faults, system_calls;
    u64 time_used, running_since; // nanoseconds
    char name[16];
};

extern struct process *current;
extern bool need_reschedule;

void process_init(void);
struct process *process_at(u32 slot);
s32 process_fork(const struct trap_frame *frame);
s32 process_exec(const char *path, char *const *arguments, u32 argument_count, struct trap_frame *frame);
s32 process_wait(s32 pid, u32 *status);
s32 process_kill(u32 pid);
void process_interrupt_all(void);
void process_exit(u32 status) __attribute__((noreturn));
void process_start_first(const char *path, char *const *arguments, u32 argument_count);
struct region *region_find(struct process *process, u32 address);
bool user_range_ok(u32 address, u32 length, bool write);

void schedule(void);
void sleep_on(const void *channel);
void wake_up(const void *channel);
void idle(void) __attribute__((noreturn));
u32 switches_made(void);

// clock.c
void clock_init(void);
u64 clock_now(void);
u32 clock_seconds_utc(void);
void clock_arm(u64 deadline);

// files.c, cpio.c
struct inode;
struct open_file {
    struct inode *inode;
    u64 offset;
    u32 users;
    bool written;
};

struct device {
    s32 (*read)(void *context, u64 offset, void *buffer, u32 length);
    s32 (*write)(void *context, u64 offset, const void *buffer, u32 length);
    void (*flush)(void *context); // make what was written last; may be NULL
    void (*close)(void *context); // nobody has it open any more; may be NULL
    void *context;
};

struct inode {
    char path[PATH_LIMIT]; // without the leading slash; "" is the root directory
    u32 type;              // FILE_REGULAR, FILE_DIRECTORY, FILE_DEVICE
    u64 size;
    const u8 *image;       // contents that lie in an initrd
    u8 **blocks;           // contents written since: one page of page pointers
    struct device device;
};

void files_init(void);
struct inode *inode_find(const char *path);
struct inode *inode_make(const char *path, u32 type);
void file_add_image(const char *path, const u8 *data, u32 size);
void file_add_device(const char *path, struct device device, u64 size);
s32 inode_read(struct inode *inode, u64 offset, void *buffer, u32 length);
void inode_flush(struct inode *inode);
s32 inode_write(struct inode *inode, u64 offset, const void *buffer, u32 length);
u32 cpio_unpack(const u8 *archive, u32 length);

// syscall.c
s32 system_call(struct trap_frame *frame);
void file_release(struct open_file *file);
s32 file_open_inode(struct inode *inode);
struct open_file *file_of(u32 number);
u8 *bounce_page(void);

// socket.c: system calls of the network
s32 sys_socket(struct trap_frame *frame);
s32 sys_send(struct trap_frame *frame);
s32 sys_receive(struct trap_frame *frame);
s32 sys_net_info(struct trap_frame *frame);
s32 sys_net_set(struct trap_frame *frame);

// report.c: system calls that only tell
s32 sys_time(struct trap_frame *frame);
s32 sys_uptime(struct trap_frame *frame);
s32 sys_process_info(struct trap_frame *frame);
s32 sys_memory_info(struct trap_frame *frame);
s32 sys_system_info(struct trap_frame *frame);

// console.c, printing
void console_init(void);
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void console_drain(void);

// devices (drivers.h)
void bus_scan(void);

// the end
void panic(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void power_off(void) __attribute__((noreturn));
void restart(void) __attribute__((noreturn));
s32 crash(u32 kind);
const char *command_line(void);
const char *option(const char *name);

// trap.S, puppy.ld
extern u8 trap_stubs[], syscall_stub[], trap_return[], boot_stack[], kernel_end[], initrd_begin[], initrd_end[];
extern u32 boot_directory[];
void switch_stacks(u32 *save_esp, u32 new_esp);

#endif
