// The bus and the two calls of the first generation: finds the devices that the Launcher has described above the end of RAM, binds buffers and
// sends them. All drivers stand on this.
#include "dma.h"
#include "drivers.h"

#define ENTRIES 16u
#define ENTRY_BYTES 12u
#define ENTRY_STATUS 4

#define STATUS_ACKNOWLEDGE 1
#define STATUS_DRIVER 2
#define STATUS_DRIVER_OK 4
#define STATUS_FAILED 128

_Static_assert(sizeof(struct dma) == 100, "struct lguest_dma");

static u32 field(const volatile u8 *entry, u32 offset)
{
    return entry[offset] | (u32)entry[offset + 1] << 8;
}

static void set_status(const struct dma_device *device, u32 status)
{
    device->entry[ENTRY_STATUS] |= (u8)status; // only bits are added, and nobody is told: the Host may look when it likes
}

void dma_ready(const struct dma_device *device)
{
    set_status(device, STATUS_DRIVER_OK);
}

void dma_failed(const struct dma_device *device)
{
    set_status(device, STATUS_FAILED);
}

//J:Puppy:530 A bus of sixteen lines
// As in later years the page at the end of RAM says what there is, but its form is fixed: sixteen entries of twelve bytes.
//
//     +0 type   +2 features   +4 status   +6 pages   +8 first page frame, all but the last of 16 bits
//
// There is nothing to negotiate and there are no rings. What a device has instead is at most a page of memory, which means what the device says
// it means, and its interrupt, which is the number of the entry plus one.
void bus_scan(void)
{
    for (u32 i = 0; i < ENTRIES; i++) {
        volatile u8 *entry = device_page(memory_end() + i * ENTRY_BYTES);
        u32 frame = field(entry, 8) | field(entry, 10) << 16;
        struct dma_device device = {i + 1, field(entry, 2), frame * PAGE_SIZE, NULL, entry};
        if (field(entry, 6)) {
            device.page = device_page(device.key);
        }
        if (field(entry, 0)) {
            set_status(&device, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
        }
        switch (field(entry, 0)) {
        case 0:
            break;
        case DMA_CONSOLE:
            console_found(&device);
            break;
        case DMA_BLOCK:
            block_found(&device);
            break;
        case DMA_NET:
            net_found(&device);
            break;
        default:
            print("puppy: no driver for device %u of type %u\n", i, field(entry, 0));
            dma_failed(&device);
        }
    }
}

void dma_describe(struct dma *dma, const volatile void *data, u32 length)
{
    dma->used_length = 0;
    dma->address[0] = physical(data);
    dma->length[0] = (u16)length;
    dma->length[1] = 0;
}

//J:Puppy:540 Two calls instead of rings
// BIND_DMA says: when something comes for this key, put it in the first of these buffers that is free and interrupt me. SEND_DMA: here
// is something for that key. A key is an address. In a page of our own only the Launcher listens; in a page that several Guests have it means
// the same to all of them, and the Host copies from one Guest's memory into the other's. The sender stands still meanwhile, and finds in
// used_length how much has arrived: there is no queue that could fill up, and none that would let us go on. That is why rings were invented.
bool dma_bind(u32 key, const struct dma *buffers, u32 count, u32 irq)
{
    return hypercall(LHCALL_BIND_DMA, key, physical(buffers), count << 8 | irq);
}

u32 dma_send(u32 key, struct dma *dma)
{
    dma->used_length = 0;
    barrier();
    hypercall(LHCALL_SEND_DMA, key, physical(dma), 0);
    return dma->used_length;
}

// Sends on purpose what must not be sent: CRASH_DESCRIPTOR names memory that is not there, CRASH_DESCRIPTOR_LOOP a piece that crosses the end of
// a page, CRASH_NOTIFY a key that is not one; CRASH_FLOOD calls where nobody listens.
void crash_device(u32 kind)
{
    static struct dma dma;
    dma_describe(&dma, linear(kind == CRASH_DESCRIPTOR ? 0xFFFF0000u : 0x100FF0), 64);
    if (kind == CRASH_DESCRIPTOR || kind == CRASH_DESCRIPTOR_LOOP) {
        dma_send(0, &dma);
    } else if (kind == CRASH_NOTIFY) {
        dma_send(0xFFFFF000u, &dma);
    }
    for (u32 i = 0; kind == CRASH_FLOOD && i < 100000; i++) {
        dma_send(PAGE_SIZE, &dma);
    }
}
