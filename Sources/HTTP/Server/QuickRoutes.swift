// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The routes whose requests the event loop answers itself. Passing a request to a worker and its response back wakes two threads, which costs
/// more than most pages.
///
/// A route becomes quick by a row of short answers, and one long answer ends that, because all other connections wait for it. Each time this
/// happens the next row must be twice as long, so that a route whose requests differ much seldom holds up the loop.
struct QuickRoutes {
    /// A longer answer is a worker's task.
    static let limit = Duration.milliseconds(1)
    /// How many short answers in a row make a route quick at first, and at most.
    static let trials = 8...256

    private struct Record {
        var shortAnswers = 0
        var needed = QuickRoutes.trials.lowerBound

        var isQuick: Bool { shortAnswers >= needed }
    }

    private var records: [Record] = []

    func contains(_ route: Int) -> Bool { route < records.count && records[route].isQuick }

    /// Records the processor time of an answer, whoever gave it. Time that other programs took does not count.
    mutating func note(_ route: Int, took duration: Duration) {
        while records.count <= route { records.append(Record()) }
        guard duration > Self.limit else {
            records[route].shortAnswers = min(records[route].shortAnswers + 1, Self.trials.upperBound)
            return
        }
        if records[route].isQuick { records[route].needed = min(records[route].needed * 2, Self.trials.upperBound) }
        records[route].shortAnswers = 0
    }
}
