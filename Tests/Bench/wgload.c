/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: 2026 The Hairpin Authors
 *
 * wgload.c - WireGuard load generator and sink: N initiator peers against one hub under test.
 *
 * It speaks the real protocol (Noise_IKpsk2 handshake, mac1, mac2 after a cookie reply) over UDP and
 * therefore drives any WireGuard hub. Data packets are encrypted before the timed part. See README.md.
 * Own code; links libsodium (X25519, XChaCha, handshake AEAD) and libcrypto (bulk ChaCha20-Poly1305). */
#include "wgproto.h"
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* ---------------------------------------------------------------- options */
static struct {
    const char *mode, *seed, *keyfile, *hubpub, *sock, *format, *flood_kind, *label;
    struct sockaddr_in hub;
    u32 n, pairs, first, src_base, src_count, tun_base, count, window, maxhs;
    int size, mtu, gso, gro, burst, segs, sample, cpu, hubcpu, json, search, prio, verbose, psk, confirm, spec, verify, prep, port, herd;
    u64 pps, flood_pps, mem, est, gap_us, retry_ms, inflight; u32 flood_src;
    double secs, trial_secs, tol, lo, hi;
    pid_t pid;
} o = { .seed = "wgload", .format = "text", .n = 8, .pairs = 4, .src_count = 0, .tun_base = 0x0a400000, .count = 20000,
        .window = 64, .maxhs = 60000, .size = 1420, .mtu = 1420, .gso = 1, .gro = 1, .burst = 16, .segs = 64, .sample = 64, .cpu = -1,
        .hubcpu = -1, .prep = 2, .port = 51820, .mem = 2048ull << 20, .est = 800000, .retry_ms = 5000, .secs = 5,
        .trial_secs = 2, .tol = 0.001, .flood_kind = "badmac", .flood_src = 16, .label = "" };

static u32 parse_ip(const char *s) { struct in_addr a; if (inet_pton(AF_INET, s, &a) != 1) die("bad IP %s", s); return ntohl(a.s_addr); }
static const char *ips(u32 ip) { static char b[4][16]; static int k; k = (k + 1) & 3; snprintf(b[k], 16, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255); return b[k]; }
static const char *b64(const u8 *k) { static char b[4][48]; static int i; i = (i + 1) & 3; sodium_bin2base64(b[i], 48, k, 32, sodium_base64_VARIANT_ORIGINAL); return b[i]; }
static void unb64(u8 k[32], const char *s) { size_t l; if (sodium_base642bin(k, 32, s, strlen(s), NULL, &l, NULL, sodium_base64_VARIANT_ORIGINAL) || l != 32) die("bad key %s", s); }

static void pin(int cpu) { /* the calling thread; -1 = every CPU */
    cpu_set_t s; CPU_ZERO(&s);
    if (cpu >= 0) CPU_SET(cpu, &s); else for (int i = 0; i < (int)sysconf(_SC_NPROCESSORS_ONLN); i++) CPU_SET(i, &s);
    sched_setaffinity(0, sizeof s, &s);
}

/* --prio: this session's scheduler autogroup goes to nice -20 for the timed part only (hub and wgload are started from one session) */
static void prio(bool on) {
    if (!o.prio) return;
    FILE *f = fopen("/proc/self/autogroup", "w"); if (f) { fputs(on ? "-20" : "0", f); fclose(f); }
}

/* ---------------------------------------------------------------- peers */
typedef struct hs { u32 idx, peer; u8 eph[32], ck[32], h[32], msg[INIT_LEN], resp[RESP_LEN]; u64 sent; u8 state, cookies; } hs;
enum { HS_NEW, HS_SENT, HS_DONE, HS_BAD, HS_TIMEOUT };
typedef struct peer {
    u8 priv[32], pub[32], psk[32], ss[32];
    u32 ip, id; int fd; bool ss_ok, up;
    u32 lidx, ridx, gen; u8 tk[32], rk[32]; u64 ctr, born;
    u8 cookie[16]; u64 cookie_at;
    aead_key tx, rx;
    hs hs;
    /* sink */
    u64 pkts, bytes, keepalives, maxctr, reorder, samp_ok, samp_bad, samp_reorder, foreign; bool any;
} peer;
static peer *P; static u32 NP;
static u8 hub_priv[32], hub_pub[32], mac1key[32], cookiekey[32];
static u64 st_hubinit, st_cookie, st_badresp, st_foreign, st_senderr, st_icmp;

static void load_peers(bool derive_pub) {
    derive_priv(hub_priv, o.seed, "hub", 0); crypto_scalarmult_base(hub_pub, hub_priv);
    if (o.hubpub) unb64(hub_pub, o.hubpub);
    wg_mac1key(mac1key, hub_pub); wg_cookiekey(cookiekey, hub_pub);
    P = calloc(o.n, sizeof *P); NP = o.n;
    FILE *f = o.keyfile ? fopen(o.keyfile, "r") : NULL;
    if (o.keyfile && !f) die("cannot open %s", o.keyfile);
    for (u32 i = 0; i < NP; i++) {
        peer *p = &P[i]; p->id = i; p->fd = -1;
        if (f) {
            char k[64], ip[32], psk[64], line[256];
            if (!fgets(line, sizeof line, f)) die("%s has fewer than %u lines", o.keyfile, NP);
            int r = sscanf(line, "%63s %31s %63s", k, ip, psk);
            if (r < 2) die("bad line in %s", o.keyfile);
            unb64(p->priv, k); if (strchr(ip, '/')) *strchr(ip, '/') = 0; p->ip = parse_ip(ip); if (r == 3) unb64(p->psk, psk);
        } else {
            derive_priv(p->priv, o.seed, "peer", i); p->ip = tun_ip(o.tun_base, i);
            if (o.psk) derive32(p->psk, o.seed, "psk", i);
        }
    }
    if (f) fclose(f);
    (void)derive_pub;
}
static atomic_uint par_next; static u32 par_n; static void (*par_fn)(u32, int);
static void *par_thread(void *a) { pin(-1); u32 i; while ((i = atomic_fetch_add(&par_next, 1)) < par_n) par_fn(i, (int)(intptr_t)a); return NULL; }
static void parallel(u32 n, void (*fn)(u32, int)) { /* untimed preparation uses every CPU */
    pthread_t t[64]; int k = o.prep < 1 ? 1 : o.prep > 64 ? 64 : o.prep;
    par_next = 0; par_n = n; par_fn = fn;
    for (int i = 0; i < k; i++) pthread_create(&t[i], NULL, par_thread, (void *)(intptr_t)i);
    for (int i = 0; i < k; i++) pthread_join(t[i], NULL);
}
static void mk_pub(u32 i, int t) { (void)t; crypto_scalarmult_base(P[i].pub, P[i].priv); }
static void mk_ss(u32 i, int t) { (void)t; if (!P[i].ss_ok && crypto_scalarmult(P[i].ss, P[i].priv, hub_pub)) die("bad hub key"); P[i].ss_ok = true; }

static void peer_socket(peer *p) {
    if (p->fd >= 0) return;
    p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); if (p->fd < 0) die("socket: %s", strerror(errno));
    int v = 32 << 20;
    if (setsockopt(p->fd, SOL_SOCKET, SO_RCVBUFFORCE, &v, sizeof v)) setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &v, sizeof v);
    v = 4 << 20;
    if (setsockopt(p->fd, SOL_SOCKET, SO_SNDBUFFORCE, &v, sizeof v)) setsockopt(p->fd, SOL_SOCKET, SO_SNDBUF, &v, sizeof v);
    if (o.src_base) {
        struct sockaddr_in s = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(o.src_base + 1 + (o.src_count ? p->id % o.src_count : p->id)) };
        if (bind(p->fd, (void *)&s, sizeof s)) die("bind %s: %s", ips(ntohl(s.sin_addr.s_addr)), strerror(errno));
    }
    if (connect(p->fd, (void *)&o.hub, sizeof o.hub)) die("connect: %s", strerror(errno));
}

