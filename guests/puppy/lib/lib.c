// Memory, strings, numbers and formatted text for a program without a C library. Sizes are what a small kernel needs:
// formatted text knows %s %c %d %u %x with width and zero padding, and divide does the one 64-bit operation that i386 lacks.
#include "lib.h"

void *memcpy(void *to, const void *from, u32 length)
{
    void *destination = to;
    u32 words = length / 4;
    u32 rest = length % 4;
    __asm__ volatile("rep movsl\n\tmovl %3, %%ecx\n\trep movsb" : "+D"(to), "+S"(from), "+c"(words) : "r"(rest) : "memory");
    return destination;
}

void *memmove(void *to, const void *from, u32 length)
{
    if ((u32)to - (u32)from >= length) {
        return memcpy(to, from, length);
    }
    u8 *d = to;
    const u8 *s = from;
    while (length--) {
        d[length] = s[length];
    }
    return to;
}

void *memset(void *to, int value, u32 length)
{
    void *destination = to;
    u32 words = length / 4;
    u32 rest = length % 4;
    u32 pattern = (u8)value * 0x01010101u;
    __asm__ volatile("rep stosl\n\tmovl %3, %%ecx\n\trep stosb" : "+D"(to), "+c"(words) : "a"(pattern), "r"(rest) : "memory");
    return destination;
}

int memcmp(const void *a, const void *b, u32 length)
{
    const u8 *x = a, *y = b;
    for (u32 i = 0; i < length; i++) {
        if (x[i] != y[i]) {
            return x[i] - y[i];
        }
    }
    return 0;
}

u32 strlen(const char *text)
{
    u32 length = 0;
    while (text[length]) {
        length++;
    }
    return length;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, ~0u);
}

int strncmp(const char *a, const char *b, u32 length)
{
    for (; length; a++, b++, length--) {
        if (*a != *b || !*a) {
            return (u8)*a - (u8)*b;
        }
    }
    return 0;
}

char *strchr(const char *text, int c)
{
    for (; *text; text++) {
        if (*text == c) {
            return (char *)text;
        }
    }
    return NULL;
}

// Copies as much of from as fits and always ends it: what strncpy should have been.
void copy_text(char *to, const char *from, u32 size)
{
    u32 length = strlen(from);
    if (length > size - 1) {
        length = size - 1;
    }
    memcpy(to, from, length);
    to[length] = 0;
}

// Decimal, or hexadecimal after 0x, with the suffixes k and M; rest, if wanted, receives where the number ended.
u32 parse_number(const char *text, const char **rest)
{
    u32 value = 0;
    u32 base = 10;
    if (text[0] == '0' && text[1] == 'x') {
        base = 16;
        text += 2;
    }
    for (;; text++) {
        char c = *text | 0x20;
        u32 digit = c >= '0' && c <= '9' ? (u32)(c - '0') : c >= 'a' && c <= 'f' ? (u32)(c - 'a' + 10) : 99;
        if (digit >= base) {
            break;
        }
        value = value * base + digit;
    }
    if (*text == 'k' || *text == 'K') {
        value *= 1024;
        text++;
    } else if (*text == 'M') {
        value *= 1024 * 1024;
        text++;
    }
    if (rest) {
        *rest = text;
    }
    return value;
}

// Reads an address such as 10.0.0.1 as a number; false if it is not one.
bool parse_address(const char *text, u32 *address, const char **rest)
{
    u32 value = 0;
    for (u32 part = 0; part < 4; part++) {
        u32 digits = 0;
        u32 byte = 0;
        if (part && *text++ != '.') {
            return false;
        }
        for (; *text >= '0' && *text <= '9' && digits < 4; digits++) {
            byte = byte * 10 + (u32)(*text++ - '0');
        }
        if (!digits || byte > 255) {
            return false;
        }
        value = value << 8 | byte;
    }
    *address = value;
    if (rest) {
        *rest = text;
    }
    return true;
}

// Divides in place and returns the remainder, by long division in base 2^32.
u32 divide(u64 *dividend, u32 divisor)
{
    u32 high = (u32)(*dividend >> 32);
    u32 low = (u32)*dividend;
    u32 quotient_high = high / divisor;
    u32 remainder = high % divisor;
    u32 quotient_low;
    __asm__("divl %4" : "=a"(quotient_low), "=d"(remainder) : "a"(low), "d"(remainder), "rm"(divisor));
    *dividend = (u64)quotient_high << 32 | quotient_low;
    return remainder;
}

// The CRC of zip, gzip and Ethernet; start with 0 and feed the result back in for the next piece.
u32 crc32(u32 crc, const void *data, u32 length)
{
    const u8 *bytes = data;
    crc = ~crc;
    while (length--) {
        crc ^= *bytes++;
        for (u32 bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (0xEDB88320u & -(crc & 1));
        }
    }
    return ~crc;
}

#define PIECE 256u // what is on the stack at a time of a text of any length; a kernel stack is one page

struct output {
    char *buffer;
    u32 size, length;
    void (*write)(const char *text, u32 length); // takes a buffer that is full; NULL: what does not fit is cut
};

static void put(struct output *out, char c)
{
    if (out->length == out->size && out->write) {
        out->write(out->buffer, out->length);
        out->length = 0;
    }
    if (out->length < out->size) {
        out->buffer[out->length++] = c;
    }
}

static void put_number(struct output *out, u32 value, u32 base, bool negative, u32 width, char fill)
{
    char digits[12];
    u32 count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    if (negative) {
        digits[count++] = '-';
    }
    while (count < width) {
        put(out, fill);
        width--;
    }
    while (count) {
        put(out, digits[--count]);
    }
}

static void put_text(struct output *out, const char *text, u32 width, bool left)
{
    u32 length = strlen(text);
    for (u32 i = length; !left && i < width; i++) {
        put(out, ' ');
    }
    for (u32 i = 0; i < length; i++) {
        put(out, text[i]);
    }
    for (u32 i = length; left && i < width; i++) {
        put(out, ' ');
    }
}

static void format_output(struct output *out, const char *format, va_list arguments)
{
    for (; *format; format++) {
        if (*format != '%') {
            put(out, *format);
            continue;
        }
        format++;
        bool left = *format == '-';
        format += left;
        char fill = *format == '0' ? '0' : ' ';
        u32 width = 0;
        for (; *format >= '0' && *format <= '9'; format++) {
            width = width * 10 + (u32)(*format - '0');
        }
        switch (*format) {
        case 's':
            put_text(out, va_arg(arguments, const char *), width, left);
            break;
        case 'c':
            put(out, (char)va_arg(arguments, int));
            break;
        case 'd': {
            s32 value = va_arg(arguments, s32);
            put_number(out, value < 0 ? 0u - (u32)value : (u32)value, 10, value < 0, width, fill);
            break;
        }
        case 'u':
            put_number(out, va_arg(arguments, u32), 10, false, width, fill);
            break;
        case 'x':
            put_number(out, va_arg(arguments, u32), 16, false, width, fill);
            break;
        default:
            put(out, *format);
        }
    }
}

// Returns the length of the text, which is cut to fit and always ended.
u32 format_text(char *buffer, u32 size, const char *format, va_list arguments)
{
    struct output out = {buffer, size - 1, 0, NULL};
    format_output(&out, format, arguments);
    buffer[out.length] = 0;
    return out.length;
}

// Hands the text over in pieces, so that none is too long.
void format_pieces(void (*write)(const char *text, u32 length), const char *format, va_list arguments)
{
    char piece[PIECE];
    struct output out = {piece, sizeof piece, 0, write};
    format_output(&out, format, arguments);
    write(piece, out.length);
}
