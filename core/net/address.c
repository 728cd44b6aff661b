/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses belong to the machine or the local network. */
#include "net/address.h"

#include <arpa/inet.h>
#include <string.h>

static const struct {
    uint32_t net;
    unsigned bits;
} private_v4[] = {
    { 0x00000000, 8 },  /* this network */
    { 0x0a000000, 8 },  /* RFC 1918 */
    { 0x64400000, 10 }, /* RFC 6598, shared by providers */
    { 0x7f000000, 8 },  /* loopback */
    { 0xa9fe0000, 16 }, /* link-local: metadata services of clouds */
    { 0xac100000, 12 }, /* RFC 1918 */
    { 0xc0a80000, 16 }, /* RFC 1918 */
};

static bool is_private_v4(uint32_t a)
{
    for (size_t i = 0; i < SLIP_COUNT(private_v4); i++)
        if ((a ^ private_v4[i].net) >> (32 - private_v4[i].bits) == 0)
            return true;
    return false;
}

static uint32_t v4_at(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool is_private_v6(const unsigned char a[16])
{
    static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
    static const unsigned char nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
    static const unsigned char zeros[12];
    if (memcmp(a, mapped, 12) == 0 || memcmp(a, nat64, 12) == 0 || memcmp(a, zeros, 12) == 0)
        return is_private_v4(v4_at(a + 12));
    return (a[0] & 0xfe) == 0xfc || (a[0] == 0xfe && (a[1] & 0x80) == 0x80);
}

bool slip_address_is_private(const char *ip)
{
    unsigned char v6[16];
    struct in_addr v4;
    if (inet_pton(AF_INET, ip, &v4) == 1)
        return is_private_v4(ntohl(v4.s_addr));
    return inet_pton(AF_INET6, ip, v6) == 1 && is_private_v6(v6);
}
