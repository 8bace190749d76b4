// Turning a file into a running program: reads an ELF image from the initrd and notes where its parts belong.
// Nothing is loaded here. The regions point into the image, and page_fault copies each page when it is first touched.
#include "kernel.h"

#define ARGUMENT_LIMIT 16
#define ARGUMENT_BYTES 2048u

struct elf_header {
    u8 magic[16];
    u16 type, machine;
    u32 version, entry, program_headers, section_headers, flags;
    u16 header_size, program_header_size, program_header_count;
};

struct program_header {
    u32 type, offset, address, physical_address, file_size, memory_size, flags, alignment;
};

#define ELF_LOAD 1
#define ELF_WRITABLE 2

// Fills regions from the image and returns the entry point, or 0 if this is no program we can run.
static u32 read_image(const struct inode *inode, struct region *regions)
{
    const struct elf_header *elf = (const struct elf_header *)inode->image;
    u32 size = (u32)inode->size;
    if (!elf || size < sizeof *elf || memcmp(elf->magic, "\177ELF\1\1", 6) || elf->type != 2 || elf->machine != 3 ||
        elf->program_header_size != sizeof(struct program_header) || elf->program_headers > size ||
        elf->program_header_count > (size - elf->program_headers) / sizeof(struct program_header)) {
        return 0;
    }
    const struct program_header *header = (const struct program_header *)(inode->image + elf->program_headers);
    u32 used = 0;
    u32 heap = 0;
    for (u32 i = 0; i < elf->program_header_count; i++, header++) {
        if (header->type != ELF_LOAD || header->memory_size == 0) {
            continue;
        }
        u32 end = header->address + header->memory_size;
        if (used == REGION_LIMIT - 2 || header->address % PAGE_SIZE || header->file_size > header->memory_size ||
            header->offset > size || header->file_size > size - header->offset || header->address < PAGE_SIZE ||
            end < header->address || end > USER_STACK_TOP - USER_STACK_LIMIT - PAGE_SIZE || header->address < heap) {
            return 0;
        }
        regions[used].start = header->address;
        regions[used].end = page_up(end);
        regions[used].writable = header->flags & ELF_WRITABLE;
        regions[used].data = inode->image + header->offset;
        regions[used].data_length = header->file_size;
        heap = regions[used].end;
        used++;
    }
    regions[REGION_LIMIT - 2] = (struct region){.start = heap, .end = heap, .writable = true};
    regions[REGION_LIMIT - 1] = (struct region){.start = USER_STACK_TOP - PAGE_SIZE, .end = USER_STACK_TOP, .writable = true};
    return elf->entry;
}

//J:Puppy:310 What main() finds on its stack
// The top page of the new stack is written before the process exists: the argument strings at the very top, below them the
// array of pointers to them, ended by a zero, and at the bottom the count. The program's first instruction finds ESP pointing
// at that count, exactly as on Linux. The page is filled through the kernel's view and only then mapped into the new space.
static u32 build_stack(u8 *page, char *const *arguments, u32 count)
{
    u32 pointers[ARGUMENT_LIMIT + 1];
    u32 top = PAGE_SIZE;
    for (u32 i = 0; i < count; i++) {
        u32 length = strlen(arguments[i]) + 1;
        top -= length;
        memcpy(page + top, arguments[i], length);
        pointers[i] = USER_STACK_TOP - PAGE_SIZE + top;
    }
    pointers[count] = 0;
    top = (top & ~3u) - (count + 1) * 4;
    memcpy(page + top, pointers, (count + 1) * 4);
    top -= 4;
    *(u32 *)(page + top) = count;
    return USER_STACK_TOP - PAGE_SIZE + top;
}

// The arguments may lie in the memory that is about to go, so everything that is needed of it is copied first; from
// directory_load on there is no way back and nothing that can fail.
s32 process_exec(const char *path, char *const *arguments, u32 count, struct trap_frame *frame)
{
    struct region regions[REGION_LIMIT];
    memset(regions, 0, sizeof regions);
    struct inode *inode = inode_find(path);
    if (!inode || inode->type != FILE_REGULAR) {
        return ERROR_NOT_FOUND;
    }
    u32 entry = read_image(inode, regions);
    if (!entry) {
        return ERROR_NOT_EXECUTABLE;
    }
    u32 bytes = 0;
    for (u32 i = 0; i < count; i++) {
        bytes += strlen(arguments[i]) + 1;
    }
    if (count > ARGUMENT_LIMIT || bytes > ARGUMENT_BYTES) {
        return ERROR_TOO_BIG;
    }
    u32 *directory = directory_new();
    u8 *stack = directory ? page_alloc() : NULL;
    if (!stack) {
        if (directory) {
            page_release(directory);
        }
        return ERROR_NO_MEMORY;
    }
    u32 esp = build_stack(stack, arguments, count);
    if (!page_map(directory, USER_STACK_TOP - PAGE_SIZE, stack, PTE_USER | PTE_WRITABLE | PTE_DIRTY)) {
        page_release(stack);
        page_release(directory);
        return ERROR_NO_MEMORY;
    }

    const char *name = path;
    for (const char *c = path; *c; c++) {
        name = *c == '/' ? c + 1 : name;
    }
    copy_text(current->name, name, sizeof current->name);
    memcpy(current->regions, regions, sizeof regions);
    u32 *old = current->directory;
    current->directory = directory;
    directory_load(directory);
    directory_free(old);

    memset(frame, 0, sizeof *frame);
    frame->ds = frame->es = frame->ss = USER_DS;
    frame->cs = USER_CS;
    frame->eip = entry;
    frame->esp = esp;
    frame->eflags = EFLAGS_IF | 2;
    return 0;
}
