// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Synchronization

/// A bounded queue from which threads take work and sleep while there is none. eventfd(2)
public final class BlockingQueue<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var isClosed = false
    }

    private let capacity: Int
    private let state = Mutex(State())
    /// Counts the elements; readers sleep in the kernel until the count is positive.
    private let semaphore: Descriptor

    /// Room for `capacity` elements. Throws when there is no descriptor left.
    public init(capacity: Int) throws(Errno) {
        self.capacity = capacity
        semaphore = Descriptor(owning: try systemCall { eventfd(0, Int32(EFD_CLOEXEC | EFD_SEMAPHORE)) })
    }

    /// Appends an element. False when the queue is full or closed.
    public func offer(_ element: Element) -> Bool {
        let isIn = state.withLock { state in
            guard !state.isClosed, state.elements.count < capacity else { return false }
            state.elements.append(element)
            return true
        }
        if isIn { add(1) }
        return isIn
    }

    /// Waits for the oldest element and removes it; nil when the queue is closed and empty.
    public func take() -> Element? {
        var one: UInt64 = 0
        _ = try? systemCall { read(semaphore.raw, &one, 8) }
        return state.withLock { $0.elements.isEmpty ? nil : $0.elements.removeFirst() }
    }

    /// Accepts no more elements; remaining ones can still be taken.
    public func close() {
        state.withLock { $0.isClosed = true }
        // Enough for any number of readers.
        add(1 << 32)
    }

    private func add(_ count: UInt64) {
        var count = count
        _ = try? systemCall { write(semaphore.raw, &count, 8) }
    }
}
