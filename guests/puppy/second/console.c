// The console's device in the second generation: a virtio device of two queues, one for text out and one for keys in. Before it is found,
// NOTIFY prints.
#include "drivers.h"
#include "virtio.h"

static struct virtqueue *in_queue, *out_queue;
static u8 in_page[PAGE_SIZE] __attribute__((aligned(4096)));

//J:Puppy:400 Printing before there are drivers
// NOTIFY with an address that is no device's means "print the text there". So the very first lines of the kernel need neither
// interrupts nor a driver nor a page table: only a string that ends with a zero.
void print_early(const char *text, u32 length)
{
    static char piece[64];
    while (length) {
        u32 count = length < sizeof piece - 1 ? length : sizeof piece - 1;
        memcpy(piece, text, count);
        piece[count] = 0;
        hypercall(LHCALL_NOTIFY, physical(piece), 0, 0);
        text += count;
        length -= count;
    }
}

bool line_send(const char *text, u32 length)
{
    struct buffer buffer = {text, length};
    if (!queue_add(out_queue, &buffer, 1, 0)) {
        return false;
    }
    queue_kick(out_queue);
    return true;
}

void line_look(void)
{
    u32 length;
    while (queue_used(out_queue, &length)) {
        console_sent();
    }
}

static void output_done(void *context)
{
    (void)context;
    line_look();
}

void line_listen(void)
{
    struct buffer buffer = {in_page, PAGE_SIZE};
    queue_add(in_queue, &buffer, 0, 1);
    queue_kick(in_queue);
}

static void input_arrived(void *context)
{
    (void)context;
    u32 length;
    if (queue_used(in_queue, &length)) {
        console_typed(in_page, length < PAGE_SIZE ? length : PAGE_SIZE);
    }
}

void console_found(const struct virtio_device *device)
{
    virtio_features_done(device);
    in_queue = queue_open(device, 0, input_arrived, NULL);
    out_queue = queue_open(device, 1, output_done, NULL);
    virtio_ready(device);
    if (in_queue && out_queue) {
        line_listen();
        console_ready();
    }
}
