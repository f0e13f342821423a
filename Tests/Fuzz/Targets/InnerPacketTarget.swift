// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// Two members, one with both families, and the hub.
private let table: ForwardingTable = {
    var table = ForwardingTable()
    table.setOwned([IPPrefix("10.3.2.1/32")!, IPPrefix("fd03::1/128")!], by: ForwardingTable.hub)
    table.setOwned([IPPrefix("10.3.2.2/32")!, IPPrefix("fd03::2/128")!, IPPrefix("0.0.0.0/1")!], by: 1)
    table.setOwned([IPPrefix("10.3.2.3/32")!, IPPrefix("fd03::3/128")!, IPPrefix("::/1")!], by: 2)
    table.setAllowed([IPPrefix("0.0.0.0/0")!, IPPrefix("::/0")!], for: 1)
    table.setAllowed([IPPrefix("10.3.2.0/24")!, IPPrefix("fd03::/64")!], for: 2)
    return table
}()

private let failures: [ICMP.Failure] = [.unreachable, .prohibited, .hopLimitExceeded, .tooBig(mtu: 1280), .tooBig(mtu: .max), .tooBig(mtu: -1)]

/// Every edit keeps a correct checksum correct and changes nothing outside the packet. An ICMP error is always well formed.
func fuzzInnerPacket(_ bytes: [UInt8]) {
    // Memory of exactly this length, so that the address sanitizer sees reads and writes past the end.
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 16)
    defer { memory.deallocate() }
    memory.copyMemory(from: bytes, byteCount: bytes.count)
    guard let packet = try? IPPacket(at: memory, available: bytes.count) else { return }
    precondition(packet.byteCount <= bytes.count && packet.byteCount >= (packet.isV4 ? 20 : 40))
    _ = (packet.nextProtocol, packet.headerByteCount, packet.isFirstFragment, packet.dontFragment)

    for sender in ForwardingTable.hub...3 {
        switch table.decide(from: sender, source: packet.source, destination: packet.destination) {
        case .forward(let receiver):
            precondition(table.owner(of: packet.source) == sender && table.owner(of: packet.destination) == receiver)
        case .deliver: precondition(table.owner(of: packet.destination) == ForwardingTable.hub)
        case .leave: preconditionFailure("a packet leaves a hub without a way out")
        case .refuse: break
        }
    }

    checkFlow(packet)
    if ICMP.mayAnswer(packet) { for failure in failures { checkError(failure, about: packet) } }

    let wasRight = headerIsRight(packet)
    let ecn = packet.ecn
    for outer: ECN in [.ect0, .ect1, .congestionExperienced] { packet.set(ecn: ecn.afterDecapsulation(outer: outer)) }
    if packet.hopLimit > 1 { packet.decrementHopLimit() }
    precondition(headerIsRight(packet) == wasRight || !wasRight, "an edit broke a right checksum")
    guard let echo = ICMP.answerEcho(packet) else { return }
    precondition(headerIsRight(echo) || !wasRight, "an echo reply broke a right checksum")
    precondition(echo.byteCount <= packet.byteCount, "an echo reply is longer than its request")
}

/// What rules ask a packet for has its addresses, and ports only where its protocol has some.
private func checkFlow(_ packet: IPPacket) {
    let flow = FlowPacket(packet)
    precondition(flow.forRules.source == packet.source && flow.forRules.destination == packet.destination)
    precondition([6, 17].contains(flow.number) || flow.forRules.port == 0)
    guard flow.kind == .error, let quoted = FlowPacket.quoted(in: packet) else { return }
    precondition(quoted.kind == .flow && quoted.isV4 == packet.isV4)
}

private func checkError(_ failure: ICMP.Failure, about packet: IPPacket) {
    let limit = packet.isV4 ? ICMP.largestError4 : ICMP.largestError6
    let memory = UnsafeMutableRawPointer.allocate(byteCount: limit, alignment: 16)
    defer { memory.deallocate() }
    let byteCount = ICMP.writeError(failure, about: packet, from: IPAddress("10.3.2.1")!, to: memory)
    precondition(byteCount <= limit)
    guard let error = try? IPPacket(at: memory, available: byteCount) else { preconditionFailure("an ICMP error is no packet") }
    precondition(error.byteCount == byteCount && headerIsRight(error) && error.destination == packet.source)
    precondition(!ICMP.mayAnswer(error), "an ICMP error would be answered with another")
}

/// RFC 1071: the sum over a header with its right checksum is all ones. IPv6 has none.
private func headerIsRight(_ packet: IPPacket) -> Bool {
    !packet.isV4 || Checksum.finish(Checksum.sum(packet.base, byteCount: 20)) == 0
}
