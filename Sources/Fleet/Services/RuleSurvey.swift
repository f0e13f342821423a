// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Finds the pairs of devices that may send each other more or less under other rules, without asking about every pair.
///
/// Devices that are the same to all rules, old and new, form one class. Rules are asked once for each pair of classes, and only pairs of devices
/// whose classes are treated otherwise than before are looked at.
public struct RuleSurvey {
    /// The most pairs of devices to look at.
    public static let maximumPairs = 100_000
    /// The most pairs of classes.
    private static let maximumClassPairs = 60_000

    let differences: (gained: [ServiceDifference], lost: [ServiceDifference])
    /// Pairs of changed classes that were not looked at.
    let uncompared: Int

    private struct Kinds: Hashable {
        let before: Reachability.Seat.Kind
        let after: Reachability.Seat.Kind
    }

    /// Two states of the same devices that differ in their rules only. Nil if there are too many classes.
    init?(before: Reachability, after: Reachability, limit: Int) {
        let (old, new) = (before.seats, after.seats)
        var numbers: [Kinds: Int] = [:]
        var classes: [[Int]] = []
        for place in old.indices where old[place].member != nil {
            let number = numbers[Kinds(before: old[place].kind, after: new[place].kind), default: classes.count]
            if number == classes.count {
                numbers[Kinds(before: old[place].kind, after: new[place].kind)] = number
                classes.append([])
            }
            classes[number].append(place)
        }
        guard classes.count * (classes.count + 1) / 2 <= Self.maximumClassPairs else { return nil }

        var (earlier, later) = (ServiceMemo(), ServiceMemo())
        var changed: [(a: Int, b: Int, count: Int)] = []
        for a in classes.indices {
            for b in a..<classes.count {
                let count = a == b ? classes[a].count * (classes[a].count - 1) / 2 : classes[a].count * classes[b].count
                let (one, other) = (classes[a][0], classes[b][0])
                guard count > 0, before.ruled(old[one], old[other], &earlier) != after.ruled(new[one], new[other], &later) else { continue }
                changed.append((a, b, count))
            }
        }
        let total = changed.reduce(0) { $0 + $1.count }
        // Of too many, each pair of classes gives some.
        let share = total <= limit ? Int.max : max(1, limit / changed.count)
        var found: [(first: Int, second: Int)] = []
        for (a, b, _) in changed { Self.add(classes[a], classes[b], isSame: a == b, share, to: &found) }
        found.sort { $0 < $1 }

        var lists: (gained: [ServiceDifference], lost: [ServiceDifference]) = ([], [])
        for (first, second) in found {
            let was = before.passing(old[first], old[second], &earlier)
            let now = after.passing(new[first], new[second], &later)
            if was != now { ServiceDifference.add(before.devices[first], before.devices[second], was, now, to: &lists) }
        }
        differences = lists
        uncompared = total - found.count
    }

    /// Adds at most `share` pairs of two classes.
    private static func add(_ a: [Int], _ b: [Int], isSame: Bool, _ share: Int, to found: inout [(first: Int, second: Int)]) {
        var left = share
        for (number, one) in a.enumerated() {
            for other in isSame ? b[(number + 1)...] : b[...] {
                guard left > 0 else { return }
                left -= 1
                found.append((min(one, other), max(one, other)))
            }
        }
    }
}
