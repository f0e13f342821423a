// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors
#include "CLinux.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE

// What a hub calls, and what the C library, the Swift runtime, SQLite and OpenSSL may call for it. Frequent calls come first.
static const int allowed[] = {
    SYS_recvmmsg, SYS_sendmmsg, SYS_futex, SYS_read, SYS_write, SYS_sendmsg, SYS_recvmsg, SYS_sendto, SYS_recvfrom, SYS_clock_gettime,
    SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_preadv, SYS_pwritev, SYS_close, SYS_fcntl, SYS_lseek, SYS_dup, SYS_dup3, SYS_pipe2,
    // waiting
    SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_epoll_pwait2, SYS_ppoll, SYS_pselect6, SYS_eventfd2, SYS_signalfd4,
    SYS_timerfd_create, SYS_timerfd_settime, SYS_timerfd_gettime, SYS_inotify_init1, SYS_inotify_add_watch, SYS_inotify_rm_watch,
    // sockets; `socket` is below
    SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_connect, SYS_shutdown, SYS_getsockname, SYS_getpeername, SYS_setsockopt, SYS_getsockopt,
    SYS_socketpair,
    // files
    SYS_openat, SYS_openat2, SYS_newfstatat, SYS_fstat, SYS_statx, SYS_statfs, SYS_fstatfs, SYS_getdents64, SYS_readlinkat, SYS_faccessat,
    SYS_faccessat2, SYS_mkdirat, SYS_unlinkat, SYS_renameat, SYS_renameat2, SYS_linkat, SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_umask,
    SYS_ftruncate, SYS_fallocate, SYS_fsync, SYS_fdatasync, SYS_sync_file_range, SYS_fadvise64, SYS_flock, SYS_utimensat, SYS_getcwd,
    SYS_copy_file_range, SYS_sendfile,
    // memory; `mmap` and `mprotect` are below
    SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_mlock, SYS_mlock2, SYS_munlock, SYS_mincore, SYS_msync, SYS_membarrier,
    // threads and signals; `clone`, `kill` and `tgkill` are below
    SYS_set_robust_list, SYS_get_robust_list, SYS_set_tid_address, SYS_rseq, SYS_gettid, SYS_exit, SYS_exit_group, SYS_sched_yield,
    SYS_sched_getaffinity, SYS_sched_setaffinity, SYS_sched_getattr, SYS_sched_setattr, SYS_sched_getscheduler, SYS_sched_getparam,
    SYS_sched_get_priority_max, SYS_sched_get_priority_min, SYS_setpriority, SYS_getpriority, SYS_getcpu, SYS_rt_sigaction, SYS_rt_sigprocmask,
    SYS_rt_sigreturn, SYS_rt_sigpending, SYS_rt_sigtimedwait, SYS_rt_sigsuspend, SYS_sigaltstack, SYS_restart_syscall,
    // time
    SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_timer_create, SYS_timer_settime, SYS_timer_delete, SYS_setitimer,
    SYS_getitimer, SYS_times,
    // who and where
    SYS_getpid, SYS_getppid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getgroups, SYS_getresuid, SYS_getresgid, SYS_getrandom,
    SYS_uname, SYS_sysinfo, SYS_getrusage, SYS_getrlimit, SYS_capget,
#ifdef __x86_64__
    // older forms that exist on this architecture only
    SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_mkdir, SYS_rmdir, SYS_unlink, SYS_rename, SYS_link, SYS_chmod, SYS_dup2,
    SYS_pipe, SYS_poll, SYS_select, SYS_epoll_create, SYS_epoll_wait, SYS_eventfd, SYS_inotify_init, SYS_time, SYS_arch_prctl, SYS_alarm,
#endif
};

struct program {
    struct sock_filter code[1024];
    unsigned short length;
};

static void add(struct program *program, uint16_t code, uint32_t value, uint8_t if_true, uint8_t if_false) {
    program->code[program->length++] = (struct sock_filter){code, if_true, if_false, value};
}

static void load(struct program *program, uint32_t offset) { add(program, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0); }
static void answer(struct program *program, uint32_t action) { add(program, BPF_RET | BPF_K, action, 0, 0); }

// Runs the next `count` instructions only if the loaded value is `value`.
static void when(struct program *program, uint32_t value, uint8_t count) { add(program, BPF_JMP | BPF_JEQ | BPF_K, value, 0, count); }

// The lower half of an argument. Both architectures are little endian.
static uint32_t argument(int number) { return offsetof(struct seccomp_data, args) + 8 * number; }

