// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The settings that devices use unless they override them.
public struct Defaults: Hashable, Sendable {
    /// One value for each setting.
    public var settings: Settings
    /// The generation that last changed the defaults. Pass it back with an edit; an outdated value is refused.
    public let revision: Int64
    /// For each setting, the generation that last changed its default.
    public let fieldRevisions: SettingRevisions

    public init(settings: Settings, revision: Int64, fieldRevisions: SettingRevisions) {
        self.settings = settings
        self.revision = revision
        self.fieldRevisions = fieldRevisions
    }
}
