// The console: text out from the first line of the kernel on, lines of text in. It lives through two ages, before and after
// its device is found, and nobody who prints needs to know which one it is.
#include "drivers.h"

#define OUT_SIZE 4096u
#define IN_SIZE 2048u
#define LINE_SIZE 256u

static bool has_driver;

static char out[OUT_SIZE]; // a ring: head and tail only grow
static u32 out_head, out_tail;
static u32 out_offered; // bytes from tail on that the device has been given

static const u8 *typed; // keys that have arrived
static u32 typed_length, typed_position; // how many, and how many of those have been taken

static char ready[IN_SIZE]; // finished lines, a ring as well
static u32 ready_head, ready_tail;
static bool end_of_input;
static char line[LINE_SIZE]; // the line being typed
static u32 line_length;

//J:Puppy:410 Printing with a driver
// Writers put text into a ring and go on. The device is offered one stretch of the ring at a time; when its interrupt says
// that the stretch has been printed, the space is free and the next stretch is offered. A process that finds the ring full
// sleeps until then. Kernel messages cannot sleep (they come from interrupt handlers, too) and wait by looking.
static void offer_output(void)
{
    u32 waiting = out_head - out_tail;
    if (out_offered || !waiting) {
        return;
    }
    u32 start = out_tail % OUT_SIZE;
    u32 count = waiting < OUT_SIZE - start ? waiting : OUT_SIZE - start;
    out_offered = count; // before it is sent, since a driver may be done with it at once
    if (!line_send(out + start, count)) {
        out_offered = 0;
    }
}

void console_sent(void)
{
    out_tail += out_offered;
    out_offered = 0;
    wake_up(out);
    offer_output();
}

// Gives up after a while: a Host whose console is stuck must not keep a Guest from dying.
void console_drain(void)
{
    u32 flags = irq_save();
    for (u32 tries = 0; has_driver && out_head != out_tail && tries < 20000000; tries++) {
        line_look();
        offer_output();
    }
    irq_restore(flags);
}

static bool put(char c)
{
    if (out_head - out_tail == OUT_SIZE) {
        return false;
    }
    out[out_head++ % OUT_SIZE] = c;
    return true;
}

// For text that must not wait for the scheduler. The terminal is raw: it wants a carriage return with each new line.
static void print_now(const char *text, u32 length)
{
    u32 flags = irq_save();
    if (!has_driver) {
        print_early(text, length);
    } else {
        for (u32 i = 0; i < length; i++) {
            if (OUT_SIZE - (out_head - out_tail) < 2) {
                console_drain();
            }
            if (text[i] == '\n') {
                put('\r');
            }
            put(text[i]);
        }
        offer_output();
    }
    irq_restore(flags);
}

void print(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    format_pieces(print_now, format, arguments);
    va_end(arguments);
}

static s32 console_write(void *context, u64 offset, const void *buffer, u32 length)
{
    (void)context, (void)offset;
    const char *text = buffer;
    u32 flags = irq_save();
    for (u32 i = 0; i < length && !current->killed; i++) {
        while (has_driver && OUT_SIZE - (out_head - out_tail) < 2 && !current->killed) {
            offer_output();
            sleep_on(out);
        }
        if (!has_driver) {
            print_early(text + i, 1);
            continue;
        }
        if (text[i] == '\n') {
            put('\r');
        }
        put(text[i]);
    }
    if (has_driver) {
        offer_output();
    }
    irq_restore(flags);
    return (s32)length;
}

//J:Puppy:420 From keys to lines
// The far end sends every key as it is pressed and shows none of them, so the echo is ours, and the erasing, and the meaning of
// control characters. What programs read are finished lines. When they read slowly, the page of input is simply not offered to
// the device again, and the flow stops at its source.
static void echo(const char *text)
{
    print_now(text, strlen(text));
}

static void finish_line(void)
{
    for (u32 i = 0; i < line_length; i++) {
        ready[ready_head++ % IN_SIZE] = line[i];
    }
    line_length = 0;
    wake_up(ready);
}

static void take_key(char c)
{
    if (c == 3) { // control-C
        echo("^C\n");
        line_length = 0;
        process_interrupt_all();
    } else if (c == 4) { // control-D
        if (line_length == 0) {
            end_of_input = true;
        }
        finish_line();
    } else if (c == 127 || c == 8) {
        if (line_length) {
            line_length--;
            echo("\b \b");
        }
    } else if (c == '\r' || c == '\n') {
        line[line_length++] = '\n';
        echo("\n");
        finish_line();
    } else if ((c >= 32 || c == '\t') && line_length < LINE_SIZE - 1) {
        line[line_length++] = c;
        char text[2] = {c, 0};
        echo(text);
    }
}

static void take_keys(void)
{
    while (typed_position < typed_length && IN_SIZE - (ready_head - ready_tail) > LINE_SIZE && !end_of_input) {
        take_key((char)typed[typed_position++]);
    }
    if (typed_length && typed_position == typed_length) {
        typed_length = typed_position = 0;
        line_listen();
    }
}

void console_typed(const u8 *keys, u32 length)
{
    typed = keys;
    typed_length = length;
    typed_position = 0;
    take_keys();
}

static s32 console_read(void *context, u64 offset, void *buffer, u32 length)
{
    (void)context, (void)offset;
    char *text = buffer;
    u32 count = 0;
    u32 flags = irq_save();
    while (ready_head == ready_tail && !end_of_input && !current->killed) {
        sleep_on(ready);
    }
    while (count < length && ready_head != ready_tail) {
        text[count++] = ready[ready_tail++ % IN_SIZE];
        if (text[count - 1] == '\n') {
            break;
        }
    }
    if (count == 0) {
        end_of_input = false;
    }
    take_keys();
    irq_restore(flags);
    return (s32)count;
}

void console_ready(void)
{
    has_driver = true;
}

void console_init(void)
{
    struct device device = {.read = console_read, .write = console_write};
    file_add_device("dev/console", device, 0);
}
