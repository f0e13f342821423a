// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Synchronization

/// Limits how many bodies above the default limit are held at once. May be used from any thread.
final class LargeBodies: Sendable {
    /// Room for one body; freed when it is released.
    final class Room: Sendable {
        private let owner: LargeBodies

        fileprivate init(_ owner: LargeBodies) { self.owner = owner }

        deinit { owner.count.wrappingSubtract(1, ordering: .relaxed) }
    }

    private let maximum: Int
    private let count = Atomic<Int>(0)

    init(maximum: Int) { self.maximum = maximum }

    /// Nil when there is no room.
    func take() -> Room? {
        let room = (count.wrappingAdd(1, ordering: .relaxed).newValue, Room(self))
        return room.0 <= maximum ? room.1 : nil
    }
}
