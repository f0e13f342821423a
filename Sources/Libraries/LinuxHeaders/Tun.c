// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors
#include "CLinux.h"

#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>

// Since Linux 6.2; older headers lack them.
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

int tun_attach(int descriptor, const char *name) {
    struct ifreq request;
    memset(&request, 0, sizeof request);
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    // Their union has short for the flags, and IFF_MULTI_QUEUE fits.
    request.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE;
    return ioctl(descriptor, TUNSETIFF, &request);
}

int tun_set_offloads(int descriptor, int udp) {
    unsigned long offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
    if (udp) offloads |= TUN_F_USO4 | TUN_F_USO6;
    return ioctl(descriptor, TUNSETOFFLOAD, offloads);
}
