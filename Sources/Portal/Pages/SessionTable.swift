// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// The sessions of a device: since when it was where, the newest first.
enum SessionTable {
    /// The first one goes on as long as the device is online.
    static func value(_ sessions: [DeviceSession], _ sight: DeviceSight, now: UnixTime) -> TemplateValue {
        .list(
            sessions.enumerated().map { index, session in
                let isOpen = index == 0 && sight.state == .online && sight.endpoint == session.endpoint
                let end = isOpen ? now : session.heardAt
                return [
                    "iso": .text(session.beganAt.iso), "began": .phrase(session.beganAt.minute),
                    "ended": .phrase(isOpen ? "now" : end.minute),
                    "lasted": .phrase(Amount.age(end.seconds(since: session.beganAt))),
                    "endpoint": .text(session.endpoint.description),
                ]
            })
    }

    /// "3 h" for the session that is up; nil when there is none.
    static func age(_ sessions: [DeviceSession], _ sight: DeviceSight, now: UnixTime) -> Phrase? {
        guard sight.state == .online, let session = sessions.first else { return nil }
        return Amount.age(now.seconds(since: session.beganAt))
    }
}
