// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net

/// An edit of the defaults and related values. Starts with the saved values, so fields that are not set keep theirs.
public struct DefaultsEdit: Sendable {
    /// The settings of devices that override nothing.
    public var settings: Settings
    /// The URL of the portal; nil if it is not set.
    public var portalURL: String?
    /// The settings to reset on all devices, so that they follow the default.
    public var cleared: [SettingName] = []

    /// Starts with the saved values.
    public init(_ defaults: Defaults, _ hub: Hub) { (settings, portalURL) = (defaults.settings, hub.portalURL) }
}

extension ChangeTransaction {
    /// Writes the defaults, the portal's URL and the devices whose settings are reset. Returns the new defaults.
    ///
    /// Throws `.stale` if the defaults are no longer at `revision` or the hub, to which the URL belongs, no longer at `hubRevision` (nil skips
    /// the check), and `.invalid` with the settings that break a rule.
    @discardableResult
    public func editDefaults(_ edit: DefaultsEdit, expecting revision: Int64? = nil, hub hubRevision: Int64? = nil) throws -> Defaults {
        var (defaults, hub) = (try defaults(), try hub())
        try require(revision, isCurrent: defaults.revision)
        try require(hubRevision, isCurrent: hub.revision)
        defaults.settings = edit.settings
        try update(defaults)
        hub.portalURL = edit.portalURL
        try update(hub)
        if !edit.cleared.isEmpty {
            for var device in try devices() {
                for name in edit.cleared { name.inherit(in: &device.overrides) }
                // `update` ignores a device without changes.
                try update(device)
            }
        }
        return try self.defaults()
    }

    /// Notes that `endpoint` is the right one although the Internet does not route it, so that pages no longer ask. Returns false, and changes
    /// nothing, if the default is another endpoint by now.
    @discardableResult
    public func confirmEndpoint(_ endpoint: HostPort) throws -> Bool {
        let defaults = try defaults()
        guard defaults.settings.endpoint == endpoint else { return false }
        guard defaults.confirmedEndpoint != endpoint else { return true }
        try connection.execute(
            "UPDATE defaults SET confirmed_endpoint = ?, revision = ? WHERE one = 1", [.text(endpoint.description), .integer(generation)])
        known.defaults = nil
        try noteChange("defaults.confirm_endpoint", target: "defaults") { ([:], ["endpoint": endpoint.description]) }
        return true
    }
}
