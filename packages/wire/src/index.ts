export { bits, type Bits } from "./bits.ts";
export { bytes, bytesToEnd, fixedText } from "./bytes.ts";
export { canonicalOnly } from "./canonical.ts";
export {
  type AnyCodec,
  type Codec,
  decode,
  encode,
  type FixedForm,
  type InputOf,
  mapped,
  type ValueOf,
  withDefault,
} from "./codec.ts";
export { complete, type Complete } from "./complete.ts";
export { enumOf, openEnumOf } from "./enums.ts";
export { i32, i64, type IntegerCodec, u16, u32, u64, u8 } from "./integers.ts";
export { listCounted, listOf, listToEnd } from "./list.ts";
export { nested } from "./nested.ts";
export { optionals, type OptionalsInput, type OptionalsValue } from "./optionals.ts";
export { constant, filledUp, pad, paddingTo, zeros, zerosToEnd } from "./padding.ts";
export { Path } from "./path.ts";
export { Reader, reading } from "./reader.ts";
export { type Fields, struct, type StructInput, type StructValue } from "./struct.ts";
export { sized, type SizedOptions } from "./sized.ts";
export { tlv, type TlvLayout } from "./tlv.ts";
export { formOfVariant, readVariant, tagged, tagOfVariant, type UnknownVariant, writeVariant } from "./unknown.ts";
export {
  type BodyInput,
  type BodyValue,
  either,
  inside,
  variants,
  type VariantForm,
  type Variants,
  type VariantsInput,
  type VariantsValue,
} from "./variants.ts";
export { Writer, written } from "./writer.ts";
