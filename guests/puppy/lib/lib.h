// The handful of C library functions that the kernel and its processes share; both are freestanding, so both bring their own.
#ifndef PUPPY_LIB_H
#define PUPPY_LIB_H

#include "../types.h"

void *memcpy(void *to, const void *from, u32 length);
void *memmove(void *to, const void *from, u32 length);
void *memset(void *to, int value, u32 length);
int memcmp(const void *a, const void *b, u32 length);
u32 strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, u32 length);
char *strchr(const char *text, int c);
void copy_text(char *to, const char *from, u32 size);
u32 parse_number(const char *text, const char **rest);
bool parse_address(const char *text, u32 *address, const char **rest);
u32 divide(u64 *dividend, u32 divisor);
u32 crc32(u32 crc, const void *data, u32 length);

typedef __builtin_va_list va_list;
#define va_start(list, last) __builtin_va_start(list, last)
#define va_arg(list, type) __builtin_va_arg(list, type)
#define va_end(list) __builtin_va_end(list)

u32 format_text(char *buffer, u32 size, const char *format, va_list arguments);
void format_pieces(void (*write)(const char *text, u32 length), const char *format, va_list arguments);

#endif