/* ---------------------------------------------------------------- handshake, initiator side */
static pthread_mutex_t tai_mu = PTHREAD_MUTEX_INITIALIZER; static u64 tai_last;
static void tai64n(u8 t[12]) {
    struct timespec ts; clock_gettime(CLOCK_REALTIME, &ts);
    u64 n = (u64)ts.tv_sec * 1000000000ull + (u64)ts.tv_nsec;
    pthread_mutex_lock(&tai_mu); if (n <= tai_last) n = tai_last + 1; tai_last = n; pthread_mutex_unlock(&tai_mu);
    u64 s = n / 1000000000ull + 0x400000000000000aull;
    be32(t, (u32)(s >> 32)); be32(t + 4, (u32)s); be32(t + 8, (u32)(n % 1000000000ull));
}
static void init_build(hs *h, const u8 priv[32], const u8 pub[32], const u8 ss[32]) {
    u8 k[32], dh[32], eph_pub[32], ts[12];
    (void)priv;
    randombytes_buf(h->eph, 32); crypto_scalarmult_base(eph_pub, h->eph);
    memset(h->msg, 0, INIT_LEN); h->msg[0] = WG_INIT; wr32(h->msg + 4, h->idx); memcpy(h->msg + 8, eph_pub, 32);
    hash2(h->h, wg_h0, 32, hub_pub, 32);
    kdf(h->ck, NULL, NULL, wg_ck0, eph_pub, 32); hash2(h->h, h->h, 32, eph_pub, 32);
    if (crypto_scalarmult(dh, h->eph, hub_pub)) die("DH");
    kdf(h->ck, k, NULL, h->ck, dh, 32);
    hs_seal(h->msg + 40, k, pub, 32, h->h); hash2(h->h, h->h, 32, h->msg + 40, 48);
    kdf(h->ck, k, NULL, h->ck, ss, 32);
    tai64n(ts); hs_seal(h->msg + 88, k, ts, 12, h->h); hash2(h->h, h->h, 32, h->msg + 88, 28);
    mac16(h->msg + 116, mac1key, 32, h->msg, 116);
}
static void hs_prepare(hs *h, peer *p) { h->peer = p->id; init_build(h, p->priv, p->pub, p->ss); h->state = HS_NEW; h->cookies = 0; }
static void hs_mac2(hs *h, peer *p, u64 t) {
    if (p->cookie_at && t - p->cookie_at < 120000000000ull) mac16(h->msg + 132, p->cookie, 16, h->msg, 132); else memset(h->msg + 132, 0, 16);
}
static bool cookie_consume(peer *p, const u8 *m, const u8 *mac1, u64 t) {
    u8 c[16]; unsigned long long l;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(c, &l, NULL, m + 32, 32, mac1, 16, m + 8, cookiekey)) return false;
    memcpy(p->cookie, c, 16); p->cookie_at = t; return true;
}
/* verifies a response and derives the transport keys */
static bool resp_consume(const hs *h, const peer *p, const u8 *r, u8 tk[32], u8 rk[32]) {
    u8 ck[32], hh[32], dh[32], t[32], k[32], mk[32], m[16], e;
    if (rd32(r + 8) != h->idx) return false;
    wg_mac1key(mk, p->pub); mac16(m, mk, 32, r, 60); if (memcmp(m, r + 60, 16)) return false;
    kdf(ck, NULL, NULL, h->ck, r + 12, 32); hash2(hh, h->h, 32, r + 12, 32);
    if (crypto_scalarmult(dh, h->eph, r + 12)) return false;
    kdf(ck, NULL, NULL, ck, dh, 32);
    if (crypto_scalarmult(dh, p->priv, r + 12)) return false;
    kdf(ck, NULL, NULL, ck, dh, 32);
    kdf(ck, t, k, ck, p->psk, 32); hash2(hh, hh, 32, t, 32);
    if (!hs_open(&e, k, r + 44, 16, hh)) return false;
    kdf(tk, rk, NULL, ck, NULL, 0);
    return true;
}
static void keepalive_msg(u8 m[32], u32 ridx, u64 ctr, const u8 tk[32]) {
    u8 n[12] = { 0 }; unsigned long long l;
    wr32(m, WG_DATA); wr32(m + 4, ridx); wr64(m + 8, ctr); wr64(n + 4, ctr);
    crypto_aead_chacha20poly1305_ietf_encrypt(m + 16, &l, NULL, 0, NULL, 0, NULL, n, tk);
}
static void keepalive_send(peer *p) {
    u8 m[32]; keepalive_msg(m, p->ridx, p->ctr++, p->tk);
    if (send(p->fd, m, 32, 0) != 32) st_senderr++;
}
static void prep_peer_hs(u32 i, int t) {
    (void)t; peer *p = &P[o.first + i];
    p->gen++; p->hs.idx = (p->gen << 16) | p->id; hs_prepare(&p->hs, p);
}
typedef struct { u64 ns_all, ns_first; u32 up, timeouts, cookies; u64 send_ns; } conn_result;
/* handshakes peers [o.first, o.first+n); window 0 = all at once */
static conn_result connect_peers(u32 n, u32 window, u64 retry_ns, bool spec, double limit_s) {
    conn_result r = { 0 };
    if (o.first + n > NP) die("peers %u..%u asked for, %u configured", o.first, o.first + n - 1, NP);
    for (u32 i = 0; i < n; i++) { peer_socket(&P[o.first + i]); P[o.first + i].up = false; }
    parallel(NP, mk_ss);
    parallel(n, prep_peer_hs);
    int ep = epoll_create1(EPOLL_CLOEXEC);
    for (u32 i = 0; i < n; i++) { struct epoll_event e = { .events = EPOLLIN, .data.u32 = o.first + i }; epoll_ctl(ep, EPOLL_CTL_ADD, P[o.first + i].fd, &e); }
    if (o.cpu >= 0) pin(o.cpu);
    prio(true);
    u32 next = 0, out = 0, scan = 0; u64 t0 = now_ns(), end = t0 + (u64)(limit_s * 1e9), t = t0;
    while (r.up < n && t < end) {
        int burst = 0;
        while (next < n && (!window || out < window) && burst < 64) {
            peer *p = &P[o.first + next++]; hs_mac2(&p->hs, p, t);
            p->hs.sent = now_ns(); p->hs.state = HS_SENT; out++; burst++;
            if (send(p->fd, p->hs.msg, INIT_LEN, 0) < 0) st_icmp++;
        }
        if (next >= n && !r.send_ns) r.send_ns = now_ns() - t0;
        struct epoll_event ev[64]; int k = epoll_wait(ep, ev, 64, next < n && burst ? 0 : 2);
        t = now_ns();
        for (int i = 0; i < k; i++) {
            peer *p = &P[ev[i].data.u32]; u8 m[2048];
            for (;;) {
                ssize_t l = recv(p->fd, m, sizeof m, MSG_DONTWAIT);
                if (l < 0) { if (errno == ECONNREFUSED) st_icmp++; break; }
                if (l == RESP_LEN && m[0] == WG_RESP && p->hs.state == HS_SENT) {
                    if (!resp_consume(&p->hs, p, m, p->tk, p->rk)) { st_badresp++; continue; }
                    p->hs.state = HS_DONE; p->ridx = rd32(m + 4); p->lidx = p->hs.idx; p->ctr = 0; p->born = t; p->up = true;
                    p->any = false; p->maxctr = 0;
                    keepalive_send(p); r.up++; out--; if (!r.ns_first) r.ns_first = now_ns() - t0;
                } else if (l == COOKIE_LEN && m[0] == WG_COOKIE && rd32(m + 4) == p->hs.idx) {
                    st_cookie++; r.cookies++;
                    if (cookie_consume(p, m, p->hs.msg + 116, t) && !spec && p->hs.state == HS_SENT && p->hs.cookies++ < 8) {
                        hs_mac2(&p->hs, p, t); p->hs.sent = t; if (send(p->fd, p->hs.msg, INIT_LEN, 0) < 0) st_icmp++;
                    }
                } else if (l == INIT_LEN && m[0] == WG_INIT) st_hubinit++;
            }
        }
        for (u32 q = 0; q < 64 && next; q++) { /* retransmit scan, incremental */
            if (scan >= next) scan = 0;
            peer *p = &P[o.first + scan++];
            if (p->hs.state == HS_SENT && t > p->hs.sent && t - p->hs.sent > retry_ns) {
                r.timeouts++; p->gen++; p->hs.idx = (p->gen << 16) | p->id; hs_prepare(&p->hs, p); hs_mac2(&p->hs, p, t);
                p->hs.sent = now_ns(); p->hs.state = HS_SENT; if (send(p->fd, p->hs.msg, INIT_LEN, 0) < 0) st_icmp++;
            }
        }
    }
    r.ns_all = now_ns() - t0; prio(false);
    pin(-1); close(ep);
    return r;
}

/* ---------------------------------------------------------------- inner packets */
#define MAGIC 0x444c4757u
static u32 csum_add(u32 s, const u8 *p, int n) { for (; n > 1; n -= 2, p += 2) s += (u32)p[0] << 8 | p[1]; if (n) s += (u32)p[0] << 8; return s; }
static u16 csum_fin(u32 s) { while (s >> 16) s = (s & 0xffff) + (s >> 16); return (u16)~s; }
static inline u64 patt(u64 seq, u32 k) { return (seq + 0x9E3779B97F4A7C15ull * (k + 1)) * 0xD1342543DE82EF95ull; }
static void inner_build(u8 *p, int len, u32 src, u32 dst, u16 flow, u64 seq) {
    memset(p, 0, 28); p[0] = 0x45; be16(p + 2, (unsigned)len); p[6] = 0x40; p[8] = 64; p[9] = 17; be32(p + 12, src); be32(p + 16, dst);
    be16(p + 10, csum_fin(csum_add(0, p, 20)));
    be16(p + 20, 10000u + flow); be16(p + 22, 20000u + flow); be16(p + 24, (unsigned)len - 20);
    u8 *d = p + 28; int n = len - 28;
    wr32(d, MAGIC); d[4] = (u8)flow; d[5] = (u8)(flow >> 8); d[6] = (u8)len; d[7] = (u8)(len >> 8); wr64(d + 8, seq);
    int j = 16; u32 k = 0; for (; j + 8 <= n; j += 8) wr64(d + j, patt(seq, k++));
    for (; j < n; j++) d[j] = (u8)(seq + (u64)j);
    u32 s = csum_add(0, p + 12, 8) + 17 + (u32)(len - 20); s = csum_add(s, p + 20, len - 20);
    u16 c = csum_fin(s); be16(p + 26, c ? c : 0xffff);
}
/* returns flow id or -1; the TTL and header checksum may have changed on the way */
static int inner_check(const u8 *p, int n, u32 dst, u64 *seq) {
    if (n < 44 || p[0] != 0x45 || p[9] != 17) return -1;
    int len = p[2] << 8 | p[3]; if (len > n || len < 44) return -1;
    if (ntohl(rd32(p + 16)) != dst || csum_fin(csum_add(0, p, 20))) return -1;
    const u8 *d = p + 28; int m = len - 28;
    if (rd32(d) != MAGIC || (d[6] | d[7] << 8) != len) return -1;
    int flow = d[4] | d[5] << 8; u64 s = rd64(d + 8);
    if ((p[20] << 8 | p[21]) != 10000 + flow || (p[22] << 8 | p[23]) != 20000 + flow) return -1;
    int j = 16; u32 k = 0; for (; j + 8 <= m; j += 8) if (rd64(d + j) != patt(s, k++)) return -1;
    for (; j < m; j++) if (d[j] != (u8)(s + (u64)j)) return -1;
    for (j = len; j < n; j++) if (p[j]) return -1; /* padding must be zero */
    *seq = s; return flow;
}

