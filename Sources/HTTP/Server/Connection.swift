// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Words

/// The life of one connection as a value: bytes, answers and the clock in, one action after the other out. It touches no
/// socket, so that each turn of it can be tried with literal text.
///
/// One request is in hand at a time. While it is answered nothing is read, so pipelined requests wait in the kernel and in
/// `unread`, and are answered in their order.
struct Connection {
    /// What the owner of the socket does next. After `read`, `wait` and `close` there is nothing more to ask for now.
    enum Action {
        /// Wait for bytes and `receive` them, or for the end and say `peerEnded`.
        case read
        /// `write` with the output, and wait for room when there is none.
        case write
        /// Hand the request to a worker, and give its answer to `answer`.
        case run(Request)
        /// Hand the source to a worker, and give its step to `advance`.
        case ask(EventStream)
        /// Hand the source of a body to a worker, and give its step to `deliver`.
        case pull(ByteStream)
        /// Let a worker say whether the large body of this request may come, and tell `admitBody`.
        case admit(Request)
        /// A worker has it in hand.
        case wait
        case shutdownWriting
        case close
        /// Close with a reset: there is nobody who would read the rest.
        case reset
    }

    private enum Phase {
        case reading
        /// The head of a request with a large body is there.
        case asking(Request)
        case ready(Request)
        case answering
        case streaming(Streaming)
        case sending(Sending)
        /// The connection ends when the output is written.
        case finishing
        /// Reading on after our end, until the peer ends too.
        case lingering(since: Instant, byteCount: Int)
        case closed
        case broken
    }

    private struct Streaming {
        let source: EventStream
        var isAsked = false
        var due: Instant
        var beatDue: Instant
    }

    /// A body that is made while it is sent.
    private struct Sending {
        let source: ByteStream
        let isChunked: Bool
        let endsConnection: Bool
        var isAsked = false
        var due: Instant
    }

    private let service: Service
    private let peer: Endpoint
    private let isTLS: Bool
    private var parser: RequestParser
    private var phase = Phase.reading
    private var output: OutputQueue
    /// Bytes that came with the request in hand and belong to later ones.
    private var unread: [UInt8] = []
    private var head: RequestHead?
    /// Held from the head of a request with a large body to its answer.
    private var largeBody: LargeBodies.Room?
    private var requestCount = 0
    private var peerHasEnded = false
    private var isStopping = false
    /// The begin of what the clock runs for now: idling, a head, or a body.
    private var since: Instant
    private var lastProgress: Instant
    /// The begin of what is written now.
    private var outputSince: Instant
    /// What the connection is counted by: its peer or, behind a trusted proxy, the client that the last request was forwarded for.
    private(set) var source: IPAddress
    /// The application knew who sent the last request. Behind a proxy that holds until the next request, which may be somebody else's.
    private(set) var isKnown = false

    /// After so many requests a client has to come anew, which spreads load after a change of addresses.
    static let maximumRequests = 10_000
    /// What is read and thrown away after our end. More than what usually is on its way is not worth it.
    static let maximumLingerBytes = 1 << 20

    init(service: Service, peer: Endpoint, isTLS: Bool, now: Instant) {
        self.service = service
        self.peer = peer
        self.isTLS = isTLS
        parser = RequestParser(limits: service.limits)
        output = OutputQueue(service.queued)
        since = now
        lastProgress = now
        outputSince = now
        source = Capacity.source(peer.address)
    }

    // MARK: What comes in

    /// Bytes from the peer, after `read`.
    mutating func receive(_ bytes: Span<UInt8>, _ moment: Moment) {
        switch phase {
        case .reading:
            var position = 0
            parse(bytes, from: &position, moment)
            for index in position..<bytes.count { unread.append(bytes[index]) }
        case .lingering(let since, let byteCount):
            phase = byteCount + bytes.count > Self.maximumLingerBytes ? .closed : .lingering(since: since, byteCount: byteCount + bytes.count)
        case .asking, .ready, .answering, .streaming, .sending, .finishing, .closed, .broken:
            // A client that talks into an event stream is not listened to.
            break
        }
    }

    /// The peer has ended its side. Requests that came before are still answered (half-close).
    mutating func peerEnded() {
        peerHasEnded = true
        switch phase {
        case .streaming, .lingering: phase = .closed
        case .reading, .asking, .ready, .answering, .sending, .finishing, .closed, .broken: break
        }
    }

