// Address spaces: the kernel's half, which all of them share, and the processes' half, which fills up on demand.
// Every change to a table that the Host may have looked at is told to the Host; that is the whole art of paravirtual paging.
#include "kernel.h"

#define KERNEL_SLOT (PAGE_OFFSET / 0x400000u)
#define DEVICE_WINDOW 0xF0000000u
#define DEVICE_PAGES 256u // the Host keeps at most so many pages above the end of RAM

static u32 *the_kernel_directory;
static u8 *zero_page;

static u32 slot_of(u32 address)
{
    return address >> 22;
}

static u32 index_of(u32 address)
{
    return address >> 12 & 1023;
}

static void *page_behind(u32 entry)
{
    return linear(page_down(entry));
}

//J:Puppy:260 Three steps to any byte
// The processor finds a byte by way of a directory (1024 slots of 4 MB each) and a table (1024 pages of 4 KB each), both of
// them pages like any other. They hold physical frame numbers, and "physical" means the Guest's own idea of it: the Host
// translates once more, behind our back, either by keeping shadow tables as mainline lguest does, or while it walks ours.
//
//     0x00000000  processes: program, heap, ... stack             slots 0 - 767    one set per process
//     0xC0000000  all of RAM, physical 0 upward                   slots 768 - 959  the same tables in every directory
//     0xF0000000  device descriptor page and rings, above RAM     slot 960         likewise
//     top         the Host's own, reserve_mem bytes               never ours
//
// Pages above the end of RAM are legal because the Host put memory there. A present entry that names a frame beyond
// that is a lie the Host punishes when it is used, not when it is written, so the device window may be generous.
void paging_init(void)
{
    u32 window_end = DEVICE_WINDOW + DEVICE_PAGES * PAGE_SIZE;
    if (window_end > 0u - lguest_data.reserve_mem) {
        panic("the Host keeps %u KB at the top, too much for our layout", lguest_data.reserve_mem / 1024);
    }
    the_kernel_directory = page_alloc_early();
    struct memory_info info;
    memory_report(&info);
    u32 *table = NULL;
    for (u32 frame = 0; frame < info.total_pages; frame++) {
        if (frame % 1024 == 0) {
            table = page_alloc_early();
            the_kernel_directory[KERNEL_SLOT + frame / 1024] = physical(table) | PTE_KERNEL;
        }
        table[frame % 1024] = frame * PAGE_SIZE | PTE_KERNEL;
    }
    table = page_alloc_early();
    the_kernel_directory[slot_of(DEVICE_WINDOW)] = physical(table) | PTE_KERNEL;
    for (u32 i = 0; i < DEVICE_PAGES; i++) {
        table[i] = (memory_end() + i * PAGE_SIZE) | PTE_PRESENT | PTE_WRITABLE;
    }
    directory_load(the_kernel_directory); // the identity view of boot.S ends here
    memory_ready();
    zero_page = page_alloc();
}

void *device_page(u32 physical_address)
{
    u32 offset = physical_address - memory_end();
    return offset < DEVICE_PAGES * PAGE_SIZE ? (void *)(DEVICE_WINDOW + offset) : NULL;
}

u32 *kernel_directory(void)
{
    return the_kernel_directory;
}

u32 *directory_new(void)
{
    u32 *directory = page_alloc();
    if (directory) {
        memcpy(directory + KERNEL_SLOT, the_kernel_directory + KERNEL_SLOT, (1024 - KERNEL_SLOT) * 4);
    }
    return directory;
}

// What a PC does by writing CR3. Inside lazy_begin/lazy_end it takes effect no later than lazy_end.
void directory_load(u32 *directory)
{
    lazy_hypercall(LHCALL_NEW_PGTABLE, physical(directory), 0, 0);
}

//J:Puppy:270 Write first, tell afterwards
// A table is our memory and we write it ourselves; SET_PTE and SET_PGD only say "look again". A Host with shadow tables would
// otherwise go on using what it copied earlier. An entry that is going to be used at once is written with the accessed and dirty
// bits already set: the Host then takes it over immediately, instead of waiting for the fault that would set them.
static void set_pte(u32 *directory, u32 *entry, u32 address, u32 value)
{
    *entry = value;
    lazy_hypercall(LHCALL_SET_PTE, physical(directory), address, value);
}

static void set_slot(u32 *directory, u32 slot, u32 value)
{
    directory[slot] = value;
    lazy_hypercall(LHCALL_SET_PGD, physical(directory), slot, 0);
}

static u32 *find_entry(u32 *directory, u32 address)
{
    u32 slot = directory[slot_of(address)];
    return slot & PTE_PRESENT ? (u32 *)page_behind(slot) + index_of(address) : NULL;
}

// Takes over the caller's share in page. False if there is no memory for a table.
bool page_map(u32 *directory, u32 address, void *page, u32 flags)
{
    if (!find_entry(directory, address)) {
        u32 *table = page_alloc();
        if (!table) {
            return false;
        }
        set_slot(directory, slot_of(address), physical(table) | PTE_KERNEL | PTE_USER);
    }
    set_pte(directory, find_entry(directory, address), address, physical(page) | flags | PTE_PRESENT | PTE_ACCESSED);
    return true;
}

