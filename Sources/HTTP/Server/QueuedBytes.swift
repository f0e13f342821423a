// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Synchronization

/// Counts the bytes that wait in all output queues of a server. May be used from any thread.
final class QueuedBytes: Sendable {
    /// The bytes of one connection; subtracted when it is released.
    final class Share: Sendable {
        private let owner: QueuedBytes
        private let own = Atomic<Int>(0)

        fileprivate init(_ owner: QueuedBytes) { self.owner = owner }

        deinit { owner.total.wrappingSubtract(own.load(ordering: .relaxed), ordering: .relaxed) }

        var count: Int { own.load(ordering: .relaxed) }

        func add(_ change: Int) {
            own.wrappingAdd(change, ordering: .relaxed)
            owner.add(change)
        }
    }

    private let maximum: Int
    private let total = Atomic<Int>(0)

    init(maximum: Int) { self.maximum = maximum }

    var count: Int { total.load(ordering: .relaxed) }
    var isFull: Bool { count >= maximum }

    func share() -> Share { Share(self) }

    /// Counts a response that is made but not in a queue yet.
    func add(_ change: Int) { total.wrappingAdd(change, ordering: .relaxed) }
}