    /// What a worker said to `admit`. Room for the body is taken only now, so that nobody has it who may not.
    mutating func admitBody(_ refusal: Response?, _ moment: Moment) {
        guard case .answering = phase, let head else { return }
        since = moment.now
        if let refusal {
            (unread, self.head) = ([], nil)
            return send(refusal, isHead: head.method == .head, endsConnection: true, moment)
        }
        phase = .reading
        largeBody = service.largeBodies.take()
        if largeBody == nil { return refuse(.busy("Too many large bodies come in at this moment.", retryAfter: 5), moment) }
        if unread.isEmpty, head.expectsContinue { queueContinue(moment) }
    }

    /// The request that `run` gave out comes back unanswered.
    mutating func takeBack(_ request: Request) {
        if case .answering = phase { phase = .ready(request) }
    }

    /// The answer to the request that `run` gave out.
    mutating func answer(_ response: Response, _ moment: Moment) {
        guard case .answering = phase, let head else { return }
        requestCount += 1
        let ends = head.endsConnection || isStopping || requestCount >= Self.maximumRequests
        if response.knowsClient { isKnown = true }
        send(response, isHead: head.method == .head, endsConnection: ends, moment)
        self.head = nil
        largeBody = nil
    }

    /// What the source said that `ask` gave out.
    mutating func advance(_ step: EventStream.Step, _ moment: Moment) {
        guard case .streaming(var streaming) = phase else { return }
        streaming.isAsked = false
        streaming.due = moment.now + streaming.source.interval
        var part: [UInt8] = []
        switch step {
        case .event(let event): part = event.bytes
        case .idle: part = moment.now >= streaming.beatDue ? EventStream.beat : []
        case .end:
            phase = .finishing
            return
        }
        guard part.count <= EventStream.maximumQueuedBytes else {
            phase = .finishing
            return
        }
        if !part.isEmpty {
            streaming.beatDue = moment.now + EventStream.beatInterval
            queue(part, moment)
        }
        phase = .streaming(streaming)
    }

    /// What the source said that `pull` gave out.
    mutating func deliver(_ step: ByteStream.Step, _ moment: Moment) {
        guard case .sending(var sending) = phase else { return }
        switch step {
        case .piece(let piece):
            if sending.isChunked { queue(ByteStream.chunkHead(piece.count), moment) }
            queue(piece, moment)
            if sending.isChunked { queue(ByteStream.chunkEnd, moment) }
            sending.isAsked = false
            phase = .sending(sending)
        case .end:
            if sending.isChunked { queue(ByteStream.lastChunk, moment) }
            phase = sending.endsConnection || isStopping ? .finishing : .reading
            since = moment.now
        case .failed:
            // Only a broken connection tells the client that something is missing.
            phase = .broken
        }
    }

    /// No worker had time for `pull`: it comes again a little later.
    mutating func postpone(_ moment: Moment) {
        guard case .sending(var sending) = phase else { return }
        (sending.isAsked, sending.due) = (false, moment.now + ByteStream.retryInterval)
        phase = .sending(sending)
    }

    /// Tries to write what waits; `write` returns the bytes taken, which may be none yet of those on their way, and nil when there is no
    /// room. False when it must wait.
    mutating func write<Failure: Error>(
        now: Instant, with write: (Span<UInt8>, Span<UInt8>) throws(Failure) -> Int?
    ) throws(Failure) -> Bool {
        guard try output.write(with: write) != nil else { return false }
        lastProgress = now
        if output.isEmpty, case .reading = phase, !parser.isInsideRequest { since = now }
        return true
    }

    /// The server stops: an idle connection ends now, one with a request in hand after its answer.
    mutating func stop(_ moment: Moment) {
        isStopping = true
        switch phase {
        case .reading where isIdle: phase = .closed
        case .streaming: endEvents(moment)
        default: break
        }
    }

    /// Ends an event stream, after telling the client when to come back.
    mutating func endEvents(_ moment: Moment) {
        guard case .streaming = phase else { return }
        queue(EventStream.retry, moment)
        phase = .finishing
    }

    // MARK: What goes out

