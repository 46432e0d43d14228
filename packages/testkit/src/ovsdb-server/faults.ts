/** What a fault is done with. */
export interface FaultyPeer {
  write(bytes: string | Uint8Array): void;
  /** Writes the chunks one by one, each when the client has taken the one before: no more than one is held. */
  stream(chunks: Iterable<string | Uint8Array>): void;
  /** Reads nothing more of what the client sends. */
  stopReading(): void;
  destroy(): void;
}

/** A request that is met with a fault. */
export interface StruckRequest {
  /** The JSON text of its id. */
  readonly id: string;
  /** The text of the right answer; empty for a fault that does nothing of what was requested. */
  readonly answer: string;
}

export interface FaultKind {
  /** Whether what was requested is done, and the right answer is known. */
  readonly isCarriedOut: boolean;
  readonly strike: (peer: FaultyPeer, request: StruckRequest) => void;
}

/** Instead of doing what was requested, the server does something else. */
const instead = (strike: FaultKind["strike"]): FaultKind => ({ isCarriedOut: false, strike });
/** What was requested is done, but the answer isn't simply sent. */
const answering = (strike: FaultKind["strike"]): FaultKind => ({ isCarriedOut: true, strike });
/** The answer has this text as its result. */
const resulting = (result: string): FaultKind =>
  instead((peer, { id }) => peer.write(`{"id":${id},"error":null,"result":${result}}`));
/** The right result goes to another request. */
const answeringTo = (id: string): FaultKind =>
  answering((peer, { answer }) => peer.write(answer.replace(/"id":[^,}]*\}$/, `"id":${id}}`)));

/** How the in-process server can fail at a request. */
export const faults = {
  /** The connection ends. */
  close: instead((peer) => peer.destroy()),
  /** It is never answered. */
  stall: instead(() => undefined),
  garbage: instead((peer) => peer.write("\u0000HTTP/1.1 400 Bad Request\r\n\r\n")),
  wrongJson: resulting("[nul]"),
  invalidUtf8: instead((peer, { id }) => {
    peer.write(`{"id":${id},"error":null,"result":["`);
    peer.write(Uint8Array.of(0xc3, 0x28));
    peer.write('"]}');
  }),
  halfAMessage: instead((peer) => {
    peer.write('{"result":[{"count":');
    peer.destroy();
  }),
  /** A number that no double holds. */
  hugeReal: resulting('[{"count":1e400}]'),
  integerBeyond64Bits: resulting('[{"count":9223372036854775808}]'),
  millionDigits: resulting(`[{"count":${"9".repeat(1_000_000)}}]`),
  deepNesting: resulting("[".repeat(100_000) + "]".repeat(100_000)),
  duplicateKeys: answering((peer, { answer }) => peer.write(`{"id":0,"result":"wrong",${answer.slice(1)}`)),
  answerTwice: answering((peer, { answer }) => peer.write(answer + answer)),
  answerToAnother: answeringTo("4096"),
  answerToText: answeringTo('"1"'),
  answerToObject: answeringTo('{"1":1}'),
  answerToFraction: answeringTo("1.5"),
  answerToHugeNumber: answeringTo("1e400"),
  byteByByte: answering((peer, { answer }) => peer.stream(bytesOf(answer))),
  /** Many notifications that nobody has asked for come before the answer. */
  flood: answering((peer, { answer }) => peer.stream(floodBefore(answer))),
  /** A result of 200 MB, the list of one text. */
  hugeReply: instead((peer, { id }) => peer.stream(hugeReply(id))),
  /** A text that never ends. */
  endlessReply: instead((peer, { id }) => peer.stream(endlessReply(id))),
  stopReading: instead((peer) => peer.stopReading()),
} as const satisfies Readonly<Record<string, FaultKind>>;

export type Fault = keyof typeof faults;

/** How long the text of a `hugeReply` is, in bytes. */
export const hugeReplyBytes = 200_000_000;

const chunk = "x".repeat(100_000);

function* bytesOf(text: string): Generator<Uint8Array> {
  for (const byte of new TextEncoder().encode(text)) yield Uint8Array.of(byte);
}

function* floodBefore(answer: string): Generator<string> {
  const noise = '{"method":"noise","params":[],"id":null}'.repeat(100);
  for (let n = 0; n < 100; n++) yield noise;
  yield answer;
}

function* hugeReply(id: string): Generator<string> {
  yield `{"id":${id},"error":null,"result":["`;
  for (let sent = 0; sent < hugeReplyBytes; sent += chunk.length) yield chunk;
  yield '"]}';
}

function* endlessReply(id: string): Generator<string> {
  yield `{"id":${id},"error":null,"result":["`;
  for (;;) yield chunk;
}