/* ---------------------------------------------------------------- flows: the pre-encrypted ring */
#define CHUNK 2048
static const int mix_size[3] = { 64, 576, 1420 };
typedef struct { peer *s, *r; u8 *buf, *pos; size_t cap; u64 n, next, ctr0, seq0, lastseq; u8 *cls; u64 *off; bool seen; } flow;
static flow *F; static int K; static aead_key *prep_key; /* [thread][flow] */
static int padded(int n) { int q = (n + 15) & ~15; return q > o.mtu && n <= o.mtu ? (n > o.mtu ? n : o.mtu) : q; }
static inline int isz(const flow *f, u64 i) { return o.size ? o.size : mix_size[f->cls[i]]; }
static u8 *ring; static size_t ring_len;
static u64 xs = 88172645463325252ull;
static u32 rnd(void) { xs ^= xs << 13; xs ^= xs >> 7; xs ^= xs << 17; return (u32)(xs >> 16); }
static void fill_chunk(u32 c, int th) {
    u32 per = (u32)((F[0].n + CHUNK - 1) / CHUNK); if (!per) return;
    flow *f = &F[c / per]; u64 a = (u64)(c % per) * CHUNK, b = a + CHUNK < f->n ? a + CHUNK : f->n;
    aead_key *k = &prep_key[th * K + (int)(c / per)];
    u8 *w = f->buf + f->off[c % per], pt[2048];
    for (u64 i = a; i < b; i++) {
        int n = isz(f, i), q = padded(n);
        inner_build(pt, n, f->s->ip, f->r->ip, (u16)(f - F), f->seq0 + i); memset(pt + n, 0, (size_t)(q - n));
        wr32(w, WG_DATA); wr32(w + 4, f->s->ridx); wr64(w + 8, f->ctr0 + i);
        aead_seal(AEAD_OPENSSL, k, w + 16, pt, q, f->ctr0 + i);
        w += q + DATA_OVERHEAD;
    }
}
/* prepares about `total` packets over all flows; returns the number really prepared */
static u64 ring_fill(u64 total) {
    double avg = o.size ? padded(o.size) + DATA_OVERHEAD : (7.0 * 64 + 4 * 576 + 1420) / 12 + DATA_OVERHEAD;
    if ((double)total * avg * 1.02 > (double)o.mem) total = (u64)((double)o.mem / (avg * 1.02));
    u64 per = total / (u64)K; if (!per) per = 1;
    size_t need = (size_t)((double)per * avg * 1.01 + 65536 * 4) & ~(size_t)4095;
    if (!ring || ring_len < need * (size_t)K) {
        if (ring) munmap(ring, ring_len);
        ring_len = need * (size_t)K;
        ring = mmap(NULL, ring_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (ring == MAP_FAILED) die("mmap ring");
        madvise(ring, ring_len, MADV_HUGEPAGE);
    }
    if (!prep_key) prep_key = calloc((size_t)(o.prep * K), sizeof *prep_key);
    u64 got = 0; u32 chunks = 0;
    for (int i = 0; i < K; i++) {
        flow *f = &F[i]; f->buf = ring + need * (size_t)i; f->cap = need; f->n = per; f->next = 0; f->pos = f->buf;
        f->ctr0 = f->s->ctr; f->seen = false;
        u32 nc = (u32)((per + CHUNK - 1) / CHUNK); f->off = realloc(f->off, nc * sizeof(u64)); f->cls = realloc(f->cls, per);
        size_t at = 0;
        for (u64 j = 0; j < per; j++) {
            if (!(j % CHUNK)) f->off[j / CHUNK] = at;
            if (!o.size) { u32 x = rnd() % 12; f->cls[j] = x < 7 ? 0 : x < 11 ? 1 : 2; }
            size_t w = (size_t)padded(isz(f, j)) + DATA_OVERHEAD;
            if (at + w > need) die("ring sizing");
            at += w;
        }
        f->s->ctr += per; got += per; chunks = nc;
        for (int t = 0; t < o.prep; t++) aead_set(&prep_key[t * K + i], f->s->tk);
    }
    parallel(chunks * (u32)K, fill_chunk);
    return got;
}
#define MAXM 64
static int send_burst(flow *f, int want, u64 *bytes) {
    static struct mmsghdr mm[MAXM]; static struct iovec iov[MAXM]; static int cnt[MAXM];
    static union { char b[CMSG_SPACE(2)]; struct cmsghdr h; } cm[MAXM];
    int m = 0, c = 0; u8 *pos = f->pos; u64 i = f->next;
    while (c < want && i < f->n && m < MAXM) {
        int w = padded(isz(f, i)) + DATA_OVERHEAD, run = 1; size_t tot = (size_t)w; i++; c++;
        if (o.gso) while (run < o.segs && c < want && i < f->n) {
            int w2 = padded(isz(f, i)) + DATA_OVERHEAD;
            if (w2 > w || tot + (size_t)w2 > 65000) break;
            tot += (size_t)w2; run++; i++; c++;
            if (w2 < w) break; /* a shorter last segment is allowed */
        }
        iov[m] = (struct iovec){ pos, tot }; pos += tot; cnt[m] = run;
        mm[m].msg_hdr = (struct msghdr){ .msg_iov = &iov[m], .msg_iovlen = 1 };
        if (run > 1) {
            mm[m].msg_hdr.msg_control = cm[m].b; mm[m].msg_hdr.msg_controllen = CMSG_SPACE(2);
            cm[m].h.cmsg_level = SOL_UDP; cm[m].h.cmsg_type = UDP_SEGMENT; cm[m].h.cmsg_len = CMSG_LEN(2);
            u16 s = (u16)w; memcpy(CMSG_DATA(&cm[m].h), &s, 2);
        }
        m++;
    }
    int r = m ? sendmmsg(f->s->fd, mm, (unsigned)m, MSG_DONTWAIT) : 0;
    if (r < 0) { if (errno != EAGAIN) { st_senderr++; if (errno == ECONNREFUSED) st_icmp++; else if (errno != ENOBUFS && errno != EINTR) die("sendmmsg: %s", strerror(errno)); } return 0; }
    int sent = 0;
    for (int j = 0; j < r; j++) { sent += cnt[j]; f->pos += iov[j].iov_len; *bytes += iov[j].iov_len; }
    f->next += (u64)sent;
    return sent;
}

/* ---------------------------------------------------------------- sink */
#define RV 64
#define RSTRIDE (65536 + 4160)
static u8 *rbuf; static u64 rx_last, rx_total;
static inline void sink_one(peer *r, u8 *p, int len, u64 t) {
    if (len < 32 || p[0] != WG_DATA) { if (len == INIT_LEN && p[0] == WG_INIT) st_hubinit++; else st_foreign++; return; }
    if (rd32(p + 4) != r->lidx) { r->foreign++; return; }
    if (len == 32) { r->keepalives++; return; }
    u64 c = rd64(p + 8);
    if (r->any && c < r->maxctr) r->reorder++; else r->maxctr = c;
    r->any = true; r->pkts++; rx_total++; r->bytes += (u64)(len - DATA_OVERHEAD); rx_last = t;
    if (o.sample && c % (u64)o.sample == 0) {
        u8 pt[2048]; u64 seq; int fl;
        if (len - 32 > (int)sizeof pt || !aead_open(AEAD_OPENSSL, &r->rx, pt, p + 16, len - 32, c) || (fl = inner_check(pt, len - 32, r->ip, &seq)) < 0
            || fl >= K || F[fl].r != r || seq < F[fl].seq0 || seq >= F[fl].seq0 + F[fl].next) { r->samp_bad++; return; }
        r->samp_ok++;
        if (F[fl].seen && seq <= F[fl].lastseq) r->samp_reorder++; else F[fl].lastseq = seq;
        F[fl].seen = true;
    }
}
static void drain_peer(peer *r, u64 t) {
    static struct mmsghdr mm[RV]; static struct iovec iov[RV]; static char ctl[RV][CMSG_SPACE(sizeof(int)) + 16];
    if (!rbuf) { rbuf = mmap(NULL, (size_t)RV * RSTRIDE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); madvise(rbuf, (size_t)RV * RSTRIDE, MADV_HUGEPAGE); }
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < RV; i++) {
            iov[i] = (struct iovec){ rbuf + (size_t)i * RSTRIDE, 65536 };
            mm[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1, .msg_control = ctl[i], .msg_controllen = sizeof ctl[i] };
        }
        int k = recvmmsg(r->fd, mm, RV, MSG_DONTWAIT, NULL);
        if (k <= 0) { if (k < 0 && errno == ECONNREFUSED) st_icmp++; return; }
        for (int i = 0; i < k; i++) {
            int len = (int)mm[i].msg_len, seg = len; u8 *p = iov[i].iov_base;
            for (struct cmsghdr *c = CMSG_FIRSTHDR(&mm[i].msg_hdr); c; c = CMSG_NXTHDR(&mm[i].msg_hdr, c))
                if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) { int g; memcpy(&g, CMSG_DATA(c), sizeof g); seg = g & 0xffff; }
            if (seg <= 0) seg = len;
            for (int a = 0; a < len; a += seg) sink_one(r, p + a, len - a < seg ? len - a : seg, t);
        }
        if (k < RV) return;
    }
}
static u64 sk_drops(int fd) {
#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif
    u32 mi[16] = { 0 }; socklen_t l = sizeof mi; if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, mi, &l)) return 0; return mi[8];
}

