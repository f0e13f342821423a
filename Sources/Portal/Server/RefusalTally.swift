// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Logging
import Store
import Synchronization
import Words

/// Counts refusals that may be an attack. The log gets at most one line of each kind in ten seconds and the audit log one entry in ten minutes,
/// so that nobody can fill the disk with them.
/// Thread rule: any thread, also the event loop; never waits for the database.
final class RefusalTally: Sendable {
    enum Kind: String, CaseIterable {
        /// A viewer tried to change something, or a token lacks the scope.
        case rights
        /// A form from another site, or with a token of another session.
        case forms
        /// A host name that is not ours.
        case hosts
        /// An API token that is unknown or has expired.
        case tokens
        /// A set-up address or one-time link that is unknown, used or expired.
        case links
        /// A sign-in that came too soon after failed ones, or that was refused without an entry of its own.
        case signIns = "sign_ins"

        fileprivate var message: Logger.Message {
            switch self {
            case .rights: "a request was refused for lack of rights"
            case .forms: "a form was refused: it did not come from a page of this hub and session"
            case .hosts: "a request for a foreign host name was refused; add a name of this hub with --host-name"
            case .tokens: "an invalid API token was refused"
            case .links: "an invalid set-up address or one-time link was refused"
            case .signIns: "sign-ins were refused; the audit log counts them"
            }
        }
    }

    static let logInterval: Duration = .seconds(10)
    static let entryInterval: Duration = .seconds(600)
    /// Refused sign-ins with an audit entry of their own in each `entryInterval`.
    static let signInEntries = 30

    private struct State {
        var counts: [Kind: Int] = [:]
        /// When the last line of a kind was written, and the refusals since.
        var lines: [Kind: (at: ContinuousClock.Instant, silent: Int)] = [:]
        var lastEntry: ContinuousClock.Instant?
        var signIns: (since: ContinuousClock.Instant, count: Int)?
    }

    private let state = Mutex(State())
    private let log: Logger

    init(log: Logger) { self.log = log }

    /// Counts a refusal. `details` go to the log if it gets a line.
    func note(_ kind: Kind, _ details: @autoclosure () -> Logger.Metadata, at moment: ContinuousClock.Instant = .now) {
        let silent = state.withLock { state -> Int? in
            state.counts[kind, default: 0] += 1
            if let line = state.lines[kind], line.at.advanced(by: Self.logInterval) > moment {
                state.lines[kind] = (line.at, line.silent + 1)
                return nil
            }
            defer { state.lines[kind] = (moment, 0) }
            return state.lines[kind]?.silent ?? 0
        }
        guard let silent else { return }
        log.notice(kind.message, metadata: details().merging(silent == 0 ? [:] : ["more_before": "\(silent)"]) { $1 })
    }

    /// True if a refused sign-in still gets an audit entry of its own. Otherwise `note` it.
    func takeSignInEntry(at moment: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { state in
            var current = state.signIns ?? (since: moment, count: 0)
            if current.since.advanced(by: Self.entryInterval) <= moment { current = (since: moment, count: 0) }
            state.signIns = (current.since, current.count + 1)
            return current.count < Self.signInEntries
        }
    }

    /// The counts since the last entry, if there are any and an entry is due; they start again at 0. With `isLast`, an entry is always due.
    func due(isLast: Bool = false, at moment: ContinuousClock.Instant = .now) -> AuditDetails? {
        state.withLock { state in
            guard !state.counts.isEmpty, isLast || state.lastEntry.map({ $0.advanced(by: Self.entryInterval) <= moment }) ?? true else { return nil }
            defer { (state.counts, state.lastEntry) = ([:], moment) }
            let counts = state.counts
            let count = { (kind: Kind) in counts[kind].map { String($0) } }
            return [
                "rights": count(.rights), "forms": count(.forms), "hosts": count(.hosts), "tokens": count(.tokens), "links": count(.links),
                "sign_ins": count(.signIns),
            ]
        }
    }
}

extension Visit {
    /// Counts a refusal of this request.
    func noteRefusal(_ kind: RefusalTally.Kind) { Guard(site: site, moment: moment).note(kind, request, by: author.name) }
}

extension Guard {
    /// Counts a refusal of `request`.
    func note(_ kind: RefusalTally.Kind, _ request: Request, by name: String) {
        site.refusals.note(
            kind, ["address": "\(request.client)", "path": "\(request.rawPath.first(bytes: 120))", "who": "\(name.first(bytes: 120))"])
    }
}
