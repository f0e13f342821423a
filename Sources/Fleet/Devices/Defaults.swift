// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// What devices use where they set nothing of their own.
public struct Defaults: Hashable, Sendable {
    /// One value for each setting.
    public var settings: Settings
    /// The generation that changed them last. Hand it back with an edit: a stale one is refused.
    public let revision: Int64
    /// The generation that changed each of them last.
    public let fieldRevisions: SettingRevisions

    public init(settings: Settings, revision: Int64, fieldRevisions: SettingRevisions) {
        self.settings = settings
        self.revision = revision
        self.fieldRevisions = fieldRevisions
    }
}
