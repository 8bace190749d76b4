// Does nothing for so many milliseconds, so that one can see the clock wake it and nothing else run.
#include "user.h"

s32 main(s32 count, char **arguments)
{
    sleep(count > 1 ? parse_number(arguments[1], NULL) : 1000);
    return 0;
}
