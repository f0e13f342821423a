// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The links among some devices over which rules let something pass. Each pair is looked up once.
public struct PairLinks: Sendable {
    /// Two devices by their numbers. A one-sided link goes from the device that lists the other to the one that does not.
    public struct Link: Equatable, Sendable {
        /// Positions in `devices`.
        public let from: Int
        public let to: Int
        public let isOneSided: Bool
        /// True if rules let only some services pass.
        public var isPartial = false
    }

    /// The devices that the links are among.
    public let devices: [Device]
    /// True for devices that the hub knows as peers.
    public let isOn: [Bool]
    /// All links, in the order of the devices.
    public let all: [Link]

    /// `devices` are some of those of `reachability`.
    public init(_ devices: [Device], _ reachability: Reachability) {
        var all: [Link] = []
        let isOn = devices.map { reachability.allowed($0) != nil }
        let seats = devices.map(reachability.seat)
        var memo = ServiceMemo()
        for a in devices.indices where isOn[a] {
            for b in (a + 1)..<max(a + 1, devices.count) where isOn[b] {
                switch reachability.relation(seats[a], seats[b]) {
                case .both:
                    let extent = reachability.hasRules ? reachability.passing(seats[a], seats[b], &memo).extent : .all
                    if extent != .nothing { all.append(Link(from: a, to: b, isOneSided: false, isPartial: extent == .part)) }
                case .out: all.append(Link(from: a, to: b, isOneSided: true))
                case .in: all.append(Link(from: b, to: a, isOneSided: true))
                case .none: break
                }
            }
        }
        self.devices = devices
        self.isOn = isOn
        self.all = all
    }

    /// For each device, the devices that it reaches.
    public var reached: [[Int]] {
        all.reduce(into: [[Int]](repeating: [], count: devices.count)) { result, link in
            guard !link.isOneSided else { return }
            result[link.from].append(link.to)
            result[link.to].append(link.from)
        }
    }
}
