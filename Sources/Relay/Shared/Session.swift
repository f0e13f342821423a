// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Synchronization
import WireGuard

/// One keypair in use (whitepaper 5.4.5): found by receiver index, used by all workers.
/// The plain fields are written before the session is published and never while it can be found.
struct Session: ~Copyable {
    /// Our index; a reader that found this slot under another index has found a newer tenant. 0 in a free slot.
    let index: Atomic<UInt32>
    /// Reserved one by one; the same counter is never used twice (WG-S-12).
    let sendCounter: Atomic<UInt64>
    /// False for a responder's session until the first packet under it came: it must not be sent with (WG-S-5).
    let isConfirmed: Atomic<Bool>
    /// Set by the first worker that finds that the session should be renewed.
    let isRekeyRequested: Atomic<Bool>
    let windowLock: SpinLock
    var window: ReplayWindow
    var peer: UInt32
    var remoteIndex: UInt32
    var isInitiator: Bool
    var createdAt: Instant
    var sendKey: Bytes32
    var receiveKey: Bytes32

    /// Too old to send with or to accept (WG-S-7, WG-S-8).
    func isExpired(at now: Instant) -> Bool { now - createdAt >= Constants.rejectAfterTime }
}

extension UnsafeMutablePointer where Pointee == Session {
    /// Fills a free slot; the caller publishes it afterwards.
    func open(_ keys: SessionKeys, peer: UInt32) {
        pointee.window = ReplayWindow()
        pointee.peer = peer
        pointee.remoteIndex = keys.remoteIndex
        pointee.isInitiator = keys.isInitiator
        pointee.createdAt = keys.createdAt
        pointee.sendKey = keys.send
        pointee.receiveKey = keys.receive
        pointee.sendCounter.store(0, ordering: .relaxed)
        pointee.isConfirmed.store(keys.isInitiator, ordering: .relaxed)
        pointee.isRekeyRequested.store(false, ordering: .relaxed)
        pointee.index.store(keys.localIndex, ordering: .releasing)
    }

    /// Wipes the keys. No worker can see the slot any more.
    func wipe() {
        Crypto.wipe(&pointee.sendKey)
        Crypto.wipe(&pointee.receiveKey)
    }

    /// Marks a counter as seen; of many workers that ask, one is told that it was new (WG-W-6).
    func acceptOnce(_ counter: UInt64) -> ReplayWindow.Verdict {
        pointee.windowLock.lock()
        defer { pointee.windowLock.unlock() }
        return pointee.window.accept(counter)
    }

    // SAFETY of both: the key is stored inline at a fixed address in the slab, and outlives the use by the grace period.
    var sendKeyAddress: UnsafePointer<UInt8> {
        withUnsafeBytes(of: &pointee.sendKey) { $0.baseAddress!.assumingMemoryBound(to: UInt8.self) }
    }
    var receiveKeyAddress: UnsafePointer<UInt8> {
        withUnsafeBytes(of: &pointee.receiveKey) { $0.baseAddress!.assumingMemoryBound(to: UInt8.self) }
    }
}
