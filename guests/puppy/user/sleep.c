// Does nothing for so many seconds ("5", "0.25"), so that one can see the clock wake it and nothing else run.
#include "user.h"

static u32 duration(const char *text)
{
    u32 value = parse_number(text, &text) * 1000;
    if (*text == '.') {
        for (u32 unit = 100; unit && *++text >= '0' && *text <= '9'; unit /= 10) {
            value += (u32)(*text - '0') * unit;
        }
    }
    return value;
}

s32 main(s32 count, char **arguments)
{
    sleep(count > 1 ? duration(arguments[1]) : 1000);
    return 0;
}