    mutating func next(_ moment: Moment) -> Action {
        while true {
            if case .broken = phase { return .reset }
            if case .closed = phase { return .close }
            if !output.isEmpty { return .write }
            switch phase {
            case .reading:
                if !unread.isEmpty {
                    parseUnread(moment)
                    continue
                }
                // A request that was cut short is never answered: nobody knows what it was.
                if peerHasEnded || isStopping && !parser.isInsideRequest { return .close }
                return .read
            case .asking(let request):
                phase = .answering
                return .admit(request)
            case .ready(let request):
                phase = .answering
                return .run(request)
            case .answering:
                return .wait
            case .streaming(var streaming):
                guard !streaming.isAsked, moment.now >= streaming.due else { return .read }
                streaming.isAsked = true
                phase = .streaming(streaming)
                return .ask(streaming.source)
            case .sending(var sending):
                guard !sending.isAsked, moment.now >= sending.due else { return .wait }
                sending.isAsked = true
                phase = .sending(sending)
                return .pull(sending.source)
            case .finishing:
                if peerHasEnded { return .close }
                phase = .lingering(since: moment.now, byteCount: 0)
                return .shutdownWriting
            case .lingering:
                return .read
            case .closed, .broken:
                continue
            }
        }
    }

    /// The source of the stream that runs, nil when there is none.
    var eventSource: EventStream? {
        if case .streaming(let streaming) = phase { streaming.source } else { nil }
    }

    /// Bytes that wait for the client to take them.
    var queuedByteCount: Int { output.count }

    /// True when `next` would have more made for the client, which it may have to wait for.
    var isAboutToQueue: Bool {
        guard output.isEmpty else { return false }
        return switch phase {
        case .ready: true
        case .sending(let sending): !sending.isAsked
        default: false
        }
    }

    /// True when nothing is lost by closing: no request has begun, and nothing waits to be written.
    var isIdle: Bool {
        if case .reading = phase { output.isEmpty && unread.isEmpty && !parser.isInsideRequest } else { false }
    }

    /// What is lost by closing it, for the choice of who goes when room is needed.
    var standing: Capacity.Standing {
        if isIdle { return .idle(since: since) }
        if !output.isEmpty { return .unfinished(since: outputSince) }
        switch phase {
        case .asking, .ready, .answering: return .inHand
        case .reading, .closed, .broken: return .unfinished(since: since)
        case .streaming, .sending, .finishing: return .unfinished(since: outputSince)
        case .lingering(let since, _): return .unfinished(since: since)
        }
    }

    // MARK: The clock

    /// When `expire` has something to do; nil while a worker is at work.
    func deadline(isCrowded: Bool) -> Instant? {
        let timeouts = service.timeouts
        if !output.isEmpty { return lastProgress + timeouts.writeStall }
        switch phase {
        case .reading:
            if parser.isInsideBody {
                let extra = Duration.seconds(expectedBodyCount / 10_240)
                return since + min(timeouts.bodyMaximum, timeouts.body + extra)
            }
            if parser.isInsideRequest || requestCount == 0 { return since + timeouts.head }
            return since + (isCrowded ? timeouts.idleWhenCrowded : timeouts.idle)
        case .streaming(let streaming): return streaming.isAsked ? nil : streaming.due
        case .sending(let sending): return sending.isAsked ? nil : sending.due
        case .lingering(let since, _): return since + timeouts.linger
        case .asking, .ready, .answering, .finishing, .closed, .broken: return nil
        }
    }

    /// The deadline has passed.
    mutating func expire(_ moment: Moment) {
        if !output.isEmpty {
            phase = .broken
            return
        }
        switch phase {
        case .reading:
            if parser.isInsideRequest {
                refuse(HTTPError(.requestTimeout, "The request did not come in time."), moment)
            } else {
                // Silence is not answered: the client may be about to use the connection, and would take it for its answer.
                phase = .closed
            }
        case .lingering: phase = .closed
        case .streaming, .sending, .asking, .ready, .answering, .finishing, .closed, .broken: break
        }
    }

    private var expectedBodyCount: Int {
        if case .length(let count)? = head?.framing { count } else { parser.bodyCount }
    }

    // MARK: Requests

