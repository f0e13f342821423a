// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A direction from the centre of a picture, as a fraction of a full turn: 0 is up, 0.25 right, 0.5 down, clockwise.
public struct Bearing: Equatable, Sendable {
    /// From 0 to below 1.
    public let turn: Double

    /// Any number of turns; whole turns are left out.
    public init(_ turn: Double) { self.turn = turn - turn.rounded(.down) }

    /// The half of the circle that it points to.
    public var isRight: Bool { turn < 0.5 }
    public var isUpper: Bool { turn < 0.25 || turn > 0.75 }

    /// The point at this distance from the centre, in pixels.
    public func point(_ distance: Double) -> MapPoint {
        MapPoint(x: distance * Self.sine(turn), y: -distance * Self.sine(turn + 0.25))
    }

    /// The shorter turn to another direction: from -0.5 to 0.5, positive clockwise.
    public func turn(to other: Bearing) -> Double {
        let way = other.turn - turn
        return way - way.rounded()
    }

    /// The sine of a fraction of a full turn, to nine digits: Taylor's series up to the thirteenth power, on the quarter turn around 0.
    static func sine(_ turn: Double) -> Double {
        var part = turn - turn.rounded()
        if part > 0.25 { part = 0.5 - part } else if part < -0.25 { part = -0.5 - part }
        let x = part * 2 * .pi
        var sum = 1.0
        for power in stride(from: 12, through: 2, by: -2) { sum = 1 - sum * x * x / Double(power * (power + 1)) }
        return x * sum
    }
}

/// A point in pixels. The centre is at 0 0; right and down are positive. The description has one decimal place and can be used in SVG.
public struct MapPoint: Equatable, Sendable, CustomStringConvertible {
    public var x: Double
    public var y: Double

    public init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }

    /// The sum of both, as vectors.
    public static func + (a: MapPoint, b: MapPoint) -> MapPoint { MapPoint(x: a.x + b.x, y: a.y + b.y) }

    /// Rounded to whole pixels, which is precise enough for curves.
    public var rounded: MapPoint { MapPoint(x: x.rounded(), y: y.rounded()) }

    public var description: String { "\(Self.text(x)) \(Self.text(y))" }

    /// A number with at most one decimal place.
    public static func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        if tenths % 10 == 0 { return String(tenths / 10) }
        return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }
}
