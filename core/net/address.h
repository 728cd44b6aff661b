/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses belong to the machine or the local network. */
#ifndef SLIP_NET_ADDRESS_H
#define SLIP_NET_ADDRESS_H

#include "base/macro.h"

/* A numeric address that is loopback, private, shared, link-local, unique-local or unspecified,
 * also when an IPv6 address carries such an IPv4 one. False for text that is no address. */
bool slip_address_is_private(const char *ip);

#endif
