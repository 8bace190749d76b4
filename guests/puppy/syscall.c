// The services a process can ask for by int 0x80: a table of handlers, and the care that every address and number from ring 3 needs.
#include "kernel.h"

#define HEAP_TOP 0xB0000000u // well below the deepest stack

// Copies a string in from the process; false if it is not all there or too long.
static bool text_from_user(char *to, u32 address, u32 size)
{
    for (u32 i = 0; i < size; i++) {
        if (!user_range_ok(address + i, 1, false)) {
            return false;
        }
        to[i] = *(const char *)(address + i);
        if (!to[i]) {
            return true;
        }
    }
    return false;
}

struct open_file *file_of(u32 number)
{
    return number < FILE_LIMIT ? current->files[number] : NULL;
}

void file_release(struct open_file *file)
{
    if (--file->users == 0) {
        if (file->written) {
            inode_flush(file->inode);
        }
        if (file->inode->device.close) {
            file->inode->device.close(file->inode->device.context);
        }
        release(file);
    }
}

// Belongs to the process, not to the call, so that it is given back even if the process ends in the middle of one.
u8 *bounce_page(void)
{
    if (!current->bounce) {
        current->bounce = page_alloc();
    }
    return current->bounce;
}

//J:Puppy:450 Moving bytes across the border
// Data goes through a page of the kernel's own, in both directions. The driver fills or empties that page, sleeping as it must;
// only then is the process's memory touched, with no lock held, because touching it may fault, sleep, and even end the process.
static s32 transfer(struct trap_frame *frame, bool write)
{
    struct open_file *file = file_of(frame->ebx);
    u32 address = frame->ecx;
    u32 left = frame->edx;
    if (!file) {
        return ERROR_BAD_FILE;
    }
    if (!user_range_ok(address, left, !write)) {
        return ERROR_BAD_ADDRESS;
    }
    u8 *page = bounce_page();
    if (!page) {
        return ERROR_NO_MEMORY;
    }
    s32 total = 0;
    while (left && !current->killed) {
        u32 piece = left < PAGE_SIZE ? left : PAGE_SIZE;
        s32 moved;
        if (write) {
            memcpy(page, (const void *)address, piece);
            moved = inode_write(file->inode, file->offset, page, piece);
            file->written = true;
        } else {
            moved = inode_read(file->inode, file->offset, page, piece);
            if (moved > 0) {
                memcpy((void *)address, page, (u32)moved);
            }
        }
        if (moved <= 0) {
            total = total ? total : moved;
            break;
        }
        total += moved;
        address += (u32)moved;
        left -= (u32)moved;
        file->offset += (u32)moved;
        if (!write && (file->inode->type != FILE_REGULAR) && file->inode->size == 0) {
            break; // a terminal or a directory: what is there now is the answer
        }
    }
    return total;
}

static s32 sys_read(struct trap_frame *frame)
{
    return transfer(frame, false);
}

static s32 sys_write(struct trap_frame *frame)
{
    return transfer(frame, true);
}

// Gives the current process a file number for it.
s32 file_open_inode(struct inode *inode)
{
    u32 number = 0;
    while (number < FILE_LIMIT && current->files[number]) {
        number++;
    }
    if (number == FILE_LIMIT) {
        return ERROR_TOO_MANY_FILES;
    }
    struct open_file *file = allocate(sizeof *file);
    if (!file) {
        return ERROR_NO_MEMORY;
    }
    file->inode = inode;
    file->users = 1;
    current->files[number] = file;
    return (s32)number;
}

