/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: 2026 The Hairpin Authors
 *
 * limit.c - the yardstick: a one-thread static WireGuard hub that does nothing but the work a relay cannot avoid.
 *   recvmmsg(+UDP_GRO) -> ChaCha20-Poly1305 open -> destination lookup -> seal with the other peer's key -> sendmmsg(+UDP_SEGMENT)
 * Real responder handshake (so wgload can drive it), real keys and packet format. NOT a product: no timers, no replay window,
 * no cookies, no roaming, no key rotation grace. Identities: the same --seed as wgload.
 *   --aead openssl|sodium|null    null = forward without any crypto (generator/kernel ceiling; use wgload --sample 0 and --null-pairs K here)
 *   --gro 0|1  --gso 0|1         --bench = AEAD micro-benchmark only */
#include "wgproto.h"
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <x86intrin.h>

typedef struct { u8 pub[32], psk[32], ss[32]; u32 ip, lidx, ridx; bool up; u64 ctr; struct sockaddr_in ep; aead_key rx, tx; u8 last_ts[12]; } peer;
static peer *P; static u32 N = 8, tun_base = 0x0a400000;
static u8 priv[32], pub[32], mac1key[32];
static const char *seed = "wgload"; static int gso = 1, gro = 1, be = AEAD_OPENSSL, port = 51820, cpu = -1, psk, null_pairs = 4, vlen = 32;
static volatile sig_atomic_t stop, dump;
static void on_sig(int s) { if (s == SIGUSR1) dump = 1; else stop = 1; }

/* cycle split, in TSC ticks */
static u64 c_idle, c_recv, c_open, c_look, c_seal, c_send, n_pkt, n_recvcalls, n_recvmsgs, n_sendcalls, n_sendmsgs, n_bad; static double tsc_ghz;

static void build_peers(void) {
    derive_priv(priv, seed, "hub", 0); crypto_scalarmult_base(pub, priv); wg_mac1key(mac1key, pub);
    P = calloc(N, sizeof *P);
    for (u32 i = 0; i < N; i++) { u8 k[32]; derive_priv(k, seed, "peer", i); crypto_scalarmult_base(P[i].pub, k); P[i].ip = tun_ip(tun_base, i); if (psk) derive32(P[i].psk, seed, "psk", i); if (crypto_scalarmult(P[i].ss, priv, P[i].pub)) die("ss"); }
}
static void handshake(int fd, const u8 *m, const struct sockaddr_in *from) {
    u8 mac[16], ck[32], h[32], k[32], dh[32], sp[32], ts[12], e[32], ep[32], t[32], tk[32], rk[32], r[RESP_LEN] = { 0 };
    mac16(mac, mac1key, 32, m, 116); if (memcmp(mac, m + 116, 16)) return;
    hash2(h, wg_h0, 32, pub, 32); kdf(ck, NULL, NULL, wg_ck0, m + 8, 32); hash2(h, h, 32, m + 8, 32);
    if (crypto_scalarmult(dh, priv, m + 8)) return;
    kdf(ck, k, NULL, ck, dh, 32); if (!hs_open(sp, k, m + 40, 48, h)) return;
    hash2(h, h, 32, m + 40, 48);
    u32 i; for (i = 0; i < N && memcmp(P[i].pub, sp, 32); i++) ;
    if (i == N) return;
    peer *p = &P[i];
    kdf(ck, k, NULL, ck, p->ss, 32); if (!hs_open(ts, k, m + 88, 28, h) || memcmp(ts, p->last_ts, 12) <= 0) return;
    memcpy(p->last_ts, ts, 12); hash2(h, h, 32, m + 88, 28);
    randombytes_buf(e, 32); crypto_scalarmult_base(ep, e);
    p->lidx = (i << 8) | ((p->lidx + 1) & 255); p->ridx = rd32(m + 4);
    r[0] = WG_RESP; wr32(r + 4, p->lidx); wr32(r + 8, p->ridx); memcpy(r + 12, ep, 32);
    kdf(ck, NULL, NULL, ck, ep, 32); hash2(h, h, 32, ep, 32);
    if (crypto_scalarmult(dh, e, m + 8)) return;
    kdf(ck, NULL, NULL, ck, dh, 32);
    if (crypto_scalarmult(dh, e, sp)) return;
    kdf(ck, NULL, NULL, ck, dh, 32);
    kdf(ck, t, k, ck, p->psk, 32); hash2(h, h, 32, t, 32);
    hs_seal(r + 44, k, NULL, 0, h);
    u8 mk[32]; wg_mac1key(mk, p->pub); mac16(r + 60, mk, 32, r, 60);
    kdf(rk, tk, NULL, ck, NULL, 0); aead_set(&p->rx, rk); aead_set(&p->tx, tk); p->ctr = 0; p->ep = *from; p->up = true;
    sendto(fd, r, RESP_LEN, 0, (const void *)from, sizeof *from);
}

