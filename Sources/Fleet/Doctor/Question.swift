// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

extension Doctor {
    /// What the doctor is asked: why does one device not reach another, or an address?
    public struct Question: Sendable, Hashable {
        public let from: Device
        /// The receiver. Nil if the question is only about an address, and no device owns it.
        public let to: Device?
        /// Nil for the receiver's own addresses.
        public let address: IPAddress?

        /// Without `to`, the receiver is the device that owns `address`. Nil if both are missing, or if sender and receiver are the same.
        public init?(from: Device, to: Device?, address: IPAddress?, in overview: Overview) {
            let receiver = to ?? address.flatMap { overview.reachability.owner(of: $0) }
            guard receiver != nil || address != nil, receiver?.id != from.id else { return nil }
            self.from = from
            self.to = receiver
            self.address = address
        }

        /// The keys of the devices, in order.
        public var keys: [PublicKey] { [from, to].compactMap { $0?.publicKey } }

        /// The echoes that test it. Empty if no device owns the address.
        public func echoes(over defaults: Defaults) -> [LinkTest.Echo] {
            to.map { LinkTest.echoes(between: from, and: $0, address: address, over: defaults) } ?? []
        }
    }

    /// Answers a question. `test` holds the results of its echoes; nil if none were sent.
    public init(_ question: Question, in overview: Overview, test: LinkTest? = nil) {
        self.init(from: question.from, to: question.to, address: question.address, in: overview, test: test)
    }
}