static s32 sys_open(struct trap_frame *frame)
{
    char path[PATH_LIMIT];
    if (!text_from_user(path, frame->ebx, sizeof path)) {
        return ERROR_BAD_ADDRESS;
    }
    struct inode *inode = frame->ecx & OPEN_CREATE ? inode_make(path, FILE_REGULAR) : inode_find(path);
    if (!inode) {
        return frame->ecx & OPEN_CREATE ? ERROR_NO_SPACE : ERROR_NOT_FOUND;
    }
    if (inode->image && frame->ecx & OPEN_WRITE) {
        return ERROR_READ_ONLY;
    }
    if (frame->ecx & OPEN_TRUNCATE && inode->type == FILE_REGULAR) {
        for (u32 i = 0; inode->blocks && i < 1024; i++) {
            if (inode->blocks[i]) {
                page_release(inode->blocks[i]);
                inode->blocks[i] = NULL;
            }
        }
        inode->size = 0;
    }
    return file_open_inode(inode);
}

static s32 sys_close(struct trap_frame *frame)
{
    struct open_file *file = file_of(frame->ebx);
    if (!file) {
        return ERROR_BAD_FILE;
    }
    current->files[frame->ebx] = NULL;
    file_release(file);
    return 0;
}

static s32 sys_dup2(struct trap_frame *frame)
{
    struct open_file *file = file_of(frame->ebx);
    if (!file || frame->ecx >= FILE_LIMIT) {
        return ERROR_BAD_FILE;
    }
    file->users++;
    if (current->files[frame->ecx]) {
        file_release(current->files[frame->ecx]);
    }
    current->files[frame->ecx] = file;
    return (s32)frame->ecx;
}

// lseek(file, high, low): the offset in two halves, as in Linux's _llseek; the low half comes back.
static s32 sys_llseek(struct trap_frame *frame)
{
    struct open_file *file = file_of(frame->ebx);
    if (!file) {
        return ERROR_BAD_FILE;
    }
    file->offset = (u64)frame->ecx << 32 | frame->edx;
    return 0;
}

static s32 sys_file_size(struct trap_frame *frame)
{
    const struct open_file *file = file_of(frame->ebx);
    if (!file || !user_range_ok(frame->ecx, sizeof(u64), true)) {
        return file ? ERROR_BAD_ADDRESS : ERROR_BAD_FILE;
    }
    *(u64 *)frame->ecx = file->inode->size;
    return (s32)file->inode->type;
}

static s32 sys_fork(struct trap_frame *frame)
{
    return process_fork(frame);
}

static s32 sys_exit(struct trap_frame *frame)
{
    process_exit(frame->ebx & 0xFF);
}

static s32 sys_waitpid(struct trap_frame *frame)
{
    u32 status = 0;
    if (frame->ecx && !user_range_ok(frame->ecx, sizeof status, true)) {
        return ERROR_BAD_ADDRESS;
    }
    s32 pid = process_wait((s32)frame->ebx, &status);
    if (pid > 0 && frame->ecx) {
        *(u32 *)frame->ecx = status;
    }
    return pid;
}

// execve(path, arguments): all text is brought into the kernel before the old program's memory goes.
static s32 sys_execve(struct trap_frame *frame)
{
    char path[PATH_LIMIT];
    if (!text_from_user(path, frame->ebx, sizeof path)) {
        return ERROR_BAD_ADDRESS;
    }
    char *page = (char *)bounce_page();
    if (!page) {
        return ERROR_NO_MEMORY;
    }
    char **arguments = (char **)page;
    char *text = page + 17 * sizeof(char *);
    u32 count = 0;
    s32 result = 0;
    while (result == 0) {
        u32 slot = frame->ecx + count * 4;
        if (!user_range_ok(slot, 4, false)) {
            result = ERROR_BAD_ADDRESS;
        } else if (!*(const u32 *)slot) {
            break;
        } else if (count == 16) {
            result = ERROR_TOO_BIG;
        } else if (!text_from_user(text, *(const u32 *)slot, (u32)(page + PAGE_SIZE - text))) {
            result = ERROR_BAD_ADDRESS;
        } else {
            arguments[count++] = text;
            text += strlen(text) + 1;
        }
    }
    if (result == 0) {
        result = process_exec(path, arguments, count, frame);
    }
    return result;
}

