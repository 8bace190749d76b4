// A file system as flat as an archive: a list of paths, each with its contents from an initrd, from later writing, or from a
// device. A directory is nothing but a path that others begin with; reading it yields one record for each entry.
#include "kernel.h"

#define INODE_LIMIT 128
#define FILE_SIZE_LIMIT (1024 * PAGE_SIZE) // one page of page pointers

static struct inode inodes[INODE_LIMIT]; // slot 0 is the root directory
static u32 inode_count;

static const char *without_slash(const char *path)
{
    while (*path == '/' || (path[0] == '.' && (path[1] == '/' || path[1] == 0))) {
        path++;
    }
    return path;
}

struct inode *inode_find(const char *path)
{
    char name[PATH_LIMIT];
    copy_text(name, without_slash(path), sizeof name);
    u32 length = strlen(name);
    if (length && name[length - 1] == '/') {
        name[length - 1] = 0;
    }
    for (u32 i = 0; i < inode_count; i++) {
        if (strcmp(inodes[i].path, name) == 0) {
            return &inodes[i];
        }
    }
    return NULL;
}

// Finds or makes the file, and the directories it lies in. NULL if the path is too long or the table is full.
struct inode *inode_make(const char *path, u32 type)
{
    path = without_slash(path);
    struct inode *inode = inode_find(path);
    if (inode || strlen(path) >= PATH_LIMIT) {
        return inode;
    }
    char parent[PATH_LIMIT];
    u32 cut = 0;
    for (u32 i = 0; path[i]; i++) {
        cut = path[i] == '/' ? i : cut;
    }
    memcpy(parent, path, cut);
    parent[cut] = 0;
    if (cut && !inode_make(parent, FILE_DIRECTORY)) {
        return NULL;
    }
    if (inode_count == INODE_LIMIT) {
        return NULL;
    }
    inode = &inodes[inode_count++];
    copy_text(inode->path, path, PATH_LIMIT);
    inode->type = type;
    return inode;
}

void file_add_image(const char *path, const u8 *data, u32 size)
{
    struct inode *inode = inode_make(path, FILE_REGULAR);
    if (inode && inode->type == FILE_REGULAR) {
        inode->image = data;
        inode->size = size;
    }
}

void file_add_device(const char *path, struct device device, u64 size)
{
    struct inode *inode = inode_make(path, FILE_DEVICE);
    if (inode) {
        inode->device = device;
        inode->size = size;
    }
}

static s32 read_directory(const struct inode *directory, u64 offset, void *buffer, u32 length)
{
    if (length < sizeof(struct directory_entry)) {
        return ERROR_INVALID;
    }
    u32 skip = (u32)offset / sizeof(struct directory_entry);
    u32 prefix = strlen(directory->path);
    for (u32 i = 1; i < inode_count; i++) {
        const char *path = inodes[i].path;
        bool inside = strncmp(path, directory->path, prefix) == 0 && (prefix == 0 || path[prefix] == '/');
        const char *name = path + prefix + (prefix ? 1 : 0);
        if (!inside || !*name || strchr(name, '/') || skip-- > 0) {
            continue;
        }
        struct directory_entry *entry = buffer;
        entry->type = inodes[i].type;
        entry->size = (u32)inodes[i].size;
        copy_text(entry->path, name, PATH_LIMIT);
        return sizeof *entry;
    }
    return 0;
}

// At most a page at a time and never across a page of the file; callers ask again for the rest.
s32 inode_read(struct inode *inode, u64 offset, void *buffer, u32 length)
{
    if (inode->type == FILE_DIRECTORY) {
        return read_directory(inode, offset, buffer, length);
    }
    if (inode->type == FILE_DEVICE) {
        return inode->device.read ? inode->device.read(inode->device.context, offset, buffer, length) : ERROR_INVALID;
    }
    if (offset >= inode->size) {
        return 0;
    }
    u32 within = (u32)offset % PAGE_SIZE;
    length = length < PAGE_SIZE - within ? length : PAGE_SIZE - within;
    length = length < inode->size - offset ? length : (u32)(inode->size - offset);
    const u8 *block = inode->image ? inode->image + page_down((u32)offset) : inode->blocks[(u32)offset / PAGE_SIZE];
    if (block) {
        memcpy(buffer, block + within, length);
    } else {
        memset(buffer, 0, length); // a hole
    }
    return (s32)length;
}

s32 inode_write(struct inode *inode, u64 offset, const void *buffer, u32 length)
{
    if (inode->type == FILE_DEVICE) {
        return inode->device.write ? inode->device.write(inode->device.context, offset, buffer, length) : ERROR_INVALID;
    }
    if (inode->type == FILE_DIRECTORY) {
        return ERROR_INVALID;
    }
    if (inode->image) {
        return ERROR_READ_ONLY; // what came with an initrd stays as it came
    }
    if (offset >= FILE_SIZE_LIMIT) {
        return ERROR_NO_SPACE;
    }
    if (!inode->blocks && !(inode->blocks = page_alloc())) {
        return ERROR_NO_MEMORY;
    }
    u8 **block = &inode->blocks[(u32)offset / PAGE_SIZE];
    if (!*block && !(*block = page_alloc())) {
        return ERROR_NO_MEMORY;
    }
    u32 within = (u32)offset % PAGE_SIZE;
    length = length < PAGE_SIZE - within ? length : PAGE_SIZE - within;
    memcpy(*block + within, buffer, length);
    if (offset + length > inode->size) {
        inode->size = offset + length;
    }
    return (s32)length;
}

// Called when a file that was written to is closed: data in a disk's cache would not survive the Host's power failure.
void inode_flush(struct inode *inode)
{
    if (inode->type == FILE_DEVICE && inode->device.flush) {
        inode->device.flush(inode->device.context);
    }
}

static s32 null_read(void *context, u64 offset, void *buffer, u32 length)
{
    (void)context, (void)offset, (void)buffer, (void)length;
    return 0;
}

static s32 zero_read(void *context, u64 offset, void *buffer, u32 length)
{
    (void)context, (void)offset;
    memset(buffer, 0, length);
    return (s32)length;
}

static s32 null_write(void *context, u64 offset, const void *buffer, u32 length)
{
    (void)context, (void)offset, (void)buffer;
    return (s32)length;
}

void files_init(void)
{
    inodes[0].type = FILE_DIRECTORY;
    inode_count = 1;
    inode_make("tmp", FILE_DIRECTORY);
    file_add_device("dev/null", (struct device){.read = null_read, .write = null_write}, 0);
    file_add_device("dev/zero", (struct device){.read = zero_read, .write = null_write}, 0);
}
