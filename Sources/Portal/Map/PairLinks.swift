// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Store

/// The links among the devices of one picture. Each pair is looked up once.
struct PairLinks {
    /// Two devices by their numbers. A one-sided link goes from the device that lists the other to the one that does not.
    struct Link: Equatable {
        let from: Int
        let to: Int
        let isOneSided: Bool
    }

    let devices: [Device]
    /// True for devices that the hub knows as peers.
    let isOn: [Bool]
    let all: [Link]

    init(_ devices: [Device], _ reachability: Reachability) {
        var all: [Link] = []
        let isOn = devices.map { reachability.allowed($0) != nil }
        for a in devices.indices where isOn[a] {
            for b in (a + 1)..<max(a + 1, devices.count) where isOn[b] {
                switch reachability.relation(devices[a], devices[b]) {
                case .both: all.append(Link(from: a, to: b, isOneSided: false))
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
    var reached: [[Int]] {
        all.reduce(into: [[Int]](repeating: [], count: devices.count)) { result, link in
            guard !link.isOneSided else { return }
            result[link.from].append(link.to)
            result[link.to].append(link.from)
        }
    }
}
