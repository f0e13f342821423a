// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// One worker's queue to the host on which the hub runs, with the packets that were read from it in this round and those that the next flush
/// writes to it. Empty on a hub without a TUN interface.
struct HostSide: ~Copyable {
    let queue: TUNQueue?
    var reads: TUNReadBatch
    var writes: TUNWriteBatch
    /// False without an interface, and once somebody has deleted it.
    private(set) var isOpen: Bool

    init(_ device: TUNDevice?, worker: Int) {
        queue = device?.queues[worker]
        isOpen = queue != nil
        reads = TUNReadBatch(isUsed: queue != nil)
        writes = TUNWriteBatch(isUsed: queue != nil, mergesUDP: device?.mergesUDP ?? false)
    }

    /// Whether packets wait for the flush.
    var isWaiting: Bool { !writes.isEmpty }

    /// The interface is gone.
    mutating func close() { isOpen = false }
}
