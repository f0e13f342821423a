// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors
//
// The library's calls are macros over function pointers; these two make them functions.
#pragma once
#include <intel-ipsec-mb.h>
#include <stdbool.h>
#include <stddef.h>

/// A manager for this processor; NULL if none can be created. free_mb_mgr frees it.
static inline IMB_MGR *hairpin_ipsecmb_manager(void) {
    IMB_MGR *manager = alloc_mb_mgr(0);
    if (manager == NULL) return NULL;
    init_mb_mgr_auto(manager, NULL);
    if (imb_get_errno(manager) == 0) return manager;
    free_mb_mgr(manager);
    return NULL;
}

/// ChaCha20-Poly1305 over `count` bytes in place; the tag that belongs to the ciphertext is written to `tag` in both directions.
/// A single job, which this algorithm completes at once: nothing waits for a batch to fill.
static inline bool hairpin_ipsecmb_crypt(
    IMB_MGR *manager, bool sealing, const uint8_t *key, const uint8_t *nonce, uint8_t *bytes, size_t count, uint8_t *tag) {
    IMB_JOB *job = IMB_GET_NEXT_JOB(manager);
    job->cipher_mode = IMB_CIPHER_CHACHA20_POLY1305;
    job->hash_alg = IMB_AUTH_CHACHA20_POLY1305;
    job->cipher_direction = sealing ? IMB_DIR_ENCRYPT : IMB_DIR_DECRYPT;
    job->chain_order = sealing ? IMB_ORDER_CIPHER_HASH : IMB_ORDER_HASH_CIPHER;
    job->enc_keys = key;
    job->dec_keys = key;
    job->key_len_in_bytes = 32;
    job->iv = nonce;
    job->iv_len_in_bytes = 12;
    job->u.CHACHA20_POLY1305.aad = nonce;
    job->u.CHACHA20_POLY1305.aad_len_in_bytes = 0;
    job->src = bytes;
    job->dst = bytes;
    job->cipher_start_src_offset_in_bytes = 0;
    job->msg_len_to_cipher_in_bytes = count;
    job->hash_start_src_offset_in_bytes = 0;
    job->msg_len_to_hash_in_bytes = count;
    job->auth_tag_output = tag;
    job->auth_tag_output_len_in_bytes = 16;
    job = IMB_SUBMIT_JOB_NOCHECK(manager);
    if (job == NULL) job = IMB_FLUSH_JOB(manager);
    return job != NULL && job->status == IMB_STATUS_COMPLETED;
}
