// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// What a change would write.
public struct Draft: Sendable {
    /// The devices whose rows it would write, as they would be.
    public let devices: [Device]
    /// The defaults as they would be.
    public let defaults: Defaults
    /// The hub as it would be.
    public let hub: Hub

    public init(devices: [Device], defaults: Defaults, hub: Hub) {
        self.devices = devices
        self.defaults = defaults
        self.hub = hub
    }
}
