// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet

/// How much moves, in steps that the eye tells apart: the width of a tunnel on the map, which the style sheet gives it by its name.
enum Flow: String, CaseIterable {
    case still, little, some, much, most

    /// `bytesPerSecond` are both directions together.
    init(_ bytesPerSecond: Double) {
        switch bytesPerSecond {
        case ..<1: self = .still
        case ..<10_000: self = .little
        case ..<1_000_000: self = .some
        case ..<100_000_000: self = .much
        default: self = .most
        }
    }
}

extension DeviceSight {
    /// What moves in the device's tunnel, both directions together; nil for one that has no tunnel now.
    var flow: Flow? { state == .online ? Flow(rate.map { $0.down + $0.up } ?? 0) : nil }
}
