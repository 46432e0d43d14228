import { bytesToEnd, type Codec, type InputOf, u16, u32 } from "@loomstack/wire";

/** The type of errors whose meaning an experimenter defines. */
const experimenterError = 0xffff;

/** Why a message was refused. */
export interface ErrorBody {
  readonly type: number;
  /** The code within the type; for an experimenter's error, its exp_type. */
  readonly code: number;
  /** Whose error it is, where `type` is 0xffff. */
  readonly experimenter?: number | undefined;
  /** The beginning of the refused message, at least 64 bytes of it, or a text. */
  readonly data: Uint8Array;
}

/** @see OpenFlow 1.3.5, 7.5.4 (ofp_error_msg, ofp_error_experimenter_msg) */
export const errorBody: Codec<ErrorBody> = {
  read(reader) {
    const [type, code] = [u16.read(reader), u16.read(reader)];
    if (type !== experimenterError) return { type, code, data: bytesToEnd.read(reader) };
    return { type, code, experimenter: u32.read(reader), data: bytesToEnd.read(reader) };
  },
  write(writer, { type, code, experimenter, data }) {
    u16.write(writer, type);
    u16.write(writer, code);
    if (type === experimenterError) u32.write(writer, experimenter ?? 0);
    writer.bytes(data);
  },
};

export type ErrorMessage = { readonly kind: "error" } & InputOf<typeof errorBody>;
