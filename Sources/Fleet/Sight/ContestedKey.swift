// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// Two machines with the file of one device: each ends the other's session.
public struct ContestedKey: Sendable {
    public let device: Device
    /// Where the two were last seen.
    public let endpoints: [Endpoint]

    public init(device: Device, endpoints: [Endpoint]) {
        self.device = device
        self.endpoints = endpoints
    }

    /// What is wrong and what to do.
    public var sentence: Phrase {
        let places = Phrase.all(of: endpoints.map(\.description))
        return [
            "Two machines seem to use this key, by turns, at \(places). Each ends the other's session.",
            "Add a device for the second one, and give it a file of its own.",
        ].joined()
    }
}
