// The console's device in the first generation. Text goes to key 0, where the Launcher listens from the start; keys arrive in a buffer that is
// bound to the same key.
#include "dma.h"
#include "drivers.h"

#define KEY 0
#define KEYS 256u

static u8 keys[KEYS] __attribute__((aligned(KEYS))); // so that it does not cross the end of a page
static struct dma out_dma, in_dma;

//J:Puppy:550 A console that needs no finding
// Key 0 is the physical address 0, and everybody has that. So the very first line can be printed as the last one is. What was sent has been
// printed when the call returns: nothing is under way, and the ring of console.c never fills.
void print_early(const char *text, u32 length)
{
    while (length) {
        u32 left = PAGE_SIZE - (u32)text % PAGE_SIZE;
        u32 count = length < left ? length : left;
        dma_describe(&out_dma, text, count);
        dma_send(KEY, &out_dma);
        text += count;
        length -= count;
    }
}

bool line_send(const char *text, u32 length)
{
    print_early(text, length);
    console_sent();
    return true;
}

void line_look(void)
{
}

// The buffer is free again when used_length says so; for what was typed meanwhile the Launcher asks again by itself.
void line_listen(void)
{
    in_dma.used_length = 0;
}

static void input_arrived(void *context)
{
    (void)context;
    u32 length = in_dma.used_length;
    if (length) {
        console_typed(keys, length < KEYS ? length : KEYS);
    }
}

void console_found(const struct dma_device *device)
{
    dma_describe(&in_dma, keys, KEYS);
    irq_register(device->irq, input_arrived, NULL);
    if (!dma_bind(KEY, &in_dma, 1, device->irq)) {
        dma_failed(device);
        return;
    }
    dma_ready(device);
    console_ready();
}
