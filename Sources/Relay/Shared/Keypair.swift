// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Synchronization
import WireGuard

/// One keypair in use (whitepaper 5.4.5) with its replay window. All workers find it by its receiver index. The plain fields are written
/// before the keypair is published and do not change while it can be found.
struct Keypair: ~Copyable {
    /// Our index; 0 in a free slot. A reader that finds a different index here has found a newer keypair.
    let index: Atomic<UInt32>
    /// The next counter to send with. Counters are reserved one by one, so none is used twice (WG-S-12).
    let sendCounter: Atomic<UInt64>
    /// False for a responder's keypair until its first packet arrives; we must not send with it before (WG-S-5).
    let isConfirmed: Atomic<Bool>
    /// Set by the first worker that finds that the keypair must be renewed.
    let isRekeyRequested: Atomic<Bool>
    let windowLock: SpinLock
    var window: ReplayWindow
    var peer: UInt32
    var remoteIndex: UInt32
    /// Its role and age, which decide whether it may be used and must be renewed.
    var age: KeypairAge
    var sendKey: Bytes32
    var receiveKey: Bytes32
}

extension UnsafeMutablePointer where Pointee == Keypair {
    /// Fills a free slot. The caller publishes it afterwards.
    func open(_ keys: NewKeypair, peer: UInt32) {
        pointee.window = ReplayWindow()
        pointee.peer = peer
        pointee.remoteIndex = keys.remoteIndex
        pointee.age = keys.age
        pointee.sendKey = keys.send
        pointee.receiveKey = keys.receive
        pointee.sendCounter.store(0, ordering: .relaxed)
        pointee.isConfirmed.store(keys.age.isConfirmedFromStart, ordering: .relaxed)
        pointee.isRekeyRequested.store(false, ordering: .relaxed)
        pointee.index.store(keys.localIndex, ordering: .releasing)
    }

    /// Wipes the keys. Call only when no worker can use the slot any more.
    func wipe() {
        Crypto.wipe(&pointee.sendKey)
        Crypto.wipe(&pointee.receiveKey)
    }

    /// Marks a counter as received; only one of several concurrent workers gets `.accepted` (WG-W-6).
    func acceptOnce(_ counter: UInt64) -> ReplayWindow.Verdict {
        pointee.windowLock.lock()
        defer { pointee.windowLock.unlock() }
        return pointee.window.accept(counter)
    }

    // SAFETY of both: the key is stored inline at a fixed address in the slab, and the grace period keeps it alive while it is used.
    var sendKeyAddress: UnsafePointer<UInt8> {
        withUnsafeBytes(of: &pointee.sendKey) { $0.baseAddress!.assumingMemoryBound(to: UInt8.self) }
    }
    var receiveKeyAddress: UnsafePointer<UInt8> {
        withUnsafeBytes(of: &pointee.receiveKey) { $0.baseAddress!.assumingMemoryBound(to: UInt8.self) }
    }
}
