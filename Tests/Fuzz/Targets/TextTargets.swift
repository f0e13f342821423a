// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Linux
import Net
import WireGuard

@testable import HTTP
@testable import Relay

/// The first line says which request it is, and a refused request has one of two reasons (WG-U-3, WG-U-7).
func fuzzUAPIText(_ bytes: [UInt8]) {
    let first = bytes.split(separator: UInt8(ascii: "\n")).first.map { String(decoding: $0, as: UTF8.self) }
    do throws(Errno) {
        switch try UAPIRequest.parse(bytes) {
        case .get: precondition(first == "get=1")
        case .set: precondition(first == "set=1")
        case nil: precondition(first != "get=1" && first != "set=1")
        }
    } catch {
        precondition(error == .protocolError || error == .invalidArgument, "refused with \(error)")
    }
}

/// An accepted file has what a hub needs; the error for a refused one names one of its lines.
func fuzzServerFile(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    do throws(ServerFile.ParseError) {
        let file = try ServerFile(parsing: text)
        precondition(file.addresses.allSatisfy { $0.network.contains($0.address) })
    } catch {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" }).count
        precondition(error.line.map { (1...lines).contains($0) } ?? false, "no such line: \(error)")
    }
}

/// A list that was read and written reads back as the same list, with the names of devices or with their ids.
func fuzzRulesText(_ bytes: [UInt8]) {
    let id = { (name: String) in name.first?.isLetter == true ? "id-\(name.utf8.count)" : nil }
    guard case .success(let list) = RuleText.read(String(decoding: bytes, as: UTF8.self), id: id) else { return }
    let text = RuleText.text(list)
    guard case .success(let again) = RuleText.read(text, id: { _ in nil }) else { preconditionFailure("refused what it wrote: \(text)") }
    precondition(again == list, "\(text) is not read as it was written")
    for rule in list.rules {
        let set = ServiceSet(rule.service)
        precondition(set.subtracting(set).isEmpty && set.union(set) == set && !set.isEmpty)
    }
}

/// A value that was read and written reads back as the same value.
func fuzzAddressText(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    check(IPAddress(text)) { IPAddress($0) }
    check(IPPrefix(text)) { IPPrefix($0) }
    check(Endpoint(text)) { Endpoint($0) }
    check(HostPort(text)) { HostPort($0) }
}

private func check<Value: Equatable & CustomStringConvertible>(_ value: Value?, _ read: (String) -> Value?) {
    guard let value else { return }
    precondition(read(value.description) == value, "\(value) is not read as it was written")
}

/// The parser gives the same events however a stream is split, and it always terminates.
func fuzzHTTPRequest(_ bytes: [UInt8]) {
    let whole = outcome(of: bytes, pieceByteCount: max(bytes.count, 1))
    let trickled = outcome(of: bytes, pieceByteCount: 1)
    precondition(whole == trickled, "\(whole) when whole, \(trickled) byte by byte")
}

private func outcome(of bytes: [UInt8], pieceByteCount: Int) -> [String] {
    var parser = RequestParser()
    var events: [String] = []
    for start in stride(from: 0, to: bytes.count, by: pieceByteCount) {
        let piece = Array(bytes[start..<min(start + pieceByteCount, bytes.count)])
        var position = 0
        while let event = parser.parse(piece.span, from: &position) {
            switch event {
            case .head(let head): events.append("\(head.method.rawValue) \(head.target.rawPath) \(head.framing)")
            case .end(let body): events.append("\(body)")
            case .refused(let error): events.append("\(error.status.code)")
            }
            precondition(events.count <= bytes.count + 1, "more events than bytes")
        }
    }
    return events
}