/* ---- output: runs of equal-size packets to one peer become one GSO message; iovecs point into the receive buffers ---- */
#define MAXIOV 128
#define MAXRUN 512
typedef struct { peer *d; int size, segs, niov; size_t tot; bool closed; struct iovec iov[MAXIOV]; } run;
static run *R; static int nrun; static int *open_run; /* open_run[peer] = index + 1 */
static void flush(int fd) {
    static struct mmsghdr mm[MAXRUN]; static union { char b[CMSG_SPACE(2)]; struct cmsghdr h; } cm[MAXRUN];
    if (!nrun) return;
    u64 t = __rdtsc();
    for (int i = 0; i < nrun; i++) {
        run *r = &R[i]; open_run[r->d - P] = 0;
        mm[i].msg_hdr = (struct msghdr){ .msg_name = &r->d->ep, .msg_namelen = sizeof r->d->ep, .msg_iov = r->iov, .msg_iovlen = (size_t)r->niov };
        if (r->segs > 1) { mm[i].msg_hdr.msg_control = cm[i].b; mm[i].msg_hdr.msg_controllen = CMSG_SPACE(2); cm[i].h.cmsg_level = SOL_UDP; cm[i].h.cmsg_type = UDP_SEGMENT; cm[i].h.cmsg_len = CMSG_LEN(2); u16 s = (u16)r->size; memcpy(CMSG_DATA(&cm[i].h), &s, 2); }
    }
    for (int a = 0; a < nrun;) { int k = sendmmsg(fd, mm + a, (unsigned)(nrun - a), 0); n_sendcalls++; if (k <= 0) { if (errno == EINTR) continue; n_bad++; a++; } else { a += k; n_sendmsgs += (u64)k; } }
    nrun = 0; c_send += __rdtsc() - t;
}
static inline void emit(int fd, peer *d, u8 *p, int len) {
    int *o = &open_run[d - P]; run *r = *o ? &R[*o - 1] : NULL;
    if (r && (!gso || r->closed || r->segs >= 64 || len > r->size || r->tot + (size_t)len > 65000 || (r->niov >= MAXIOV && (u8 *)r->iov[r->niov - 1].iov_base + r->iov[r->niov - 1].iov_len != p))) r = NULL;
    if (!r) { if (nrun == MAXRUN) flush(fd); r = &R[nrun++]; *o = nrun; r->d = d; r->size = len; r->segs = 0; r->niov = 0; r->tot = 0; r->closed = false; }
    if (len < r->size) r->closed = true;
    struct iovec *v = r->niov ? &r->iov[r->niov - 1] : NULL;
    if (v && (u8 *)v->iov_base + v->iov_len == p) v->iov_len += (size_t)len; else r->iov[r->niov++] = (struct iovec){ p, (size_t)len };
    r->segs++; r->tot += (size_t)len;
}
static void packet(int fd, u8 *p, int len, const struct sockaddr_in *from) {
    if (len == INIT_LEN && p[0] == WG_INIT) { handshake(fd, p, from); return; }
    if (len < 32 || p[0] != WG_DATA) { n_bad++; return; }
    u32 x = rd32(p + 4); peer *s = x >> 8 < N ? &P[x >> 8] : NULL; if (!s || !s->up || s->lidx != x) { n_bad++; return; }
    if (be == AEAD_NULL) {
        if (len == 32) return;
        peer *d = &P[(x >> 8) + (u32)null_pairs < N ? (x >> 8) + (u32)null_pairs : 0]; if (!d->up) { n_bad++; return; }
        wr32(p + 4, d->ridx); wr64(p + 8, d->ctr++); emit(fd, d, p, len); n_pkt++; return;
    }
    u64 t0 = __rdtsc();
    if (!aead_open(be, &s->rx, p + 16, p + 16, len - 32, rd64(p + 8))) { n_bad++; return; }
    u64 t1 = __rdtsc(); c_open += t1 - t0;
    if (len == 32) return;
    const u8 *ip = p + 16; u32 src = ntohl(rd32(ip + 12)), dst = ntohl(rd32(ip + 16));
    u32 di = dst - tun_base - 1; if (ip[0] != 0x45 || src != s->ip || di >= N || !P[di].up) { n_bad++; return; }
    peer *d = &P[di]; u64 c = d->ctr++;
    wr32(p, WG_DATA); wr32(p + 4, d->ridx); wr64(p + 8, c);
    u64 t2 = __rdtsc(); c_look += t2 - t1;
    aead_seal(be, &d->tx, p + 16, p + 16, len - 32, c);
    u64 t3 = __rdtsc(); c_seal += t3 - t2;
    emit(fd, d, p, len); n_pkt++;
    c_look += __rdtsc() - t3;
}
static void report(void) {
    struct rusage ru; getrusage(RUSAGE_SELF, &ru); double n = n_pkt ? (double)n_pkt : 1, g = tsc_ghz * n;
    fprintf(stderr, "{\"limit\":\"%s\",\"gro\":%d,\"gso\":%d,\"pkts\":%llu,\"bad\":%llu,\"ns_per_pkt\":{\"recv\":%.1f,\"open\":%.1f,\"lookup\":%.1f,\"seal\":%.1f,\"send\":%.1f,\"crypto\":%.1f,\"syscalls\":%.1f},\"idle_s\":%.2f,"
            "\"user_s\":%.3f,\"sys_s\":%.3f,\"pkts_per_recvcall\":%.1f,\"pkts_per_recvmsg\":%.1f,\"pkts_per_sendcall\":%.1f,\"pkts_per_sendmsg\":%.1f}\n",
            be == AEAD_OPENSSL ? "openssl" : be == AEAD_SODIUM ? "sodium" : "null", gro, gso, (unsigned long long)n_pkt, (unsigned long long)n_bad,
            (double)c_recv / g, (double)c_open / g, (double)c_look / g, (double)c_seal / g, (double)c_send / g, (double)(c_open + c_seal) / g, (double)(c_recv + c_send) / g, (double)c_idle / tsc_ghz * 1e-9,
            (double)ru.ru_utime.tv_sec + (double)ru.ru_utime.tv_usec * 1e-6, (double)ru.ru_stime.tv_sec + (double)ru.ru_stime.tv_usec * 1e-6,
            n / (double)(n_recvcalls ? n_recvcalls : 1), n / (double)(n_recvmsgs ? n_recvmsgs : 1), n / (double)(n_sendcalls ? n_sendcalls : 1), n / (double)(n_sendmsgs ? n_sendmsgs : 1));
    c_idle = c_recv = c_open = c_look = c_seal = c_send = n_pkt = n_recvcalls = n_recvmsgs = n_sendcalls = n_sendmsgs = n_bad = 0;
}
static void micro(void) {
    static u8 b[16384]; aead_key k = { 0 }; u8 key[32] = { 1 }; aead_set(&k, key); int sz[] = { 64, 128, 256, 512, 576, 1024, 1420 };
    for (int e = 0; e < 2; e++) for (unsigned i = 0; i < sizeof sz / sizeof *sz; i++) {
        double best_s = 1e9, best_o = 1e9; int n = sz[i];
        for (int rep = 0; rep < 7; rep++) {
            int it = 40000; u64 t = now_ns(); for (int j = 0; j < it; j++) aead_seal(e, &k, b, b, n, (u64)j); double s = (double)(now_ns() - t) / it; if (s < best_s) best_s = s;
            memset(b, 7, (size_t)n); aead_seal(e, &k, b, b, n, 5); static u8 c[2048]; memcpy(c, b, (size_t)n + 16);
            t = now_ns(); for (int j = 0; j < it; j++) if (!aead_open(e, &k, b, c, n, 5)) die("open"); s = (double)(now_ns() - t) / it; if (s < best_o) best_o = s;
        }
        printf("{\"aead\":\"%s\",\"bytes\":%d,\"seal_ns\":%.0f,\"open_ns\":%.0f,\"relay_crypto_ns\":%.0f}\n", e == AEAD_OPENSSL ? "openssl" : "sodium", n, best_s, best_o, best_s + best_o);
    }
}
int main(int argc, char **argv) {
    enum { A = 256, B, C, D, E, G, H, I, J, K, L, M };
    static const struct option lo[] = { { "seed", 1, 0, A }, { "peers", 1, 0, B }, { "port", 1, 0, C }, { "aead", 1, 0, D }, { "gro", 1, 0, E }, { "gso", 1, 0, G }, { "cpu", 1, 0, H }, { "psk", 0, 0, I }, { "bench", 0, 0, J }, { "null-pairs", 1, 0, K }, { "vlen", 1, 0, L }, { "tun-base", 1, 0, M }, { 0, 0, 0, 0 } };
    int c, bench = 0; struct in_addr ia;
    while ((c = getopt_long(argc, argv, "", lo, NULL)) != -1) switch (c) {
        case A: seed = optarg; break; case B: N = (u32)atoi(optarg); break; case C: port = atoi(optarg); break; case D: be = !strcmp(optarg, "openssl") ? AEAD_OPENSSL : !strcmp(optarg, "sodium") ? AEAD_SODIUM : !strcmp(optarg, "null") ? AEAD_NULL : (die("--aead"), 0); break;
        case E: gro = atoi(optarg); break; case G: gso = atoi(optarg); break; case H: cpu = atoi(optarg); break; case I: psk = 1; break; case J: bench = 1; break; case K: null_pairs = atoi(optarg); break; case L: vlen = atoi(optarg); break;
        case M: if (inet_pton(AF_INET, optarg, &ia) != 1) die("tun-base"); tun_base = ntohl(ia.s_addr); break; default: die("see the head of limit.c");
    }
    wg_setup();
    if (cpu >= 0) { cpu_set_t s; CPU_ZERO(&s); CPU_SET(cpu, &s); sched_setaffinity(0, sizeof s, &s); }
    if (bench) { micro(); return 0; }
    build_peers();
    R = calloc(MAXRUN, sizeof *R); open_run = calloc(N, sizeof *open_run);
    { u64 a = __rdtsc(), t = now_ns(); while (now_ns() - t < 50000000) ; tsc_ghz = (double)(__rdtsc() - a) / (double)(now_ns() - t); }
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), v = 8 << 20, one = 1; struct sockaddr_in s = { .sin_family = AF_INET, .sin_port = htons((u16)port) };
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &v, sizeof v)) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &v, sizeof v);
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &v, sizeof v)) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &v, sizeof v);
    if (gro && setsockopt(fd, SOL_UDP, UDP_GRO, &one, sizeof one)) die("UDP_GRO: %s", strerror(errno));
    if (bind(fd, (void *)&s, sizeof s)) die("bind: %s", strerror(errno));
    struct sigaction sa = { .sa_handler = on_sig }; sigaction(SIGTERM, &sa, NULL); sigaction(SIGINT, &sa, NULL); sigaction(SIGUSR1, &sa, NULL);
    size_t cap = gro ? 65536 : 2048, stride = gro ? 65536 + 4160 : 2048 + 64; if (!gro) vlen = vlen < 128 ? 128 : vlen;
    u8 *buf = mmap(NULL, stride * (size_t)vlen, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); madvise(buf, stride * (size_t)vlen, MADV_HUGEPAGE);
    struct mmsghdr *mm = calloc((size_t)vlen, sizeof *mm); struct iovec *iov = calloc((size_t)vlen, sizeof *iov); struct sockaddr_in *from = calloc((size_t)vlen, sizeof *from); char (*ctl)[64] = calloc((size_t)vlen, 64);
    fprintf(stderr, "limit: port %d, %u peers, tsc %.3f GHz\n", port, N, tsc_ghz);
    while (!stop) {
        if (dump) { dump = 0; report(); }
        for (int i = 0; i < vlen; i++) { iov[i] = (struct iovec){ buf + stride * (size_t)i, cap }; mm[i].msg_hdr = (struct msghdr){ .msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &iov[i], .msg_iovlen = 1, .msg_control = ctl[i], .msg_controllen = 64 }; }
        u64 t0 = __rdtsc(); int k = recvmmsg(fd, mm, (unsigned)vlen, MSG_DONTWAIT, NULL); u64 t1 = __rdtsc();
        if (k <= 0) { if (k < 0 && errno == EAGAIN) { struct pollfd pf = { fd, POLLIN, 0 }; poll(&pf, 1, 1000); } c_idle += __rdtsc() - t0; continue; }
        c_recv += t1 - t0; n_recvcalls++; n_recvmsgs += (u64)k;
        for (int i = 0; i < k; i++) {
            int len = (int)mm[i].msg_len, seg = len; u8 *p = iov[i].iov_base;
            for (struct cmsghdr *h = CMSG_FIRSTHDR(&mm[i].msg_hdr); h; h = CMSG_NXTHDR(&mm[i].msg_hdr, h)) if (h->cmsg_level == SOL_UDP && h->cmsg_type == UDP_GRO) { int g; memcpy(&g, CMSG_DATA(h), sizeof g); seg = g & 0xffff; }
            if (seg <= 0) seg = len;
            for (int a = 0; a < len; a += seg) packet(fd, p + a, len - a < seg ? len - a : seg, &from[i]);
        }
        flush(fd);
    }
    report();
    return 0;
}
