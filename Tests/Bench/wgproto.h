/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: 2026 The Hairpin Authors
 *
 * wgproto.h - the WireGuard wire protocol, as little of it as the bench needs.
 * Shared by wgload.c (initiator side) and limit.c (responder side).
 * Written for this benchmark from the protocol description; no third-party code. */
#ifndef WGPROTO_H
#define WGPROTO_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sodium.h>
#include <openssl/evp.h>

typedef uint8_t u8; typedef uint16_t u16; typedef uint32_t u32; typedef uint64_t u64;

static inline u64 now_ns(void) {
    struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000000000ull + (u64)t.tv_nsec;
}
__attribute__((noreturn, format(printf, 1, 2)))
static inline void die(const char *f, ...) {
    va_list a; va_start(a, f); vfprintf(stderr, f, a); va_end(a); fputc('\n', stderr); exit(2);
}
static inline u32 rd32(const u8 *p) { u32 v; memcpy(&v, p, 4); return v; }     /* little-endian host */
static inline u64 rd64(const u8 *p) { u64 v; memcpy(&v, p, 8); return v; }
static inline void wr32(u8 *p, u32 v) { memcpy(p, &v, 4); }
static inline void wr64(u8 *p, u64 v) { memcpy(p, &v, 8); }
static inline void be16(u8 *p, unsigned v) { p[0] = (u8)(v >> 8); p[1] = (u8)v; }
static inline void be32(u8 *p, u32 v) { be16(p, v >> 16); be16(p + 2, v & 0xffff); }

/* ---- BLAKE2s (RFC 7693) ---- */
typedef struct { u32 h[8]; u64 n; u8 b[64]; unsigned c, out; } b2s;
static const u32 b2s_iv[8] = { 0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19 };
static const u8 b2s_sigma[10][16] = {
    { 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 }, { 14,10,4,8,9,15,13,6,1,12,0,2,11,7,5,3 },
    { 11,8,12,0,5,2,15,13,10,14,3,6,7,1,9,4 }, { 7,9,3,1,13,12,11,14,2,6,5,10,4,0,15,8 },
    { 9,0,5,7,2,4,10,15,14,1,11,12,6,8,3,13 }, { 2,12,6,10,0,11,8,3,4,13,7,5,15,14,1,9 },
    { 12,5,1,15,14,13,4,10,0,7,6,3,9,2,8,11 }, { 13,11,7,14,12,1,3,9,5,0,15,4,8,6,2,10 },
    { 6,15,14,9,11,3,0,8,12,2,13,7,1,4,10,5 }, { 10,2,8,4,7,6,1,5,15,11,9,14,3,12,13,0 } };
