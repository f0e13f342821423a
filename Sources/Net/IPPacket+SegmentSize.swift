// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

extension IPPacket {
    private static let tcp: UInt8 = 6
    private static let maximumSegmentSize: UInt8 = 2

    /// Lowers the segment size that a TCP SYN or SYN/ACK announces to the largest that fits `mtu` without options, and updates the TCP
    /// checksum (RFC 9293 3.7.1; WG-H-14). Other packets, packets without this option or with a smaller value, and packets with malformed
    /// options stay unchanged.
    public func lowerSegmentSize(mtu: Int) {
        guard !isV4 || nextProtocol == Self.tcp, let header = TransportHeader(of: self), header.number == Self.tcp else { return }
        let tcp = header.offset
        guard tcp + 20 <= byteCount, base.uint8(at: tcp + 13) & 0x02 != 0 else { return }
        let end = tcp + Int(base.uint8(at: tcp + 12) >> 4) * 4
        guard end <= byteCount else { return }
        let limit = UInt16(clamping: mtu - (isV4 ? 40 : 60))
        var option = tcp + 20
        while option < end {
            switch base.uint8(at: option) {
            case 0: return
            case 1: option += 1
            case let kind:
                guard option + 1 < end else { return }
                let byteCount = Int(base.uint8(at: option + 1))
                guard byteCount >= 2, option + byteCount <= end else { return }
                if kind == Self.maximumSegmentSize, byteCount == 4 { lowerWord(at: option + 2, to: limit, tcp: tcp) }
                option += byteCount
            }
        }
    }

    /// Writes the value and updates the checksum. A field at an odd offset spans two summed words, so its bytes count in swapped order.
    private func lowerWord(at offset: Int, to limit: UInt16, tcp: Int) {
        let old = base.uint16BE(at: offset)
        guard old > limit else { return }
        base.storeBE(limit, at: offset)
        let isAcross = (offset - tcp) % 2 != 0
        let checksum = Checksum.updated(
            base.uint16BE(at: tcp + 16), from: isAcross ? old.byteSwapped : old, to: isAcross ? limit.byteSwapped : limit)
        base.storeBE(checksum, at: tcp + 16)
    }
}
