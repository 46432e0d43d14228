import { enumOf, i32, struct, u32, type ValueOf } from "@loomstack/wire";

/** remote_protocol.x, REMOTE_PROGRAM. */
export const remoteProgram = { program: 0x20008086, version: 1 } as const;
/** virkeepaliveprotocol.x. */
export const keepaliveProgram = { program: 0x6b656570, version: 1, ping: 1, pong: 2 } as const;

/** What precedes every payload, after the length word (virnetprotocol.x, virNetMessageHeader). */
export const MessageHeader = struct({
  program: u32,
  version: u32,
  procedure: i32,
  type: enumOf(i32, { call: 0, reply: 1, message: 2, stream: 3, callWithFds: 4, replyWithFds: 5, streamHole: 6 }),
  /** Chosen by who calls, repeated in the reply; 0 for events and keepalive. */
  serial: u32,
  status: enumOf(i32, { ok: 0, error: 1, continue: 2 }),
});
export type MessageHeader = ValueOf<typeof MessageHeader>;