static inline u32 ror32(u32 x, int n) { return (x >> n) | (x << (32 - n)); }
static void b2s_block(b2s *s, const u8 *p, bool last) {
    u32 v[16], m[16];
    memcpy(m, p, 64);
    for (int i = 0; i < 8; i++) { v[i] = s->h[i]; v[i + 8] = b2s_iv[i]; }
    v[12] ^= (u32)s->n; v[13] ^= (u32)(s->n >> 32);
    if (last) v[14] = ~v[14];
#define B2G(a, b, c, d, x, y) do { a += b + x; d = ror32(d ^ a, 16); c += d; b = ror32(b ^ c, 12); \
        a += b + y; d = ror32(d ^ a, 8); c += d; b = ror32(b ^ c, 7); } while (0)
    for (int r = 0; r < 10; r++) {
        const u8 *z = b2s_sigma[r];
        B2G(v[0], v[4], v[8], v[12], m[z[0]], m[z[1]]);   B2G(v[1], v[5], v[9], v[13], m[z[2]], m[z[3]]);
        B2G(v[2], v[6], v[10], v[14], m[z[4]], m[z[5]]);  B2G(v[3], v[7], v[11], v[15], m[z[6]], m[z[7]]);
        B2G(v[0], v[5], v[10], v[15], m[z[8]], m[z[9]]);  B2G(v[1], v[6], v[11], v[12], m[z[10]], m[z[11]]);
        B2G(v[2], v[7], v[8], v[13], m[z[12]], m[z[13]]); B2G(v[3], v[4], v[9], v[14], m[z[14]], m[z[15]]);
    }
    for (int i = 0; i < 8; i++) s->h[i] ^= v[i] ^ v[i + 8];
}
static void b2s_update(b2s *s, const void *d, size_t n) {
    const u8 *p = d;
    while (n) {
        if (s->c == 64) { s->n += 64; b2s_block(s, s->b, false); s->c = 0; }
        size_t k = 64 - s->c; if (k > n) k = n;
        memcpy(s->b + s->c, p, k); s->c += (unsigned)k; p += k; n -= k;
    }
}
static void b2s_init(b2s *s, unsigned out, const void *key, unsigned klen) {
    memcpy(s->h, b2s_iv, 32);
    s->h[0] ^= 0x01010000 ^ (klen << 8) ^ out; s->n = 0; s->c = 0; s->out = out;
    if (klen) { u8 k[64] = { 0 }; memcpy(k, key, klen); b2s_update(s, k, 64); }
}
static void b2s_final(b2s *s, u8 *o) {
    s->n += s->c; memset(s->b + s->c, 0, 64 - s->c); b2s_block(s, s->b, true); memcpy(o, s->h, s->out);
}
static void hash2(u8 o[32], const void *a, size_t an, const void *b, size_t bn) {
    b2s s; b2s_init(&s, 32, NULL, 0); b2s_update(&s, a, an); if (bn) b2s_update(&s, b, bn);
    u8 t[32]; b2s_final(&s, t); memcpy(o, t, 32);
}
static void mac16(u8 o[16], const u8 *key, unsigned klen, const void *d, size_t n) {
    b2s s; b2s_init(&s, 16, key, klen); b2s_update(&s, d, n); b2s_final(&s, o);
}
static void hmac_b2s(u8 o[32], const u8 key[32], const void *a, size_t an, const void *b, size_t bn) {
    u8 ip[64], op[64], t[32]; b2s s;
    memset(ip, 0x36, 64); memset(op, 0x5c, 64);
    for (int i = 0; i < 32; i++) { ip[i] ^= key[i]; op[i] ^= key[i]; }
    b2s_init(&s, 32, NULL, 0); b2s_update(&s, ip, 64); if (an) b2s_update(&s, a, an); if (bn) b2s_update(&s, b, bn); b2s_final(&s, t);
    b2s_init(&s, 32, NULL, 0); b2s_update(&s, op, 64); b2s_update(&s, t, 32); b2s_final(&s, o);
}
/* KDFn; o2/o3 may be NULL */
static void kdf(u8 *o1, u8 *o2, u8 *o3, const u8 ck[32], const void *in, size_t n) {
    u8 t0[32], a[32], b[32]; const u8 c1 = 1, c2 = 2, c3 = 3;
    hmac_b2s(t0, ck, in, n, NULL, 0);
    hmac_b2s(a, t0, &c1, 1, NULL, 0);
    if (o2 || o3) hmac_b2s(b, t0, a, 32, &c2, 1);
    if (o3) hmac_b2s(o3, t0, b, 32, &c3, 1);
    if (o1) memcpy(o1, a, 32);
    if (o2) memcpy(o2, b, 32);
}

/* ---- slow-path AEAD (handshake): libsodium ---- */
static inline void hs_seal(u8 *ct, const u8 k[32], const void *pt, size_t n, const u8 h[32]) {
    static const u8 nonce[12]; unsigned long long l;
    crypto_aead_chacha20poly1305_ietf_encrypt(ct, &l, pt, n, h, 32, NULL, nonce, k);
}
static inline bool hs_open(u8 *pt, const u8 k[32], const void *ct, size_t n, const u8 h[32]) {
    static const u8 nonce[12]; unsigned long long l;
    return crypto_aead_chacha20poly1305_ietf_decrypt(pt, &l, NULL, ct, n, h, 32, nonce, k) == 0;
}

/* ---- protocol constants and fixed hashes ---- */
#define WG_INIT 1
#define WG_RESP 2
#define WG_COOKIE 3
#define WG_DATA 4
#define INIT_LEN 148
#define RESP_LEN 92
#define COOKIE_LEN 64
#define DATA_OVERHEAD 32