//J:Puppy:280 Taking an address space apart
// The Host remembers directories by their physical address. A directory page that is freed will soon be something else, perhaps
// the directory of another process, and a Host that still trusted its notes would show that process the memory of a dead one.
// Clearing each slot with SET_PGD makes it drop them. The calls are queued; lazy_end sends them off before a page is reused.
void directory_free(u32 *directory)
{
    lazy_begin();
    for (u32 slot = 0; slot < KERNEL_SLOT; slot++) {
        if (!(directory[slot] & PTE_PRESENT)) {
            continue;
        }
        u32 *table = page_behind(directory[slot]);
        set_slot(directory, slot, 0);
        for (u32 i = 0; i < 1024; i++) {
            if (table[i] & PTE_PRESENT) {
                page_release(page_behind(table[i]));
            }
        }
        page_release(table);
    }
    lazy_end();
    page_release(directory);
}

//J:Puppy:290 fork without copying
// Parent and child get the same pages, and both lose the right to write to them. The first that writes faults and receives
// a copy (page_fault below). The parent's tables are in use, so the Host must hear of every entry that changed: hundreds of
// calls, which is what the ring of hypercall.c is for. The child's directory was never loaded: the Host knows nothing to correct.
bool directory_fork(u32 *parent, u32 *child)
{
    bool complete = true;
    lazy_begin();
    for (u32 slot = 0; slot < KERNEL_SLOT && complete; slot++) {
        if (!(parent[slot] & PTE_PRESENT)) {
            continue;
        }
        u32 *from = page_behind(parent[slot]);
        u32 *to = page_alloc();
        if (!to) {
            complete = false;
            break;
        }
        child[slot] = physical(to) | PTE_KERNEL | PTE_USER;
        for (u32 i = 0; i < 1024; i++) {
            if (!(from[i] & PTE_PRESENT)) {
                continue;
            }
            if (from[i] & PTE_WRITABLE) {
                set_pte(parent, &from[i], slot << 22 | i << 12, from[i] & ~PTE_WRITABLE);
            }
            page_share(page_behind(from[i]));
            to[i] = from[i];
        }
    }
    lazy_end();
    return complete;
}

static void fill_from_image(u8 *page, const struct region *region, u32 address)
{
    u32 offset = address - region->start;
    if (offset < region->data_length) {
        u32 length = region->data_length - offset;
        memcpy(page, region->data + offset, length < PAGE_SIZE ? length : PAGE_SIZE);
    }
}

// First touch: reading memory that was never written finds the one page of zeroes, shared by everybody and copied when written.
static bool fault_in(struct region *region, u32 address, bool write)
{
    u8 *page;
    u32 flags = PTE_USER;
    if (!write && address - region->start >= region->data_length) {
        page = zero_page;
        page_share(page);
    } else {
        page = page_alloc();
        if (!page) {
            return false;
        }
        fill_from_image(page, region, address);
        flags |= region->writable ? PTE_WRITABLE | PTE_DIRTY : 0;
    }
    if (!page_map(current->directory, address, page, flags)) {
        page_release(page);
        return false;
    }
    return true;
}

// A write to a shared page: the last user simply gets the right to write, everyone else a copy.
static bool unshare(u32 *entry, u32 address)
{
    u8 *old = page_behind(*entry);
    if (page_users(old) == 1) {
        set_pte(current->directory, entry, address, *entry | PTE_WRITABLE | PTE_ACCESSED | PTE_DIRTY);
        return true;
    }
    u8 *copy = page_alloc();
    if (!copy) {
        return false;
    }
    memcpy(copy, old, PAGE_SIZE);
    set_pte(current->directory, entry, address, physical(copy) | PTE_KERNEL | PTE_USER);
    page_release(old);
    return true;
}

//J:Puppy:300 The fault that is no error
// A process starts with no page at all: exec only notes which parts of the address space exist (regions). The first touch of
// each page brings us here, and so does the first write to a page shared by fork. Only an address outside every region, or a
// write to a region that forbids it, is the process's own mistake. The kernel's accesses to process memory come here too,
// because ring 1 obeys page protections just as ring 3 does.
bool page_fault(u32 address, u32 error)
{
    bool write = error & 2;
    struct region *region = current && address < PAGE_OFFSET ? region_find(current, address) : NULL;
    if (!region || (write && !region->writable)) {
        return false;
    }
    current->faults++;
    address = page_down(address);
    u32 *entry = find_entry(current->directory, address);
    bool present = entry && *entry & PTE_PRESENT;
    bool done = true;
    if (!present) {
        done = fault_in(region, address, write);
    } else if (write && !(*entry & PTE_WRITABLE)) {
        done = unshare(entry, address);
    } // else somebody mended it already: try again
    if (!done) {
        irq_enable();
        print("puppy: %s[%u] killed: out of memory\n", current->name, current->pid);
        process_exit(STATUS_KILLED + 0x80);
    }
    return true;
}
