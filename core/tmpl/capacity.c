/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much room Go's append leaves behind a slice: a template sees it, because sprig's slice may
 * reach into that room.
 */
#include "tmpl/value.h"

enum {
    DOUBLED_BELOW = 256, /* elements; above, growth slows down to a quarter */
    LARGEST_SMALL = 32768,
    PAGE = 8192,
    HEADER = 8,            /* in front of pointers */
    HEADER_ABOVE = 512,    /* bytes */
    ELEMENT_OF_INTS = 8,   /* bytes of an int */
    ELEMENT_OF_OTHERS = 16 /* of a string or an interface */
};

/* What Go 1.23 allocates for a request of so many bytes. */
static size_t allocated(size_t size, bool pointers)
{
    static const uint16_t classes[] = {
        8,     16,    24,    32,    48,    64,    80,    96,    112,   128,   144,   160,
        176,   192,   208,   224,   240,   256,   288,   320,   352,   384,   416,   448,
        480,   512,   576,   640,   704,   768,   896,   1024,  1152,  1280,  1408,  1536,
        1792,  2048,  2304,  2688,  3072,  3200,  3456,  4096,  4864,  5120,  5376,  6144,
        6528,  6784,  6912,  8192,  9472,  9728,  10240, 10880, 12288, 13568, 14336, 16384,
        18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768,
    };
    size_t extra = pointers && size > HEADER_ABOVE ? HEADER : 0;
    for (size_t i = 0; i < SLIP_COUNT(classes) && size + HEADER <= LARGEST_SMALL; i++)
        if (classes[i] >= size + extra)
            return classes[i] - extra;
    return (size + PAGE - 1) / PAGE * PAGE;
}

size_t slip_tmpl_capacity(enum slip_tv_type type, size_t capacity, size_t len)
{
    size_t size = type == SLIP_TV_INTS ? ELEMENT_OF_INTS : ELEMENT_OF_OTHERS;
    size_t wanted = capacity;
    if (len <= capacity)
        return capacity;
    if (len > 2 * capacity)
        wanted = len;
    else if (capacity < DOUBLED_BELOW)
        wanted = 2 * capacity;
    else
        while (wanted < len)
            wanted += (wanted + 3 * DOUBLED_BELOW) / 4;
    return allocated(wanted * size, type != SLIP_TV_INTS) / size;
}

size_t slip_tmpl_capacity_of_each(enum slip_tv_type type, size_t capacity, size_t len)
{
    while (capacity < len)
        capacity = slip_tmpl_capacity(type, capacity, capacity + 1);
    return capacity;
}