/* ---------------------------------------------------------------- CPU accounting */
typedef struct { u64 wall, cpu, self, softirqd, core_idle, busy, steal; double ut, st; } cpusnap;
static u64 clk_ns(clockid_t c) { struct timespec t; if (clock_gettime(c, &t)) return 0; return (u64)t.tv_sec * 1000000000ull + (u64)t.tv_nsec; }
static pid_t ksoft[64]; static int nksoft = -1;
static u64 sched_ns(pid_t p) { char b[64]; snprintf(b, sizeof b, "/proc/%d/schedstat", p); FILE *f = fopen(b, "r"); unsigned long long v = 0; if (f) { if (fscanf(f, "%llu", &v) != 1) v = 0; fclose(f); } return v; }
static void snap(cpusnap *s) {
    memset(s, 0, sizeof *s);
    if (nksoft < 0) { nksoft = 0; for (pid_t p = 2; p < 400 && nksoft < 64; p++) { char b[64], n[32] = ""; snprintf(b, sizeof b, "/proc/%d/comm", p); FILE *f = fopen(b, "r"); if (!f) continue; if (fgets(n, sizeof n, f) && !strncmp(n, "ksoftirqd/", 10)) ksoft[nksoft++] = p; fclose(f); } }
    if (o.pid) {
        clockid_t c; if (!clock_getcpuclockid(o.pid, &c)) s->cpu = clk_ns(c);
        char b[64]; snprintf(b, sizeof b, "/proc/%d/stat", o.pid); FILE *f = fopen(b, "r");
        if (f) { char line[1024]; unsigned long u = 0, k = 0; if (fgets(line, sizeof line, f)) { char *e = strrchr(line, ')'); if (e) sscanf(e + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &u, &k); } fclose(f); double hz = (double)sysconf(_SC_CLK_TCK); s->ut = (double)u / hz; s->st = (double)k / hz; }
    }
    for (int i = 0; i < nksoft; i++) s->softirqd += sched_ns(ksoft[i]);
    FILE *f = fopen("/proc/stat", "r");
    if (f) { char l[512]; while (fgets(l, sizeof l, f)) {
        int c; unsigned long long a[8]; const u64 tk = 1000000000ull / (u64)sysconf(_SC_CLK_TCK);
        if (sscanf(l, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", a, a + 1, a + 2, a + 3, a + 4, a + 5, a + 6, a + 7) == 8) { s->busy = (a[0] + a[1] + a[2] + a[5] + a[6]) * tk; s->steal = a[7] * tk; }
        else if (sscanf(l, "cpu%d %llu %llu %llu %llu %llu", &c, a, a + 1, a + 2, a + 3, a + 4) == 6 && c == o.hubcpu) s->core_idle = (a[3] + a[4]) * tk;
    } fclose(f); }
    s->self = clk_ns(CLOCK_PROCESS_CPUTIME_ID);
    s->wall = now_ns();
}

/* machine-speed probe: OpenSSL seals of 1420 bytes on the hub's core while the hub is idle, ns each. Shared hosts drift by tens of
 * percent; ns-per-packet divided by this number compares runs made at different moments. */
static double calib(void) {
    static aead_key k; static u8 b[2048]; const u8 key[32] = { 7 }; if (!k.enc) aead_set(&k, key);
    if (o.hubcpu >= 0) pin(o.hubcpu);
    u64 c = clk_ns(CLOCK_THREAD_CPUTIME_ID); for (int i = 0; i < 6000; i++) aead_seal(AEAD_OPENSSL, &k, b, b, 1420, (u64)i);
    double r = (double)(clk_ns(CLOCK_THREAD_CPUTIME_ID) - c) / 6000; pin(o.cpu);
    return r;
}

/* ---------------------------------------------------------------- flood */
static struct { u8 (*msg)[INIT_LEN]; u32 n, next; int *fd; int nfd; u64 sent, cookies, resp; } FL;
static void flood_one(u32 i, int t) {
    (void)t;
    if (!strcmp(o.flood_kind, "badmac")) { randombytes_buf(FL.msg[i], INIT_LEN); FL.msg[i][0] = WG_INIT; FL.msg[i][1] = FL.msg[i][2] = FL.msg[i][3] = 0; return; }
    if (!strcmp(o.flood_kind, "garbage")) { randombytes_buf(FL.msg[i], INIT_LEN); wr32(FL.msg[i], WG_INIT); memset(FL.msg[i] + 132, 0, 16); FL.msg[i][39] &= 127; mac16(FL.msg[i] + 116, mac1key, 32, FL.msg[i], 116); return; }
    hs h; u8 priv[32], pub[32], ss[32]; h.idx = 0xf0000000u + i; /* "unknown": well-formed, from keys the hub does not know */
    randombytes_buf(priv, 32); crypto_scalarmult_base(pub, priv); if (crypto_scalarmult(ss, priv, hub_pub)) return;
    init_build(&h, priv, pub, ss); memcpy(FL.msg[i], h.msg, INIT_LEN);
}
static void flood_setup(void) {
    if (!o.flood_pps || FL.msg) return;
    FL.n = !strcmp(o.flood_kind, "unknown") ? 8192 : 65536; FL.msg = calloc(FL.n, INIT_LEN); parallel(FL.n, flood_one);
    FL.nfd = (int)(o.flood_src ? o.flood_src : 1); FL.fd = calloc((size_t)FL.nfd, sizeof(int));
    for (int i = 0; i < FL.nfd; i++) {
        FL.fd[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (o.src_base) { struct sockaddr_in s = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(o.src_base + 40001 + (u32)i) }; if (bind(FL.fd[i], (void *)&s, sizeof s)) die("bind flood: %s", strerror(errno)); }
        if (connect(FL.fd[i], (void *)&o.hub, sizeof o.hub)) die("connect flood");
    }
}
static void flood_send(int k) {
    struct mmsghdr mm[16]; struct iovec iov[16]; int fd = FL.fd[FL.next / 16 % (u32)FL.nfd]; if (k > 16) k = 16;
    for (int i = 0; i < k; i++) { iov[i] = (struct iovec){ FL.msg[(FL.next + (u32)i) % FL.n], INIT_LEN }; mm[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1 }; }
    int r = sendmmsg(fd, mm, (unsigned)k, MSG_DONTWAIT); if (r > 0) { FL.sent += (u64)r; FL.next += (u32)r; }
    u8 b[256]; ssize_t l; while ((l = recv(fd, b, sizeof b, MSG_DONTWAIT)) > 0) { if (b[0] == WG_COOKIE) FL.cookies++; else if (b[0] == WG_RESP) FL.resp++; }
}

/* ---------------------------------------------------------------- relay */
typedef struct {
    double secs, offered, delivered_pps, gbps, loss, target; u64 sent, delivered, total, bytes, reorder, samp_ok, samp_bad, samp_reorder, sinkdrop, foreign;
    double hub_s, hub_u, hub_k, core_s, gen_s, soft_s, nspp, core_nspp, other_s, steal_s, calib; bool exhausted, genlimit; u64 stall_ns, flood;
} relay_result;

static void flows_setup(void) {
    K = (int)o.pairs; if (o.first + 2 * o.pairs > NP) die("--pairs %u needs --peers >= %u", o.pairs, o.first + 2 * o.pairs);
    F = calloc((size_t)K, sizeof *F);
    for (int i = 0; i < K; i++) { F[i].s = &P[o.first + (u32)i]; F[i].r = &P[o.first + (u32)K + (u32)i]; }
}
static void sessions_fresh(void) { /* new handshakes when the sessions are older than 60 s (or absent) */
    bool need = false; u64 t = now_ns();
    for (int i = 0; i < 2 * K; i++) { peer *p = &P[o.first + (u32)i]; if (!p->up || t - p->born > 60000000000ull) need = true; }
    if (!need) return;
    for (int i = 0; i < 2 * K; i++) { peer *p = &P[o.first + (u32)i]; int z = 0; if (p->fd >= 0) setsockopt(p->fd, SOL_UDP, UDP_GRO, &z, sizeof z); }
    conn_result c = connect_peers(2 * (u32)K, 16, 1000000000ull, false, 20);
    if (c.up != 2 * (u32)K) die("only %u of %d peers could handshake with the hub", c.up, 2 * K);
    int one = o.gro;
    for (int i = 0; i < K; i++) { setsockopt(F[i].r->fd, SOL_UDP, UDP_GRO, &one, sizeof one); aead_set(&F[i].r->rx, F[i].r->rk); aead_set(&F[i].s->rx, F[i].s->rk); }
    struct timespec ts = { 0, 50000000 }; nanosleep(&ts, NULL);
}
static relay_result relay_run(double secs, u64 pps) {
    relay_result R = { .target = (double)pps };
    sessions_fresh();
    u64 prepared = ring_fill(pps ? (u64)((double)pps * secs * 1.02) + 64ull * (u64)K : (u64)((double)o.est * secs));
    (void)prepared;
    for (int i = 0; i < K; i++) { drain_peer(F[i].r, 0); drain_peer(F[i].s, 0); }
    u64 d0 = 0, d1 = 0; for (int i = 0; i < K; i++) d0 += sk_drops(F[i].r->fd);
    for (int i = 0; i < K; i++) { peer *r = F[i].r; r->pkts = r->bytes = r->reorder = r->samp_ok = r->samp_bad = r->samp_reorder = r->foreign = 0; r->any = false; r->maxctr = 0; }
    prio(true); double cal = calib();
    if (o.cpu >= 0) pin(o.cpu);
    cpusnap a, b; u64 sent = 0, bytes = 0, fl0 = FL.sent; int k = 0;
    snap(&a);
    u64 start = now_ns(), end = start + (u64)(secs * 1e9), base = start, t = start, last_drain = 0, last_ka = start, last_sd = start; u64 base_sent = 0, live = (u64)K;
    u64 fbase = start, fsent = 0;
    int quantum = o.burst; u64 rx0 = rx_total, lostacc = 0, progress = start, rxprev = rx_total;
    while ((t = now_ns()) < end && live) {
        bool idle = true;
        if (o.flood_pps) {
            u64 due = (u64)((double)(t - fbase) * (double)o.flood_pps * 1e-9);
            if (due > fsent + 2000) { fbase = t; fsent = 0; due = 0; }
            if (due >= fsent + 16 || (due > fsent && o.flood_pps < 20000)) { u64 q = FL.sent; flood_send((int)(due - fsent < 16 ? due - fsent : 16)); fsent += FL.sent - q; idle = false; }
        }
        u64 want = (u64)o.burst;
        if (pps) {
            u64 due = (u64)((double)(t - base) * (double)pps * 1e-9); u64 done = sent - base_sent;
            u64 behind = due > done ? due - done : 0;
            if (behind > pps / 500 + (u64)o.burst * 2) { u64 shift = (u64)((double)behind * 1e9 / (double)pps); base += shift; R.stall_ns += shift; behind = (u64)quantum; } /* >2 ms behind: do not repay with a burst */
            want = behind < (u64)quantum ? 0 : behind < (u64)o.burst ? behind : (u64)o.burst;
        }
        if (o.inflight && !pps) { /* closed loop: at most `inflight` packets in the hub; leaked window comes back after 3 ms of silence */
            if (rx_total != rxprev) { rxprev = rx_total; progress = t; }
            u64 out = sent - (rx_total - rx0) - lostacc;
            if (out && t - progress > 3000000) { lostacc += out; out = 0; progress = t; }
            u64 room = out < o.inflight ? o.inflight - out : 0; want = room < (u64)o.burst && room < o.inflight ? 0 : room < (u64)o.burst ? room : (u64)o.burst;
        }
        if (want) {
            flow *f = &F[k]; k = k + 1 == K ? 0 : k + 1;
            if (f->next < f->n) { sent += (u64)send_burst(f, (int)want, &bytes); idle = false; if (f->next >= f->n) live--; }
        }
        if (idle || o.inflight || t - last_drain > 40000) {
            for (int i = 0; i < K; i++) drain_peer(F[i].r, t);
            last_drain = now_ns();
        }
        if (t - last_sd > 100000000ull) { for (int i = 0; i < K; i++) { u8 m[256]; while (recv(F[i].s->fd, m, sizeof m, MSG_DONTWAIT) > 0) ; } last_sd = t; }
        if (t - last_ka > 4000000000ull) { for (int i = 0; i < K; i++) keepalive_send(F[i].r); last_ka = t; }
    }
    for (int i = 0; i < K; i++) drain_peer(F[i].r, now_ns());
    snap(&b);
    for (int i = 0; i < K; i++) { R.delivered += F[i].r->pkts; R.bytes += F[i].r->bytes; }
    u64 q0 = now_ns(); rx_last = q0;
    while ((t = now_ns()) < q0 + 1000000000ull && t - rx_last < 150000000ull) for (int i = 0; i < K; i++) drain_peer(F[i].r, t);
    R.calib = (cal + calib()) / 2; prio(false); pin(-1);
    for (int i = 0; i < K; i++) { peer *r = F[i].r; R.total += r->pkts; R.reorder += r->reorder; R.samp_ok += r->samp_ok; R.samp_bad += r->samp_bad; R.samp_reorder += r->samp_reorder; R.foreign += r->foreign; d1 += sk_drops(r->fd); }
    for (int i = 0; i < K; i++) { keepalive_send(F[i].r); F[i].seq0 += F[i].n; }
    R.secs = (double)(b.wall - a.wall) * 1e-9; R.sent = sent; R.exhausted = !live; R.sinkdrop = d1 - d0; R.flood = FL.sent - fl0;
    R.offered = (double)sent / R.secs; R.delivered_pps = (double)R.delivered / R.secs; R.gbps = (double)R.bytes * 8e-9 / R.secs;
    R.loss = sent ? 1 - (double)R.total / (double)sent : 0; if (R.loss < 0) R.loss = 0;
    R.hub_s = (double)(b.cpu - a.cpu) * 1e-9; R.hub_u = b.ut - a.ut; R.hub_k = b.st - a.st; R.gen_s = (double)(b.self - a.self) * 1e-9; R.soft_s = (double)(b.softirqd - a.softirqd) * 1e-9; R.steal_s = (double)(b.steal - a.steal) * 1e-9;
    R.other_s = (double)(b.busy - a.busy) * 1e-9 - R.gen_s - R.hub_s - R.soft_s; if (R.other_s < 0 || !o.pid) R.other_s = 0;
    if (o.hubcpu >= 0) { R.core_s = R.secs - (double)(b.core_idle - a.core_idle) * 1e-9; if (R.core_s < 0) R.core_s = 0; }
    if (R.delivered) { R.nspp = R.hub_s * 1e9 / (double)R.delivered; R.core_nspp = R.core_s * 1e9 / (double)R.delivered; }
    R.genlimit = pps && R.offered < (double)pps * 0.98;
    return R;
}
static void relay_print(const char *mode, const relay_result *r) {
    char sz[16]; if (o.size) snprintf(sz, sizeof sz, "%d", o.size); else strcpy(sz, "imix");
    if (o.json) {
        printf("{\"mode\":\"%s\",\"label\":\"%s\",\"size\":\"%s\",\"pairs\":%d,\"peers\":%u,\"gso\":%d,\"burst\":%d,\"secs\":%.3f,\"target_pps\":%.0f,\"offered_pps\":%.0f,\"sent\":%llu,\"delivered\":%llu,\"delivered_pps\":%.0f,"
               "\"inner_gbps\":%.4f,\"loss\":%.6f,\"reorder\":%llu,\"sampled_ok\":%llu,\"sampled_bad\":%llu,\"sampled_reorder\":%llu,\"sink_drops\":%llu,"
               "\"hub_cpu_s\":%.4f,\"hub_user_s\":%.2f,\"hub_sys_s\":%.2f,\"hub_ns_per_pkt\":%.1f,\"pkts_per_hub_cpu_s\":%.0f,\"hub_core_busy_s\":%.3f,\"hub_core_ns_per_pkt\":%.1f,\"ksoftirqd_s\":%.4f,"
               "\"gen_cpu_s\":%.3f,\"other_cpu_s\":%.2f,\"steal_s\":%.2f,\"inflight\":%llu,\"calib_ns\":%.0f,\"gen_limited\":%s,\"ring_exhausted\":%s,\"stall_ms\":%.2f,\"flood_sent\":%llu,\"flood_cookies\":%llu}\n",
               mode, o.label, sz, K, NP, o.gso, o.burst, r->secs, r->target, r->offered, (unsigned long long)r->sent, (unsigned long long)r->total, r->delivered_pps, r->gbps, r->loss,
               (unsigned long long)r->reorder, (unsigned long long)r->samp_ok, (unsigned long long)r->samp_bad, (unsigned long long)r->samp_reorder, (unsigned long long)r->sinkdrop,
               r->hub_s, r->hub_u, r->hub_k, r->nspp, r->hub_s > 0 ? (double)r->delivered / r->hub_s : 0, r->core_s, r->core_nspp, r->soft_s, r->gen_s, r->other_s, r->steal_s, (unsigned long long)o.inflight, r->calib, r->genlimit ? "true" : "false", r->exhausted ? "true" : "false",
               (double)r->stall_ns * 1e-6, (unsigned long long)r->flood, (unsigned long long)FL.cookies);
    } else
        printf("%-7s size=%-5s pairs=%d offered=%.0f pps  delivered=%.0f pps  %.3f Gbit/s  loss=%.4f%%  reorder=%llu  verified=%llu bad=%llu  hub: %.3f CPU s (u %.2f k %.2f), %.0f ns/pkt, %.0f pkt/CPU-s, core %.0f ns/pkt  gen %.2f other %.2f steal %.2f CPU s  calib %.0f ns  sinkdrop=%llu%s%s\n",
               mode, sz, K, r->offered, r->delivered_pps, r->gbps, r->loss * 100, (unsigned long long)r->reorder, (unsigned long long)r->samp_ok, (unsigned long long)r->samp_bad,
               r->hub_s, r->hub_u, r->hub_k, r->nspp, r->hub_s > 0 ? (double)r->delivered / r->hub_s : 0, r->core_nspp, r->gen_s, r->other_s, r->steal_s, r->calib, (unsigned long long)r->sinkdrop, r->genlimit ? "  GEN-LIMITED" : "", r->exhausted ? "  ring exhausted" : "");
    fflush(stdout);
}
static void m_relay(void) {
    parallel(NP < 2 * o.pairs + o.first ? NP : 2 * o.pairs + o.first, mk_pub); flows_setup(); flood_setup();
    if (!o.search) { relay_result r = relay_run(o.secs, o.pps); relay_print(o.flood_pps ? "flood" : "relay", &r); return; }
    /* --search: binary search for the highest rate whose loss is below o.tol, seeded by a closed-loop probe. A trial that loses
     * packets is repeated once; one in which the generator itself was held up (busy machine) is void and repeated up to three times. */
    u64 infl = o.inflight; relay_result r = { 0 }, best = { 0 };
    for (u64 w = 64; w <= 1024; w *= 4) { o.inflight = w; relay_result q = relay_run(0.7, 0); if (q.delivered_pps * (1 - q.loss) > r.delivered_pps * (1 - r.loss)) r = q; }
    if (o.verbose) fprintf(stderr, "closed-loop probe: %.0f pps, loss %.3f%%, %.0f ns/pkt\n", r.delivered_pps, r.loss * 100, r.nspp);
    o.inflight = infl;
    double lo = o.lo, hi = o.hi ? o.hi : r.delivered_pps * 1.25 + 2000; bool any = false;
    for (int i = 0; i < 12 && hi - lo > hi * 0.025; i++) {
        double x = any || o.lo ? (lo + hi) / 2 : i ? hi * 0.8 : r.delivered_pps * 0.9; relay_result q = { 0 };
        bool ok = false; int lossy = 0, held = 0;
        while (!ok && lossy < 2 && held < 2) {
            q = relay_run(o.trial_secs, (u64)x); ok = q.loss <= o.tol && !q.genlimit && !q.samp_bad;
            if (!ok) { if (q.loss > o.tol || q.samp_bad) lossy++; else held++; }
            if (o.verbose) fprintf(stderr, "  try %.0f: offered %.0f loss %.4f%% %.0f ns/pkt other %.2f CPU s stall %.1f ms %s\n", x, q.offered, q.loss * 100, q.nspp, q.other_s, (double)q.stall_ns * 1e-6, ok ? "ok" : q.loss > o.tol ? "loss" : "generator held up");
        }
        if (q.loss <= o.tol && !q.samp_bad && q.offered > lo && (ok || q.offered > 0.9 * x)) { lo = ok ? x : q.offered; best = q; any = true; if (!ok) hi = hi < x * 1.02 ? x : hi; } else hi = x;
    }
    if (!best.sent) best = r;
    relay_print("search", &best);
}

/* ---------------------------------------------------------------- latency */
static int cmp64(const void *a, const void *b) { u64 x = *(const u64 *)a, y = *(const u64 *)b; return x < y ? -1 : x > y; }
static void m_latency(void) {
    o.pairs = 1; parallel(2 + o.first, mk_pub); flows_setup(); sessions_fresh(); o.gso = 0;
    ring_fill(o.count + 200); flow *f = &F[0]; u64 *v = calloc(o.count, 8), lost = 0, n = 0, by = 0; cpusnap a, b;
    if (o.cpu >= 0) pin(o.cpu);
    prio(true); u64 t_ka = now_ns(); snap(&a);
    for (u32 i = 0; i < o.count + 200 && f->next < f->n; i++) {
        if (o.gap_us) { u64 w = now_ns() + o.gap_us * 1000; while (now_ns() < w) ; }
        u64 c0 = f->r->pkts, t0 = now_ns(), t; send_burst(f, 1, &by);
        do { drain_peer(f->r, 0); t = now_ns(); } while (f->r->pkts == c0 && t - t0 < 100000000ull);
        if (f->r->pkts == c0) lost++; else if (i >= 200) v[n++] = t - t0;
        if (t - t_ka > 4000000000ull) { keepalive_send(f->r); t_ka = t; }
    }
    snap(&b); prio(false); pin(-1); qsort(v, n, 8, cmp64); if (!n) die("no packet came back");
#define PC(q) ((double)v[(u64)((double)(n - 1) * (q))] / 1000)
    double hub = (double)(b.cpu - a.cpu) * 1e-3 / (double)(n + 200), cal = calib();
    if (o.json) printf("{\"mode\":\"latency\",\"label\":\"%s\",\"size\":%d,\"n\":%llu,\"lost\":%llu,\"gap_us\":%llu,\"min_us\":%.1f,\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f,\"hub_cpu_us_per_pkt\":%.2f,\"calib_ns\":%.0f,\"verified\":%llu,\"bad\":%llu}\n",
                       o.label, o.size, (unsigned long long)n, (unsigned long long)lost, (unsigned long long)o.gap_us, PC(0), PC(.5), PC(.9), PC(.99), PC(.999), PC(1), hub, cal, (unsigned long long)f->r->samp_ok, (unsigned long long)f->r->samp_bad);
    else printf("latency size=%d n=%llu lost=%llu  min %.1f  p50 %.1f  p90 %.1f  p99 %.1f  p99.9 %.1f  max %.1f us  hub %.2f CPU us/pkt  verified=%llu bad=%llu\n", o.size, (unsigned long long)n, (unsigned long long)lost, PC(0), PC(.5), PC(.9), PC(.99), PC(.999), PC(1), hub, (unsigned long long)f->r->samp_ok, (unsigned long long)f->r->samp_bad);
}

/* ---------------------------------------------------------------- handshakes */
static hs *H;
static void prep_h(u32 i, int t) { (void)t; H[i].idx = i + 0x01000000u; hs_prepare(&H[i], &P[i % NP]); }
static atomic_uint hs_good;
static void post_h(u32 i, int t) { (void)t; u8 a[32], b[32]; if (H[i].state == HS_DONE && resp_consume(&H[i], &P[H[i].peer], H[i].resp, a, b)) atomic_fetch_add(&hs_good, 1); }
static void m_handshakes(void) {
    parallel(NP, mk_pub); parallel(NP, mk_ss);
    u32 N = o.maxhs; H = calloc(N, sizeof *H); parallel(N, prep_h);
    int ep = epoll_create1(EPOLL_CLOEXEC);
    for (u32 i = 0; i < NP; i++) { peer_socket(&P[i]); struct epoll_event e = { .events = EPOLLIN, .data.u32 = i }; epoll_ctl(ep, EPOLL_CTL_ADD, P[i].fd, &e); }
    if (o.cpu >= 0) pin(o.cpu);
    u32 next = 0, out = 0, done = 0, cookies = 0, timeouts = 0, late = 0; u64 *lat = calloc(N, 8); cpusnap a, b; prio(true); snap(&a);
    u32 W = o.window ? o.window : 64, *win = calloc(W, 4); u32 freen = W, *freel = calloc(W, 4), *slot = calloc(N, 4); for (u32 i = 0; i < W; i++) { freel[i] = i; win[i] = ~0u; }
    u64 t0 = now_ns(), end = t0 + (u64)(o.secs * 1e9), t = t0, tend;
    while ((t = now_ns()) < end && (next < N || out)) {
        while (freen && next < N) {
            hs *h = &H[next]; peer *p = &P[h->peer]; u32 s = freel[--freen]; win[s] = next; slot[next] = s; next++; out++;
            hs_mac2(h, p, t); h->sent = now_ns(); h->state = HS_SENT; if (send(p->fd, h->msg, INIT_LEN, 0) < 0) st_icmp++;
        }
        struct epoll_event ev[64]; int k = epoll_wait(ep, ev, 64, 0); t = now_ns();
        for (int i = 0; i < k; i++) {
            peer *p = &P[ev[i].data.u32]; u8 m[2048]; ssize_t l;
            while ((l = recv(p->fd, m, sizeof m, MSG_DONTWAIT)) >= 0) {
                u32 x = (l == RESP_LEN && m[0] == WG_RESP ? rd32(m + 8) : l == COOKIE_LEN && m[0] == WG_COOKIE ? rd32(m + 4) : 0) - 0x01000000u;
                if (x >= N || H[x].peer != p->id) continue;
                if (H[x].state != HS_SENT) { late++; continue; }
                if (m[0] == WG_COOKIE) {
                    cookies++;
                    if (cookie_consume(p, m, H[x].msg + 116, t) && H[x].cookies++ < 4) { hs_mac2(&H[x], p, t); if (send(p->fd, H[x].msg, INIT_LEN, 0) < 0) st_icmp++; }
                    continue;
                }
                memcpy(H[x].resp, m, RESP_LEN); H[x].state = HS_DONE; lat[done++] = t - H[x].sent; out--; win[slot[x]] = ~0u; freel[freen++] = slot[x];
                if (o.confirm) {
                    u8 tk[32], rk[32], ka[32];
                    if (!resp_consume(&H[x], p, m, tk, rk)) { st_badresp++; continue; }
                    keepalive_msg(ka, rd32(m + 4), 0, tk); if (send(p->fd, ka, 32, 0) < 0) st_icmp++;
                }
            }
        }
        for (u32 s = 0; s < W; s++) if (win[s] != ~0u && t > H[win[s]].sent && t - H[win[s]].sent > 500000000ull) { H[win[s]].state = HS_TIMEOUT; timeouts++; out--; win[s] = ~0u; freel[freen++] = s; }
    }
    tend = now_ns(); snap(&b); prio(false); pin(-1); close(ep);
    parallel(N, post_h); qsort(lat, done, 8, cmp64);
    double s = (double)(tend - t0) * 1e-9, cpu = (double)(b.cpu - a.cpu) * 1e-9;
    if (o.json) printf("{\"mode\":\"handshakes\",\"label\":\"%s\",\"peers\":%u,\"window\":%u,\"confirm\":%d,\"secs\":%.3f,\"done\":%u,\"verified\":%u,\"per_s\":%.1f,\"cookies\":%u,\"timeouts\":%u,\"late\":%u,\"p50_us\":%.1f,\"p99_us\":%.1f,\"hub_cpu_s\":%.4f,\"hub_us_per_hs\":%.2f,\"gen_cpu_s\":%.3f,\"calib_ns\":%.0f,\"exhausted\":%s}\n",
                       o.label, NP, W, o.confirm, s, done, hs_good, done / s, cookies, timeouts, late, done ? (double)lat[done / 2] / 1e3 : 0, done ? (double)lat[(u64)done * 99 / 100] / 1e3 : 0, cpu, done ? cpu * 1e6 / done : 0, (double)(b.self - a.self) * 1e-9, calib(), next >= N ? "true" : "false");
    else printf("handshakes peers=%u window=%u confirm=%d  %.0f/s (%u in %.2f s, %u verified)  cookies=%u timeouts=%u  p50 %.0f p99 %.0f us  hub %.1f CPU us/handshake%s\n", NP, W, o.confirm, done / s, done, s, hs_good, cookies, timeouts, done ? (double)lat[done / 2] / 1e3 : 0, done ? (double)lat[(u64)done * 99 / 100] / 1e3 : 0, done ? cpu * 1e6 / done : 0, next >= N ? "  (prepared initiations exhausted)" : "");
}

/* ---------------------------------------------------------------- connect */
static void m_connect(void) {
    parallel(NP, mk_pub); parallel(NP, mk_ss); cpusnap a, b;
    for (u32 i = 0; i < NP; i++) peer_socket(&P[i]);
    snap(&a); conn_result c = connect_peers(NP, o.herd ? 0 : o.window, o.retry_ms * 1000000ull, o.spec, o.secs); snap(&b);
    u32 ok = 0;
    if (o.verify && c.up == NP && NP >= 2) { /* each peer i sends one inner packet to peer i+1; the sink decrypts every one */
        struct timespec ts = { 0, 300000000 }; nanosleep(&ts, NULL);
        K = 1; F = calloc(1, sizeof *F); o.sample = 1; u8 m[2048], w[256];
        for (u32 i = 0; i < NP; i++) {
            peer *p = &P[i], *q = &P[(i + 1) % NP]; F[0].s = p; F[0].r = q; F[0].seq0 = i; F[0].next = 1; F[0].seen = false;
            inner_build(m, 64, p->ip, q->ip, 0, i); aead_key k = { 0 }; memcpy(k.key, p->tk, 32);
            wr32(w, WG_DATA); wr32(w + 4, p->ridx); wr64(w + 8, p->ctr); aead_seal(AEAD_SODIUM, &k, w + 16, m, 64, p->ctr++);
            if (send(p->fd, w, 96, 0) < 0) st_icmp++;
            u64 t = now_ns(); bool got = false;
            while (!got && now_ns() - t < 200000000ull) {
                ssize_t l = recv(q->fd, m, sizeof m, MSG_DONTWAIT);
                if (l > 32 && m[0] == WG_DATA && rd32(m + 4) == q->lidx) { u8 pt[2048]; u64 s; memcpy(k.key, q->rk, 32); if (aead_open(AEAD_SODIUM, &k, pt, m + 16, (int)l - 32, rd64(m + 8)) && inner_check(pt, (int)l - 32, q->ip, &s) == 0 && s == i) got = true; }
            }
            ok += got;
        }
    }
    double cpu = (double)(b.cpu - a.cpu) * 1e-9;
    if (o.json) printf("{\"mode\":\"connect\",\"label\":\"%s\",\"peers\":%u,\"window\":%u,\"up\":%u,\"all_up_s\":%.4f,\"first_up_ms\":%.3f,\"retransmits\":%u,\"cookies\":%u,\"verified\":%d,\"hub_cpu_s\":%.4f}\n", o.label, NP, o.herd ? 0 : o.window, c.up, (double)c.ns_all * 1e-9, (double)c.ns_first * 1e-6, c.timeouts, c.cookies, o.verify ? (int)ok : -1, cpu);
    else printf("connect peers=%u window=%u up=%u  all up after %.3f s (first %.2f ms)  retransmits=%u cookies=%u verified=%d  hub %.3f CPU s\n", NP, o.herd ? 0 : o.window, c.up, (double)c.ns_all * 1e-9, (double)c.ns_first * 1e-6, c.timeouts, c.cookies, o.verify ? (int)ok : -1, cpu);
    if (c.up != NP) exit(1);
}

/* ---------------------------------------------------------------- keys, uapi */
static void hexs(char *d, const u8 *k) { for (int i = 0; i < 32; i++) sprintf(d + 2 * i, "%02x", k[i]); }
static char *cfg_uapi(size_t *len) {
    char *buf = NULL; FILE *f = open_memstream(&buf, len); char h[65];
    hexs(h, hub_priv); fprintf(f, "set=1\nprivate_key=%s\nlisten_port=%d\nreplace_peers=true\n", h, o.port);
    for (u32 i = 0; i < NP; i++) {
        hexs(h, P[i].pub); fprintf(f, "public_key=%s\n", h); if (o.psk) { hexs(h, P[i].psk); fprintf(f, "preshared_key=%s\n", h); }
        fprintf(f, "replace_allowed_ips=true\nallowed_ip=%s/32\n", ips(P[i].ip));
    }
    fputc('\n', f); fclose(f); return buf;
}
static void m_keys(void) {
    parallel(NP, mk_pub);
    if (!strcmp(o.format, "uapi")) { size_t l; char *b = cfg_uapi(&l); fwrite(b, 1, l, stdout); }
    else if (!strcmp(o.format, "wgconf")) {
        printf("[Interface]\nPrivateKey = %s\nListenPort = %d\nAddress = 10.127.255.254/10\n", b64(hub_priv), o.port);
        for (u32 i = 0; i < NP; i++) { printf("[Peer]\nPublicKey = %s\n", b64(P[i].pub)); if (o.psk) printf("PresharedKey = %s\n", b64(P[i].psk)); printf("AllowedIPs = %s/32\n", ips(P[i].ip)); }
    } else {
        printf("hub %s %s\n", b64(hub_priv), b64(hub_pub));
        for (u32 i = 0; i < NP; i++) printf("peer %u %s %s/32 %s%s%s\n", i, b64(P[i].pub), ips(P[i].ip), b64(P[i].priv), o.psk ? " " : "", o.psk ? b64(P[i].psk) : "");
    }
}
static void m_uapi(void) { /* configure a hub over its UAPI socket and time it */
    if (!o.sock) die("--sock PATH");
    parallel(NP, mk_pub);
    size_t len, at = 0; char *b = cfg_uapi(&len), r[256]; cpusnap a, z; int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un s = { .sun_family = AF_UNIX }; snprintf(s.sun_path, sizeof s.sun_path, "%s", o.sock);
    snap(&a); u64 t0 = now_ns(); if (connect(fd, (void *)&s, sizeof s)) die("connect %s: %s", o.sock, strerror(errno));
    while (at < len) { ssize_t k = write(fd, b + at, len - at); if (k <= 0) die("uapi write: %s", strerror(errno)); at += (size_t)k; }
    size_t n = 0; ssize_t k; while (n < sizeof r - 1 && (k = read(fd, r + n, sizeof r - 1 - n)) > 0) { n += (size_t)k; r[n] = 0; if (strstr(r, "\n\n")) break; }
    r[n] = 0; double ms = (double)(now_ns() - t0) * 1e-6; snap(&z); if (n && strchr(r, '\n')) *strchr(r, '\n') = 0;
    printf("{\"mode\":\"uapi\",\"label\":\"%s\",\"peers\":%u,\"ms\":%.2f,\"hub_cpu_s\":%.4f,\"reply\":\"%s\"}\n", o.label, NP, ms, (double)(z.cpu - a.cpu) * 1e-9, r);
    if (strcmp(r, "errno=0")) exit(1);
}

static void usage(void) {
    fprintf(stderr,
        "wgload MODE --hub IP:PORT [options]      (one hub, N initiator peers)\n"
        "modes  keys | uapi | relay | latency | handshakes | connect\n"
        "common --seed S --peers N --psk --keys FILE('priv ip [psk]' lines) --hub-pub B64 --tun-base IP --src-base IP --src-count M\n"
        "       --cpu N (pin the timed loop) --pid HUBPID --hub-cpu N --json --label S --first I --prio\n"
        "keys   --format text|wgconf|uapi --port P          uapi  --sock PATH --port P\n"
        "relay  --pairs K --size 64..1420|imix --secs S --pps R(0=unlimited) --inflight W(closed loop) --gso 0|1 --gro 0|1 --burst B --segs N --sample N --mem MiB --est PPS\n"
        "       --search [--trial-secs S --tol 0.001 --lo R --hi R -v]   --flood-pps R --flood-kind badmac|garbage|unknown --flood-src M\n"
        "latency --count N --gap-us U --size B\n"
        "handshakes --secs S --window W --max N --confirm\n"
        "connect --window W | --herd; --retry-ms MS --spec-timers --verify --secs LIMIT\n");
    exit(2);
}
int main(int argc, char **argv) {
    enum { O_HUB = 256, O_SEED, O_PEERS, O_PSK, O_KEYS, O_HUBPUB, O_TUN, O_SRC, O_SRCN, O_CPU, O_PID, O_HUBCPU, O_JSON, O_FORMAT, O_PORT, O_SOCK, O_PAIRS, O_SIZE, O_SECS, O_PPS, O_GSO, O_GRO, O_BURST, O_SEGS, O_SAMPLE, O_MEM, O_EST,
           O_SEARCH, O_TRIAL, O_TOL, O_LO, O_HI, O_FPPS, O_FKIND, O_FSRC, O_COUNT, O_GAP, O_WINDOW, O_MAX, O_CONFIRM, O_HERD, O_RETRY, O_SPEC, O_VERIFY, O_LABEL, O_FIRST, O_PREP, O_MTU, O_INFL, O_PRIO };
    static const struct option lo[] = { { "hub", 1, 0, O_HUB }, { "seed", 1, 0, O_SEED }, { "peers", 1, 0, O_PEERS }, { "psk", 0, 0, O_PSK }, { "keys", 1, 0, O_KEYS }, { "hub-pub", 1, 0, O_HUBPUB }, { "tun-base", 1, 0, O_TUN }, { "src-base", 1, 0, O_SRC }, { "src-count", 1, 0, O_SRCN },
        { "cpu", 1, 0, O_CPU }, { "pid", 1, 0, O_PID }, { "hub-cpu", 1, 0, O_HUBCPU }, { "json", 0, 0, O_JSON }, { "format", 1, 0, O_FORMAT }, { "port", 1, 0, O_PORT }, { "sock", 1, 0, O_SOCK }, { "pairs", 1, 0, O_PAIRS }, { "size", 1, 0, O_SIZE }, { "secs", 1, 0, O_SECS }, { "pps", 1, 0, O_PPS },
        { "gso", 1, 0, O_GSO }, { "gro", 1, 0, O_GRO }, { "burst", 1, 0, O_BURST }, { "segs", 1, 0, O_SEGS }, { "sample", 1, 0, O_SAMPLE }, { "mem", 1, 0, O_MEM }, { "est", 1, 0, O_EST }, { "search", 0, 0, O_SEARCH }, { "trial-secs", 1, 0, O_TRIAL }, { "tol", 1, 0, O_TOL }, { "lo", 1, 0, O_LO }, { "hi", 1, 0, O_HI },
        { "flood-pps", 1, 0, O_FPPS }, { "flood-kind", 1, 0, O_FKIND }, { "flood-src", 1, 0, O_FSRC }, { "count", 1, 0, O_COUNT }, { "gap-us", 1, 0, O_GAP }, { "window", 1, 0, O_WINDOW }, { "max", 1, 0, O_MAX }, { "confirm", 0, 0, O_CONFIRM }, { "herd", 0, 0, O_HERD }, { "retry-ms", 1, 0, O_RETRY },
        { "spec-timers", 0, 0, O_SPEC }, { "verify", 0, 0, O_VERIFY }, { "label", 1, 0, O_LABEL }, { "first", 1, 0, O_FIRST }, { "prep-threads", 1, 0, O_PREP }, { "mtu", 1, 0, O_MTU }, { "inflight", 1, 0, O_INFL }, { "prio", 0, 0, O_PRIO }, { 0, 0, 0, 0 } };
    if (argc < 2) usage();
    o.mode = argv[1]; int c;
    o.hub.sin_family = AF_INET;
    optind = 2;
    while ((c = getopt_long(argc, argv, "v", lo, NULL)) != -1) switch (c) {
        case O_HUB: { char b[64]; snprintf(b, sizeof b, "%s", optarg); char *p = strrchr(b, ':'); if (!p) die("--hub IP:PORT"); *p = 0; o.hub.sin_addr.s_addr = htonl(parse_ip(b)); o.hub.sin_port = htons((u16)atoi(p + 1)); break; }
        case O_SEED: o.seed = optarg; break; case O_PEERS: o.n = (u32)atoi(optarg); break; case O_PSK: o.psk = 1; break; case O_KEYS: o.keyfile = optarg; break; case O_HUBPUB: o.hubpub = optarg; break;
        case O_TUN: o.tun_base = parse_ip(optarg); break; case O_SRC: o.src_base = parse_ip(optarg); break; case O_SRCN: o.src_count = (u32)atoi(optarg); break; case O_CPU: o.cpu = atoi(optarg); break; case O_PID: o.pid = atoi(optarg); break; case O_HUBCPU: o.hubcpu = atoi(optarg); break;
        case O_JSON: o.json = 1; break; case O_FORMAT: o.format = optarg; break; case O_PORT: o.port = atoi(optarg); break; case O_SOCK: o.sock = optarg; break; case O_PAIRS: o.pairs = (u32)atoi(optarg); break; case O_SIZE: o.size = strcmp(optarg, "imix") ? atoi(optarg) : 0; break;
        case O_SECS: o.secs = atof(optarg); break; case O_PPS: o.pps = strtoull(optarg, 0, 10); break; case O_GSO: o.gso = atoi(optarg); break; case O_GRO: o.gro = atoi(optarg); break; case O_BURST: o.burst = atoi(optarg); break; case O_SEGS: o.segs = atoi(optarg); break; case O_SAMPLE: o.sample = atoi(optarg); break;
        case O_MEM: o.mem = strtoull(optarg, 0, 10) << 20; break; case O_EST: o.est = strtoull(optarg, 0, 10); break; case O_SEARCH: o.search = 1; break; case O_TRIAL: o.trial_secs = atof(optarg); break; case O_TOL: o.tol = atof(optarg); break; case O_LO: o.lo = atof(optarg); break; case O_HI: o.hi = atof(optarg); break;
        case O_FPPS: o.flood_pps = strtoull(optarg, 0, 10); break; case O_FKIND: o.flood_kind = optarg; break; case O_FSRC: o.flood_src = (u32)atoi(optarg); break; case O_COUNT: o.count = (u32)atoi(optarg); break; case O_GAP: o.gap_us = strtoull(optarg, 0, 10); break; case O_WINDOW: o.window = (u32)atoi(optarg); break;
        case O_MAX: o.maxhs = (u32)atoi(optarg); break; case O_CONFIRM: o.confirm = 1; break; case O_HERD: o.herd = 1; break; case O_RETRY: o.retry_ms = strtoull(optarg, 0, 10); break; case O_SPEC: o.spec = 1; break; case O_VERIFY: o.verify = 1; break; case O_LABEL: o.label = optarg; break; case O_FIRST: o.first = (u32)atoi(optarg); break;
        case O_PREP: o.prep = atoi(optarg); break; case O_MTU: o.mtu = atoi(optarg); break; case O_PRIO: o.prio = 1; break; case O_INFL: o.inflight = strtoull(optarg, 0, 10); break; case 'v': o.verbose = 1; break; default: usage();
    }
    if (o.mem > 8192ull << 20) o.mem = 8192ull << 20;
    if (o.size && (o.size < 64 || o.size > 1900)) die("--size 64..1900 or imix");
    if (o.burst > o.segs * MAXM || o.burst < 1) die("--burst");
    if (!o.gso && o.burst > MAXM) o.burst = MAXM;
    struct rlimit rl = { 200000, 200000 }; if (setrlimit(RLIMIT_NOFILE, &rl)) { getrlimit(RLIMIT_NOFILE, &rl); rl.rlim_cur = rl.rlim_max; setrlimit(RLIMIT_NOFILE, &rl); }
    wg_setup(); load_peers(true);
    bool local = !strcmp(o.mode, "keys") || !strcmp(o.mode, "uapi");
    if (!local && o.n > 60000) die("--peers up to 60000");
    if (!local && !o.hub.sin_port) die("--hub IP:PORT is needed");
    if (!strcmp(o.mode, "keys")) m_keys(); else if (!strcmp(o.mode, "uapi")) m_uapi(); else if (!strcmp(o.mode, "relay")) m_relay(); else if (!strcmp(o.mode, "latency")) m_latency();
    else if (!strcmp(o.mode, "handshakes")) m_handshakes(); else if (!strcmp(o.mode, "connect")) m_connect(); else usage();
    return 0;
}