static s32 sys_getpid(struct trap_frame *frame)
{
    (void)frame;
    return (s32)current->pid;
}

static s32 sys_kill(struct trap_frame *frame)
{
    return process_kill(frame->ebx);
}

// signal(SIGNAL_INTERRUPT, 1 to ignore it, 0 to die of it): the one signal there is.
static s32 sys_signal(struct trap_frame *frame)
{
    if (frame->ebx != SIGNAL_INTERRUPT || frame->ecx > 1) {
        return ERROR_INVALID;
    }
    current->ignores_interrupt = frame->ecx;
    return 0;
}

// brk(end) moves the end of the heap and returns it; 0 asks where it is. Nothing is allocated before it is touched.
static s32 sys_brk(struct trap_frame *frame)
{
    struct region *heap = &current->regions[REGION_LIMIT - 2];
    if (frame->ebx >= heap->end && frame->ebx <= HEAP_TOP) {
        heap->end = page_up(frame->ebx);
    }
    return (s32)heap->end;
}

static s32 sys_yield(struct trap_frame *frame)
{
    (void)frame;
    need_reschedule = true;
    return 0;
}

// nanosleep(milliseconds): coarser than its name, which is Linux's.
static s32 sys_nanosleep(struct trap_frame *frame)
{
    u64 until = clock_now() + frame->ebx * 1000000ull;
    u32 flags = irq_save();
    while (clock_now() < until && !current->killed) {
        current->wake_at = until;
        sleep_on(&current->wake_at);
    }
    current->wake_at = 0;
    irq_restore(flags);
    return 0;
}

static s32 sys_crash(struct trap_frame *frame)
{
    return crash(frame->ebx);
}

static s32 sys_reboot(struct trap_frame *frame)
{
    if (frame->ebx == REBOOT_RESTART) {
        restart();
    }
    power_off();
}

static const struct {
    u32 number;
    s32 (*handler)(struct trap_frame *);
} calls[] = {
    {SYS_EXIT, sys_exit}, {SYS_FORK, sys_fork}, {SYS_READ, sys_read}, {SYS_WRITE, sys_write}, {SYS_OPEN, sys_open},
    {SYS_CLOSE, sys_close}, {SYS_WAITPID, sys_waitpid}, {SYS_EXECVE, sys_execve}, {SYS_TIME, sys_time},
    {SYS_GETPID, sys_getpid}, {SYS_KILL, sys_kill}, {SYS_BRK, sys_brk}, {SYS_SIGNAL, sys_signal}, {SYS_DUP2, sys_dup2},
    {SYS_REBOOT, sys_reboot}, {SYS_LLSEEK, sys_llseek}, {SYS_YIELD, sys_yield}, {SYS_NANOSLEEP, sys_nanosleep},
    {SYS_PROCESS_INFO, sys_process_info}, {SYS_MEMORY_INFO, sys_memory_info}, {SYS_UPTIME, sys_uptime},
    {SYS_CRASH, sys_crash}, {SYS_SYSTEM_INFO, sys_system_info}, {SYS_FILE_SIZE, sys_file_size},
    {SYS_SOCKET, sys_socket}, {SYS_SEND, sys_send}, {SYS_RECEIVE, sys_receive}, {SYS_NET_INFO, sys_net_info},
    {SYS_NET_SET, sys_net_set},
};

//J:Puppy:460 The border crossed once more
// A process puts a number into EAX, arguments into EBX, ECX and EDX, and says int 0x80; the answer comes back in EAX, negative
// if it is an error. It is the convention of hypercall.h one ring further out. Interrupts stay on meanwhile: see segments.c.
s32 system_call(struct trap_frame *frame)
{
    for (u32 i = 0; i < array_size(calls); i++) {
        if (calls[i].number == frame->eax) {
            return calls[i].handler(frame);
        }
    }
    return ERROR_NO_CALL;
}