#define REFUSED(error) (SECCOMP_RET_ERRNO | (error))

// Allows a call if its argument is one of the values.
static void allow_values(struct program *program, int call, int number, const uint32_t *values, int count, int error) {
    when(program, call, 2 + 2 * count);
    load(program, argument(number));
    for (int i = 0; i < count; i++) {
        when(program, values[i], 1);
        answer(program, SECCOMP_RET_ALLOW);
    }
    answer(program, REFUSED(error));
}

// Allows a call if, of the bits of `mask`, its argument has exactly `bits`; with `inverted`, if it does not.
static void allow_bits(struct program *program, int call, int number, uint32_t mask, uint32_t bits, int inverted) {
    when(program, call, 5);
    load(program, argument(number));
    add(program, BPF_ALU | BPF_AND | BPF_K, mask, 0, 0);
    when(program, bits, 1);
    answer(program, inverted ? REFUSED(EPERM) : SECCOMP_RET_ALLOW);
    answer(program, inverted ? SECCOMP_RET_ALLOW : REFUSED(EPERM));
}

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static void build(struct program *program) {
    load(program, offsetof(struct seccomp_data, arch));
    add(program, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
    answer(program, REFUSED(ENOSYS));
    load(program, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
    // The calls of x32 have the same numbers with another bit.
    add(program, BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1);
    answer(program, REFUSED(ENOSYS));
#endif
    for (int i = 0; i < COUNT(allowed); i++) {
        when(program, allowed[i], 1);
        answer(program, SECCOMP_RET_ALLOW);
    }

    const uint32_t families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
    allow_values(program, SYS_socket, 0, families, COUNT(families), EAFNOSUPPORT);
    const uint32_t own[] = {(uint32_t)getpid()};
    allow_values(program, SYS_tgkill, 0, own, 1, EPERM);
    allow_values(program, SYS_kill, 0, own, 1, EPERM);
    const uint32_t self[] = {0};
    allow_values(program, SYS_prlimit64, 0, self, 1, EPERM);
    const uint32_t options[] = {PR_SET_NAME, PR_GET_NAME, PR_SET_DUMPABLE, PR_GET_DUMPABLE, PR_GET_NO_NEW_PRIVS, PR_GET_SECCOMP, PR_CAPBSET_READ,
                                0x53564d41 /* PR_SET_VMA */};
    allow_values(program, SYS_prctl, 0, options, COUNT(options), EPERM);
    // Reads of terminals and interfaces, but nothing that types into a terminal. The C library asks whether standard output is one, and
    // if_indextoname asks for a name.
    const uint32_t requests[] = {TCGETS, TCSETS, TCSETSW, TCSETSF, TIOCGWINSZ, TIOCOUTQ, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX,
                                 SIOCGIFNAME, SIOCGIFINDEX, SIOCGIFFLAGS, SIOCGIFADDR, SIOCGIFMTU};
    allow_values(program, SYS_ioctl, 1, requests, COUNT(requests), ENOTTY);

    // No new process. For clone3 the filter cannot see the flags; without it, the C library uses clone.
    allow_bits(program, SYS_clone, 0, CLONE_THREAD, CLONE_THREAD, 0);
    when(program, SYS_clone3, 1);
    answer(program, REFUSED(ENOSYS));
    // No memory that is written first and run then, as in systemd's MemoryDenyWriteExecute.
    allow_bits(program, SYS_mmap, 2, PROT_WRITE | PROT_EXEC, PROT_WRITE | PROT_EXEC, 1);
    allow_bits(program, SYS_mprotect, 2, PROT_EXEC, PROT_EXEC, 1);

    // A later C library falls back if the kernel seems not to have a newer call.
    add(program, BPF_JMP | BPF_JGT | BPF_K, SYS_faccessat2 + 11, 0, 1);
    answer(program, REFUSED(ENOSYS));
    answer(program, REFUSED(EPERM));
}

int restrict_system_calls(void) {
    struct program program = {.length = 0};
    build(&program);
    struct sock_fprog filter = {.len = program.length, .filter = program.code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    // Without SPEC_ALLOW, kernels before 5.16 slow the whole process down.
    long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter);
    if (result > 0) errno = ESRCH;
    return result == 0 ? 0 : -1;
}

#else

int restrict_system_calls(void) {
    errno = ENOSYS;
    return -1;
}

#endif

int system_calls_are_restricted(void) { return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER; }
