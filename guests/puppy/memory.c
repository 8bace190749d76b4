// Who owns which page of RAM: pages that were never used, a free list of those that came back, a count of users for each
// (copy-on-write shares pages between processes), and small objects carved out of pages. Everything else in the kernel gets
// its memory here.
#include "kernel.h"

#define RAM_LIMIT 0x30000000u // the kernel's window at PAGE_OFFSET is used for at most 768 MB
#define SMALLEST 16u
#define CLASSES 8 // objects of 16, 32, ... 2048 bytes

struct page {
    u32 users : 24;
    u32 size_class : 8; // for pages cut into small objects: which size
};

struct free_item {
    struct free_item *next;
};

static struct page *pages;
static u32 ram_end;
static u32 page_count;
static u32 first_free; // physical: behind the kernel, the accounts and the early page tables
static u32 initrd_start, initrd_size;
static u32 first_unused; // the lowest frame that was never handed out
static u32 unused_count; // pages from there on that can be
static struct free_item *free_pages; // those that came back
static u32 free_page_count;
static u32 heap_page_count;
static struct free_item *free_objects[CLASSES];

u32 memory_end(void)
{
    return ram_end;
}

u32 initrd_address(void)
{
    return initrd_start;
}

u32 initrd_length(void)
{
    return initrd_size;
}

static struct page *page_of(const void *address)
{
    u32 frame = physical(address) / PAGE_SIZE;
    if (frame >= page_count) {
        panic("no page at %08x", (u32)address);
    }
    return &pages[frame];
}

//J:Puppy:240 What memory is there?
// The Launcher says so in the zero page: one e820 entry, from 0 to the size it was asked for. RAM is contiguous, with none of the
// PC's holes, and its last page is the initrd's. Not ours to give away are the zero page and the command line (pages 0 and 1),
// the kernel, the initrd, and the array that keeps the accounts. The device pages lie just above the end of RAM.
void memory_init(u32 boot_parameters)
{
    const u8 *boot = linear(boot_parameters);
    ram_end = *(const u32 *)(boot + BOOT_E820 + 8);
    initrd_start = *(const u32 *)(boot + BOOT_RAMDISK_IMAGE);
    initrd_size = *(const u32 *)(boot + BOOT_RAMDISK_SIZE);
    u32 usable = ram_end < RAM_LIMIT ? ram_end : RAM_LIMIT;
    if (initrd_size && (initrd_start >= usable || initrd_size > usable - initrd_start)) {
        print("puppy: the initrd lies beyond usable memory and is ignored\n");
        initrd_size = 0;
    }

    page_count = usable / PAGE_SIZE;
    pages = (struct page *)kernel_end;
    first_free = page_up(physical(kernel_end) + page_count * (u32)sizeof(struct page));
    if (first_free + 0x100000 > (initrd_size ? initrd_start : usable)) {
        panic("%u KB of memory are too little", usable / 1024);
    }
    memset(pages, 0, page_count * sizeof(struct page));
}

// Page tables are needed to reach the memory that page tables would be allocated from. The way out: the first ones come from
// just behind the accounts, inside the 8 MB that boot.S has mapped, and are never given back.
void *page_alloc_early(void)
{
    void *page = linear(first_free);
    first_free += PAGE_SIZE;
    return memset(page, 0, PAGE_SIZE);
}

// Frames that are never handed out: the boot page and the command line, the kernel with its accounts, the initrd.
static bool is_reserved(u32 frame)
{
    u32 address = frame * PAGE_SIZE;
    bool boot = frame < 2;
    bool kernel = address >= 0x100000 && address < first_free;
    bool initrd = initrd_size && address + PAGE_SIZE > initrd_start && address < initrd_start + initrd_size;
    return boot || kernel || initrd;
}

//J:Puppy:250 Memory that costs nothing
// A Host finds memory for a page of its Guest when the Guest first touches it. A free list that runs through all free pages
// touches every one of them at boot, and a Puppy that waits for a key would cost its Host all the memory that it may ever use.
// So the list has only pages that were used and came back; they are taken first. Pages that were never used are just a number,
// the lowest such frame, which grows.
void memory_ready(void)
{
    for (u32 frame = 0; frame < page_count; frame++) {
        unused_count += !is_reserved(frame);
    }
}

static void *take_unused(void)
{
    while (is_reserved(first_unused)) {
        first_unused++;
    }
    unused_count--;
    return linear(first_unused++ * PAGE_SIZE);
}

// Returns a page of zeroes with one user, or NULL if there is none left.
void *page_alloc(void)
{
    u32 flags = irq_save();
    void *page = NULL;
    if (free_pages) {
        page = free_pages;
        free_pages = free_pages->next;
        free_page_count--;
    } else if (unused_count) {
        page = take_unused();
    }
    if (page) {
        page_of(page)->users = 1;
    }
    irq_restore(flags);
    return page ? memset(page, 0, PAGE_SIZE) : NULL;
}

void page_share(const void *page)
{
    page_of(page)->users++;
}

u32 page_users(const void *page)
{
    return page_of(page)->users;
}

void page_release(void *address)
{
    struct page *page = page_of(address);
    u32 flags = irq_save();
    if (page->users == 0) {
        panic("page %08x released twice", (u32)address);
    }
    if (--page->users == 0) {
        struct free_item *item = address;
        item->next = free_pages;
        free_pages = item;
        free_page_count++;
    }
    irq_restore(flags);
}

// Small objects: one list of free ones per power of two, refilled by cutting up a page. A page once cut stays cut.
void *allocate(u32 size)
{
    u32 class = 0;
    while (class < CLASSES && SMALLEST << class < size) {
        class++;
    }
    if (class == CLASSES) {
        panic("an object of %u bytes was asked for", size);
    }
    u32 flags = irq_save();
    if (!free_objects[class]) {
        u8 *page = page_alloc();
        if (page) {
            page_of(page)->size_class = class & 0xFF;
            heap_page_count++;
            for (u32 offset = 0; offset < PAGE_SIZE; offset += SMALLEST << class) {
                struct free_item *item = (struct free_item *)(page + offset);
                item->next = free_objects[class];
                free_objects[class] = item;
            }
        }
    }
    struct free_item *object = free_objects[class];
    if (object) {
        free_objects[class] = object->next;
    }
    irq_restore(flags);
    if (object) {
        memset(object, 0, SMALLEST << class);
    }
    return object;
}

void release(void *object)
{
    u32 class = page_of(object)->size_class;
    u32 flags = irq_save();
    struct free_item *item = object;
    item->next = free_objects[class];
    free_objects[class] = item;
    irq_restore(flags);
}

void memory_report(struct memory_info *info)
{
    info->total_pages = page_count;
    info->free_pages = free_page_count + unused_count;
    info->shared_pages = 0;
    for (u32 frame = 0; frame < page_count; frame++) {
        info->shared_pages += pages[frame].users > 1;
    }
    info->heap_pages = heap_page_count;
    info->kernel_bytes = physical(kernel_end) - 0x100000;
    info->reserve_bytes = lguest_data.reserve_mem;
}
