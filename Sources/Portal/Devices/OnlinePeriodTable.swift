// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Templates
import Words

/// A device's WireGuard sessions: when and where it was connected, newest first.
enum OnlinePeriodTable {
    struct Row: TemplateModel {
        let session: OnlinePeriod
        /// Nil while the session is up.
        let end: UnixTime?
        let now: UnixTime

        static var fields: [TemplateField<Row>] {
            [
                .text("iso", \.session.beganAt.iso), .phrase("began", \.session.beganAt.minute), .phrase("ended") { $0.end?.minute ?? "now" },
                .phrase("lasted") { Amount.age(($0.end ?? $0.now).seconds(since: $0.session.beganAt)) },
                .text("endpoint", \.session.endpoint.description),
            ]
        }
    }

    /// The newest session is up as long as the device is online.
    static func rows(_ sessions: [OnlinePeriod], _ sight: DeviceSight, now: UnixTime) -> [Row] {
        sessions.enumerated().map { index, session in
            let isOpen = index == 0 && sight.state == .online && sight.endpoint == session.endpoint
            return Row(session: session, end: isOpen ? nil : session.heardAt, now: now)
        }
    }

    /// "3 h" for the session that is up; nil if there is none.
    static func age(_ sessions: [OnlinePeriod], _ sight: DeviceSight, now: UnixTime) -> Phrase? {
        guard sight.state == .online, let session = sessions.first else { return nil }
        return Amount.age(now.seconds(since: session.beganAt))
    }
}