    private mutating func parseUnread(_ moment: Moment) {
        let bytes = unread
        unread = []
        var position = 0
        parse(bytes.span, from: &position, moment)
        if position < bytes.count { unread = Array(bytes[position...]) }
    }

    /// Takes bytes until a request is whole or refused, or nothing is left.
    private mutating func parse(_ bytes: Span<UInt8>, from position: inout Int, _ moment: Moment) {
        let wasInside = parser.isInsideRequest
        while let event = parser.parse(bytes, from: &position) {
            switch event {
            case .head(let head):
                self.head = head
                since = moment.now
                if service.proxies.contains(peer.address) {
                    source = Capacity.source(service.proxies.origin(of: peer.address, isTLS: isTLS, fields: head.fields).address)
                    isKnown = false
                }
                if let authority = head.authority, !service.application.acceptsHost(authority) {
                    return refuse(HTTPError(.misdirectedRequest, "This server does not answer for that host."), moment)
                }
                if let limit = service.application.bodyLimit(head.method, head.target.path) {
                    parser.bodyLimit = limit
                    if isLarge(head.framing) {
                        phase = .asking(request(head, []))
                        return
                    }
                }
            case .end(let body):
                guard let head else { return }
                phase = .ready(request(head, body))
                return
            case .refused(let error):
                return refuse(error, moment)
            }
        }
        if !wasInside, parser.isInsideRequest, !parser.isInsideBody { since = moment.now }
        if parser.isInsideBody, parser.bodyCount == 0, head?.expectsContinue == true { queueContinue(moment) }
    }

    /// True when a body is, or may become, larger than usual.
    private func isLarge(_ framing: Framing) -> Bool {
        switch framing {
        case .none: false
        case .length(let count): count > service.limits.bodyBytes
        case .chunked: true
        }
    }

    private func request(_ head: RequestHead, _ body: [UInt8]) -> Request {
        let origin = service.proxies.origin(of: peer.address, isTLS: isTLS, fields: head.fields)
        return Request(id: service.nextRequestID(), head: head, body: body, peer: peer, origin: origin)
    }

    /// Answers with an error and ends the connection.
    mutating func refuse(_ error: HTTPError, _ moment: Moment) {
        unread = []
        let isHead = head?.method == .head
        var error = error
        if let head { error.path = head.target.rawPath }
        head = nil
        largeBody = nil
        send(service.application.answer(to: error, id: service.nextRequestID()), isHead: isHead, endsConnection: true, moment)
    }

    // MARK: Answers

    private mutating func send(_ response: Response, isHead: Bool, endsConnection: Bool, _ moment: Moment) {
        switch response.body {
        case .bytes(let body):
            let end = response.status.hasBody ? AnswerEnd.length(body.count) : .head
            queue(ResponseHead.bytes(of: response, date: moment.date, end: end, endsConnection: endsConnection), moment)
            if !isHead, response.status.hasBody { queue(body, moment) }
            phase = endsConnection ? .finishing : .reading
        case .stream(let source):
            let isChunked = head?.isHTTP10 == false
            let end = !response.status.hasBody ? AnswerEnd.head : isChunked ? .chunked : .close
            let endsConnection = endsConnection || !isChunked
            queue(ResponseHead.bytes(of: response, date: moment.date, end: end, endsConnection: endsConnection), moment)
            if isHead || !response.status.hasBody {
                phase = endsConnection ? .finishing : .reading
            } else {
                phase = .sending(Sending(source: source, isChunked: isChunked, endsConnection: endsConnection, due: moment.now))
            }
        case .events(let source):
            queue(ResponseHead.bytes(of: response, date: moment.date, end: .close, endsConnection: true), moment)
            if isHead || isStopping {
                phase = .finishing
            } else {
                queue(EventStream.retry, moment)
                phase = .streaming(Streaming(source: source, due: moment.now, beatDue: moment.now + EventStream.beatInterval))
            }
        }
    }

    /// Once for each request, and only while nothing of the body has come (RFC 9110 10.1.1).
    private mutating func queueContinue(_ moment: Moment) {
        head?.expectsContinue = false
        queue(ResponseHead.goOn, moment)
    }

    private mutating func queue(_ part: [UInt8], _ moment: Moment) {
        if output.isEmpty { (lastProgress, outputSince) = (moment.now, moment.now) }
        output.append(part)
    }
}
