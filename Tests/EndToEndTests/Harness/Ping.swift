// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// The results of `ping`.
struct PingResult: CustomStringConvertible {
    /// One answer: its sequence number from 1, when it arrived (seconds since 1970), and its round trip in milliseconds.
    struct Reply {
        var sequence: Int
        var time: Double
        var milliseconds: Double
    }

    var replies: [Reply]
    var sent: Int
    var description: String { "\(replies.count) of \(sent) answered" }
    var lost: Int { sent - replies.count }
    var nothingLost: Bool { sent > 0 && lost == 0 }
    var nothingCame: Bool { sent > 0 && replies.isEmpty }

    /// Reads the output of `ping -n -D -O`. While ping runs there is no summary yet; `sent` is then the highest number seen.
    init(parsing output: String) {
        replies = output.matches(of: /\[([0-9.]+)\] .* icmp_seq=(\d+) ttl=\d+ time=([0-9.]+) ms(?! \()/).compactMap {
            guard let time = Double($0.1), let sequence = Int($0.2), let milliseconds = Double($0.3) else { return nil }
            return Reply(sequence: sequence, time: time, milliseconds: milliseconds)
        }
        sent =
            output.firstMatch(of: /(\d+) packets transmitted/).flatMap { Int($0.1) }
            ?? output.matches(of: /icmp_seq=(\d+)/).compactMap { Int($0.1) }.max() ?? 0
    }
}

extension Client {
    /// Sends `count` echo requests, one every 200 ms, and waits up to `patience` seconds for the last answer.
    func ping(_ address: String, count: Int = 5, patience: Int = 1) throws -> PingResult {
        PingResult(parsing: try Command.run(namespace.words(Self.ping(address, "-c", "\(count)", "-i", "0.2", "-W", "\(patience)"))).output)
    }

    /// Whether the address answers within the time; for waiting until a link is up.
    func reaches(_ address: String, within seconds: Int = 5) throws -> Bool {
        try Command.run(namespace.words(Self.ping(address, "-c", "1", "-i", "0.2", "-w", "\(seconds)"))).status == 0
    }

    /// A ping that runs beside the test, ten times a second.
    func startPing(_ address: String) throws -> RunningPing {
        let name = "\(name)-ping-\(address)"
        return RunningPing(try BackgroundProcess(name, namespace.words(Self.ping(address, "-i", "0.1")), folder: folder))
    }

    private static func ping(_ address: String, _ options: String...) -> [String] {
        ["ping", "-n", "-D", "-O"] + options + [address]
    }
}

/// See `Client.startPing`.
final class RunningPing {
    private let process: BackgroundProcess

    fileprivate init(_ process: BackgroundProcess) {
        self.process = process
    }

    /// The answers so far.
    var soFar: PingResult { PingResult(parsing: process.output) }

    /// Waits until `count` further requests were answered.
    func waitForReplies(_ count: Int = 5, within limit: Duration = .seconds(5)) throws {
        let before = soFar.replies.count
        try wait("\(count) answers to \(process.name)", upTo: limit) { soFar.replies.count >= before + count ? true : nil }
    }

    /// The number of answers during this time; answers to earlier requests do not count.
    func replies(during time: Duration) -> Int {
        sleep(.milliseconds(300))
        let before = soFar.replies.count
        sleep(time)
        return soFar.replies.count - before
    }

    /// Ends the ping. The last request counts only if it was answered, so an answer in flight does not count as lost.
    func stop() throws -> PingResult {
        try process.stop(signal: SIGINT)
        var result = PingResult(parsing: process.output)
        if result.replies.last?.sequence == result.sent - 1 { result.sent -= 1 }
        return result
    }
}
