// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Finds the pairs of devices that reach each other, a limited number of lookups at a time, however many devices there are. Compares a device only
/// with those whose addresses its allowed IPs hold.
public struct LinkWalk: Sendable {
    /// A pair by its positions among the devices; the smaller one comes first. Pairs are walked in this order.
    public struct Place: Hashable, Sendable {
        public let first: Int
        public let second: Int

        public init(first: Int, second: Int) {
            self.first = first
            self.second = second
        }
    }

    /// A part of the walk.
    public struct Stretch: Equatable, Sendable {
        /// The links that were looked for.
        public fileprivate(set) var links: [Place] = []
        /// The pair after which the walk goes on; nil at the end.
        public fileprivate(set) var last: Place?
    }

    /// The most pairs to look at in one part.
    public static let maximumQuestions = 60_000

    private let reachability: Reachability
    /// The devices by their addresses, sorted.
    private let owners: [(address: IPAddress, place: Int)]

    public init(_ reachability: Reachability) {
        self.reachability = reachability
        owners = reachability.devices.enumerated().flatMap { place, device in device.addresses.map { (address: $0, place: place) } }
            .sorted { ($0.address, $0.place) < ($1.address, $1.place) }
    }

    /// Goes on after a pair, or begins at the start, until there are `limit` links that `isWanted`.
    public func stretch(
        after start: Place?, limit: Int, maximumQuestions: Int = maximumQuestions, where isWanted: (Device, Device) -> Bool
    ) -> Stretch {
        let devices = reachability.devices
        var (stretch, questions) = (Stretch(), 0)
        for first in devices.indices.dropFirst(start?.first ?? 0) {
            let begin = start.map { $0.first == first ? max($0.second, first) : first } ?? first
            for second in listed(by: first) where second > begin {
                guard questions < maximumQuestions else { return stretch }
                questions += 1
                guard reachability.reaches(devices[first], devices[second]), isWanted(devices[first], devices[second]) else {
                    // Where the walk goes on if the questions are used up.
                    if stretch.links.count < limit { stretch.last = Place(first: first, second: second) }
                    continue
                }
                // One more than fits, so there is a next part.
                guard stretch.links.count < limit else {
                    stretch.last = stretch.links.last
                    return stretch
                }
                stretch.links.append(Place(first: first, second: second))
                stretch.last = stretch.links.last
            }
        }
        stretch.last = nil
        return stretch
    }

    /// The positions of the devices with an address in the list of one, in order.
    private func listed(by place: Int) -> [Int] {
        var found: Set<Int> = []
        for prefix in reachability.allowed(at: place) ?? [] {
            var range = owners.indices
            while !range.isEmpty {
                let middle = range.lowerBound + range.count / 2
                range = owners[middle].address < prefix.address ? middle + 1..<range.upperBound : range.lowerBound..<middle
            }
            for owner in owners[range.lowerBound...] {
                guard prefix.contains(owner.address) else { break }
                found.insert(owner.place)
            }
        }
        return found.sorted()
    }
}
