// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors
//
// Parts that Glibc's Swift module lacks: headers it leaves out and macros it cannot import.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/socket.h>
#include <sys/epoll.h>
#include <sys/vfs.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/resource.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/inet_diag.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nf_tables.h>
#include <malloc.h>
#include <unistd.h>
#include <errno.h>
#include <stdint.h>

// prctl(2) takes any number of arguments, which Swift does not import.
static inline int hide_process_memory(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
static inline int process_memory_is_hidden(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0; }

// sched_setattr(2), for which glibc 2.36 has neither the structure nor the function, of the calling thread.
struct scheduling {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime;
    uint64_t deadline;
    uint64_t period;
};
static inline long get_scheduling(struct scheduling *attributes) { return syscall(SYS_sched_getattr, 0, attributes, sizeof *attributes, 0); }
static inline long set_scheduling(struct scheduling *attributes) { return syscall(SYS_sched_setattr, 0, attributes, 0); }

// Sandbox.c: no new rights, and for all threads only the system calls that a hub needs. Other calls fail with EPERM; no signal is sent. Returns
// -1 with errno if the kernel cannot do that, or this architecture has no list. seccomp(2), prctl(2) PR_SET_NO_NEW_PRIVS
int restrict_system_calls(void);
int system_calls_are_restricted(void);

// Tun.c: makes `descriptor`, an open /dev/net/tun, one queue of the TUN interface `name`, which is made if it does not exist, and allowed to.
// `name` has room for IFNAMSIZ bytes. Returns -1 with errno. TUNSETIFF, Documentation/networking/tuntap.rst of the kernel
int tun_attach(int descriptor, const char *name);
// What the kernel may leave to the hub: checksums and segments of TCP and, with `udp`, of UDP. Returns -1 with errno. TUNSETOFFLOAD
int tun_set_offloads(int descriptor, int udp);
