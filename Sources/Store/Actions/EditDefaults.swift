// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet

/// An edit of the defaults, and of what is edited beside them. It begins as what is saved, so whatever is not touched stays.
public struct DefaultsEdit: Sendable {
    /// What devices use that set nothing of their own.
    public var settings: Settings
    /// Where people reach the portal; nil where nobody said.
    public var portalURL: String?
    /// Settings for which every device gives up its own value and follows the default.
    public var cleared: [SettingName] = []

    /// Changes nothing yet.
    public init(_ defaults: Defaults, _ hub: Hub) { (settings, portalURL) = (defaults.settings, hub.portalURL) }
}

extension ChangeTransaction {
    /// Writes the defaults, the portal's address, and the devices that give up values of their own. Answers the defaults as they are then.
    ///
    /// Throws `.stale` where the defaults are no longer at `revision` (nil expects none), and `.invalid` with the settings that break a rule.
    @discardableResult
    public func editDefaults(_ edit: DefaultsEdit, expecting revision: Int64? = nil) throws -> Defaults {
        var defaults = try defaults()
        try require(revision, isCurrent: defaults.revision)
        defaults.settings = edit.settings
        try update(defaults)
        var hub = try hub()
        hub.portalURL = edit.portalURL
        try update(hub)
        if !edit.cleared.isEmpty {
            for var device in try devices() {
                for name in edit.cleared { name.inherit(in: &device.overrides) }
                // An equal device changes nothing.
                try update(device)
            }
        }
        return try self.defaults()
    }
}