static u8 wg_ck0[32], wg_h0[32];
static void wg_setup(void) {
    static const char C[] = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s", I[] = "WireGuard v1 zx2c4 Jason@zx2c4.com";
    if (sodium_init() < 0) die("sodium_init");
    hash2(wg_ck0, C, sizeof C - 1, NULL, 0);
    hash2(wg_h0, wg_ck0, 32, I, sizeof I - 1);
}
static void wg_mac1key(u8 o[32], const u8 pub[32]) { hash2(o, "mac1----", 8, pub, 32); }
static void wg_cookiekey(u8 o[32], const u8 pub[32]) { hash2(o, "cookie--", 8, pub, 32); }

/* ---- deterministic identities: wgload `keys` and limit.c agree on these ---- */
static void derive32(u8 o[32], const char *seed, const char *what, u32 i) {
    b2s s; u8 n[4]; wr32(n, i);
    b2s_init(&s, 32, NULL, 0); b2s_update(&s, "wgload-v1", 9); b2s_update(&s, seed, strlen(seed) + 1);
    b2s_update(&s, what, strlen(what) + 1); b2s_update(&s, n, 4); b2s_final(&s, o);
}
static void derive_priv(u8 o[32], const char *seed, const char *what, u32 i) {
    derive32(o, seed, what, i); o[0] &= 248; o[31] &= 127; o[31] |= 64;
}
static inline u32 tun_ip(u32 base, u32 i) { return base + 1 + i; } /* host order */

/* ---- bulk AEAD: one keyed context, OpenSSL EVP or libsodium ---- */
enum { AEAD_OPENSSL, AEAD_SODIUM, AEAD_NULL };
typedef struct { u8 key[32]; EVP_CIPHER_CTX *enc, *dec; } aead_key;
static void aead_set(aead_key *k, const u8 key[32]) {
    memcpy(k->key, key, 32);
    if (!k->enc) { k->enc = EVP_CIPHER_CTX_new(); k->dec = EVP_CIPHER_CTX_new(); }
    static const EVP_CIPHER *c; if (!c) c = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
    if (!c || !EVP_EncryptInit_ex(k->enc, c, NULL, key, NULL) || !EVP_DecryptInit_ex(k->dec, c, NULL, key, NULL)) die("EVP init");
}
/* out may equal in; tag is written right after the ciphertext */
static inline void aead_seal(int be, aead_key *k, u8 *out, const u8 *in, int n, u64 ctr) {
    u8 nonce[12] = { 0 }; wr64(nonce + 4, ctr);
    if (be == AEAD_OPENSSL) {
        int l;
        EVP_EncryptInit_ex(k->enc, NULL, NULL, NULL, nonce);
        EVP_EncryptUpdate(k->enc, out, &l, in, n);
        EVP_EncryptFinal_ex(k->enc, out + n, &l);
        EVP_CIPHER_CTX_ctrl(k->enc, EVP_CTRL_AEAD_GET_TAG, 16, out + n);
    } else if (be == AEAD_SODIUM) {
        unsigned long long tl;
        crypto_aead_chacha20poly1305_ietf_encrypt_detached(out, out + n, &tl, in, (unsigned)n, NULL, 0, NULL, nonce, k->key);
    }
}
/* n = plaintext length; tag sits at in + n */
static inline bool aead_open(int be, aead_key *k, u8 *out, const u8 *in, int n, u64 ctr) {
    u8 nonce[12] = { 0 }; wr64(nonce + 4, ctr);
    if (be == AEAD_OPENSSL) {
        int l;
        EVP_DecryptInit_ex(k->dec, NULL, NULL, NULL, nonce);
        EVP_CIPHER_CTX_ctrl(k->dec, EVP_CTRL_AEAD_SET_TAG, 16, (void *)(in + n));
        EVP_DecryptUpdate(k->dec, out, &l, in, n);
        return EVP_DecryptFinal_ex(k->dec, out + n, &l) > 0;
    } else if (be == AEAD_SODIUM)
        return crypto_aead_chacha20poly1305_ietf_decrypt_detached(out, NULL, in, (unsigned)n, in + n, NULL, 0, nonce, k->key) == 0;
    return true;
}

/* ---- sockets ---- */
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#ifndef SOL_UDP
#define SOL_UDP 17
#endif
#endif
