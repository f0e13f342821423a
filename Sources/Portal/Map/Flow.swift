// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// How much moves, in steps that the eye tells apart: the width of a tunnel on the map.
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

    /// Pixels.
    var width: Int {
        switch self {
        case .still: 1
        case .little: 2
        case .some: 4
        case .much: 7
        case .most: 11
        }
    }
}
