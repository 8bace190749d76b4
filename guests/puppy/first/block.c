// A disk's device in the first generation: a page in which a request is written, and a call that says so.
#include "dma.h"
#include "drivers.h"

#define RESULT_DONE 1u

struct dma_disk {
    struct disk disk;
    u32 key;
    volatile struct request_page {
        u32 write; // ours: 0 reads, 1 writes
        u32 sector, bytes;
        u32 result;  // the device's: 1 done, 2 failed; we have set it to 0
        u32 sectors; // the device's: how large the disk is
    } *page;
    struct dma read, sent;
};

static void request_done(void *context)
{
    wake_up(context);
}

//J:Puppy:560 A disk with one slip of paper
// The request is in the page, and there is one page, so there is one request at a time. The data of a write goes with the call; that of a read
// comes into the buffer that was bound when the disk was found, whose list of pieces is changed to fit before each call. The answer is in the page
// before the interrupt comes. Nobody can ask whether what was written is on the disk, nor whether it may be written to: it fails, or not.
bool disk_request(struct disk *which, enum disk_request what, u64 sector, u32 length)
{
    struct dma_disk *disk = (struct dma_disk *)which;
    u32 flags = irq_save();
    disk->page->write = what == DISK_WRITE;
    disk->page->sector = (u32)sector;
    disk->page->bytes = length;
    disk->page->result = 0;
    dma_describe(&disk->read, which->bounce, what == DISK_READ ? length : 0);
    dma_describe(&disk->sent, which->bounce, what == DISK_WRITE ? length : 0);
    dma_send(disk->key, &disk->sent);
    while (!disk->page->result) {
        sleep_on(disk);
    }
    irq_restore(flags);
    return disk->page->result == RESULT_DONE;
}

void block_found(const struct dma_device *device)
{
    struct dma_disk *disk = allocate(sizeof *disk);
    disk->page = (volatile struct request_page *)device->page;
    disk->key = device->key;
    irq_register(device->irq, request_done, disk);
    if (!disk->page || !dma_bind(disk->key, &disk->read, 1, device->irq)) {
        dma_failed(device);
        return;
    }
    disk->disk.sectors = disk->page->sectors;
    dma_ready(device);
    disk_add(&disk->disk, "dev/lgba");
}
