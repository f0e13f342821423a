// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Synchronization

/// A bounded queue from which threads take work and sleep while there is none.
///
/// An element wakes one thread: the one that fell asleep last, whose stack and memory are most likely still in the processor's caches. All
/// others sleep on, so more threads than there is work cost nothing.
public final class BlockingQueue<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        /// The threads that wait, the latest last.
        var sleepers: [Sleeper] = []
        var isClosed = false
    }

    private enum Taken {
        case element(Element)
        case nothing
        case end
    }

    private let capacity: Int
    private let state = Mutex(State())

    /// Room for `capacity` elements.
    public init(capacity: Int) { self.capacity = capacity }

    /// Appends an element. False when the queue is full or closed.
    public func offer(_ element: Element) -> Bool {
        let (isIn, sleeper) = state.withLock { state -> (Bool, Sleeper?) in
            guard !state.isClosed, state.elements.count < capacity else { return (false, nil) }
            state.elements.append(element)
            return (true, state.sleepers.popLast())
        }
        sleeper?.wake()
        return isIn
    }

    /// Waits for the oldest element and removes it; nil when the queue is closed and empty.
    public func take() -> Element? {
        let sleeper = Sleeper()
        while true {
            let taken = state.withLock { state -> Taken in
                if !state.elements.isEmpty { return .element(state.elements.removeFirst()) }
                if state.isClosed { return .end }
                state.sleepers.append(sleeper)
                return .nothing
            }
            switch taken {
            case .element(let element): return element
            case .end: return nil
            // Another thread may take the element first; then this one sleeps again.
            case .nothing: sleeper.sleep()
            }
        }
    }

    /// How many threads wait now.
    var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// Accepts no more elements; remaining ones can still be taken.
    public func close() {
        let sleepers = state.withLock { state in
            state.isClosed = true
            defer { state.sleepers = [] }
            return state.sleepers
        }
        for sleeper in sleepers { sleeper.wake() }
    }
}

/// One waiting thread. sem_overview(7)
// SAFETY: unchecked because of the pointer, which never changes. Any thread may use the semaphore behind it.
final class Sleeper: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    /// Returns after one `wake`, also if that came before. sem_wait(3)
    func sleep() {
        while sem_wait(semaphore) == -1, errno == EINTR {}
    }

    /// sem_post(3)
    func wake() { sem_post(semaphore) }
}
