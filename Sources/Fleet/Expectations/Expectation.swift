// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// A sentence about who must, or must never, reach whom. Each change is checked against all of them before it is saved.
///
/// A tag stands for its devices that are enabled. A device that is named must be enabled to be reached.
public struct Expectation: Sendable, Equatable {
    /// One side of the sentence.
    public enum Side: Hashable, Sendable {
        /// The device with this id.
        case device(String)
        /// Each device with this tag.
        case tag(Tag)
        /// An address of a device, or one behind it. Only as the second side.
        case address(IPAddress)
    }

    /// The last test with pings.
    public struct Test: Sendable, Equatable {
        /// When it began.
        public let at: UnixTime
        /// Pairs of devices that answered.
        public var passed = 0
        /// Pairs of devices that did not answer, although both were connected.
        public var failed = 0
        /// Pairs of devices that could not be tested, because one was not connected or there were too many.
        public var untested = 0
        /// The names of the first two that failed.
        public var firstFailure: (from: String, to: String)?

        public init(at: UnixTime) { self.at = at }

        public static func == (a: Test, b: Test) -> Bool {
            (a.at, a.passed, a.failed, a.untested) == (b.at, b.passed, b.failed, b.untested) && a.firstFailure?.from == b.firstFailure?.from
                && a.firstFailure?.to == b.firstFailure?.to
        }
    }

    /// The most expectations of a hub.
    public static let limit = 500

    /// 16 random characters. An id is never reused.
    public let id: String
    /// Who must, or must never, reach the other side. Never an address.
    public let from: Side
    /// Who is reached.
    public let to: Side
    /// True if the first side must reach the second, false if it must never reach it.
    public let isReached: Bool
    /// When the hub noticed that it does not hold; nil while it holds.
    public var brokenSince: UnixTime?
    /// Nil if it was never tested.
    public var test: Test?

    public init(id: String, from: Side, to: Side, isReached: Bool, brokenSince: UnixTime? = nil, test: Test? = nil) {
        self.id = id
        self.from = from
        self.to = to
        self.isReached = isReached
        self.brokenSince = brokenSince
        self.test = test
    }

    /// The ids of the devices that it names.
    public var deviceIDs: [String] { [from, to].compactMap { if case .device(let id) = $0 { id } else { nil } } }

    /// The sentence: "laptop reaches tag:servers". `names` returns the name of a device by its id.
    public func sentence(_ names: (String) -> String?) -> Phrase {
        let (first, second) = (from.text(names), to.text(names))
        return isReached ? "\(first) reaches \(second)" : "\(first) never reaches \(second)"
    }
}

extension Expectation.Side {
    /// As people write it: a name, `tag:word` or an address. A device without a name appears under its id.
    public func text(_ names: (String) -> String?) -> String {
        switch self {
        case .device(let id): names(id) ?? id
        case .tag(let tag): "tag:\(tag)"
        case .address(let address): address.description
        }
    }

    /// Reads what people write: the name or id of one of the devices, or `tag:word`; with `allowsAddress` also an address.
    public static func read(_ text: String, among devices: [Device], allowsAddress: Bool) -> Entry.Reading<Expectation.Side> {
        if let device = Sides(devices).device(text) { return .success(.device(device.id)) }
        if text.hasPrefix("tag:") {
            guard let tag = Tag(String(text.dropFirst(4))) else { return .failure(Entry.Refusal(message: "“\(text)” is not a valid tag.")) }
            return .success(.tag(tag))
        }
        if allowsAddress, let address = IPAddress(text) { return .success(.address(address)) }
        if text.isEmpty { return .failure(Entry.Refusal(message: "Name a device, or a tag as tag:word.")) }
        return .failure(
            Entry.Refusal(
                message: allowsAddress
                    ? "There is no device “\(text)”. Write a name, tag:word for all with a tag, or an address."
                    : "There is no device “\(text)”. Write a name, or tag:word for all with a tag."))
    }
}
