// The binary form of Protocol Buffers (version 3), as far as LiveKit's messages need it.
//
// A message's shape is an object: { field: [number, kind] }, or [number, kind, MANY] for a repeated
// field. Kinds are "text", "bytes", "number" (any varint: integers, enums), "flag", or the shape of a
// message inside.

export const MANY = true;

const VARINT = 0;
const LENGTH = 2;
/** Bytes of a fixed-size value, by its wire type. */
const FIXED = { 1: 8, 5: 4 };

const isScalar = (kind) => kind === "number" || kind === "flag";

/** The bytes of a message; what is absent, empty, false or 0 is left out, as the format has it. */
export function encode(shape, message) {
  const bytes = [];
  for (const [name, [number, kind, many]] of Object.entries(shape)) {
    const value = message[name];
    for (const one of many ? (value ?? []) : [value]) {
      if (one === undefined || one === null || (!many && !one)) continue;
      pushVarint(bytes, number * 8 + (isScalar(kind) ? VARINT : LENGTH));
      if (isScalar(kind)) {
        pushVarint(bytes, Number(one));
        continue;
      }
      const content = encoded(kind, one);
      pushVarint(bytes, content.length);
      for (const byte of content) bytes.push(byte);
    }
  }
  return Uint8Array.from(bytes);
}

function encoded(kind, value) {
  if (kind === "text") return new TextEncoder().encode(value);
  return kind === "bytes" ? value : encode(kind, value);
}

// By division: bits beyond the 32nd are lost in JavaScript's own shifts.
function pushVarint(bytes, value) {
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  bytes.push(value);
}

const EMPTY = { text: "", number: 0, flag: false };

/**
 * The message in some bytes. Absent texts are "", numbers 0, flags false, lists empty, messages and
 * bytes undefined; fields that the shape lacks are passed over. Throws RangeError for bytes that are no such message.
 */
export function decode(shape, bytes) {
  const fields = new Map();
  const message = {};
  for (const [name, [number, kind, many]] of Object.entries(shape)) {
    fields.set(number, { name, kind, many });
    message[name] = many ? [] : EMPTY[kind];
  }
  const reader = new Reader(bytes);
  while (!reader.done) {
    const tag = reader.varint();
    const raw = reader.value(tag % 8);
    const field = fields.get(Math.floor(tag / 8));
    if (field === undefined || isScalar(field.kind) !== (typeof raw === "number")) continue;
    const value = decoded(field.kind, raw);
    if (field.many) message[field.name].push(value);
    else message[field.name] = value;
  }
  return message;
}

function decoded(kind, raw) {
  if (kind === "number" || kind === "bytes") return raw;
  if (kind === "flag") return raw !== 0;
  return kind === "text" ? new TextDecoder().decode(raw) : decode(kind, raw);
}

class Reader {
  #bytes;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  get done() {
    return this.#at >= this.#bytes.length;
  }

  varint() {
    let value = 0;
    for (let weight = 1; weight < 2 ** 70; weight *= 128) {
      const [byte] = this.#take(1);
      value += (byte % 128) * weight;
      if (byte < 128) return value;
    }
    throw new RangeError("a number of more than ten bytes");
  }

  /** A number for a varint, bytes for all else. */
  value(type) {
    if (type === VARINT) return this.varint();
    const size = type === LENGTH ? this.varint() : FIXED[type];
    if (size === undefined) throw new RangeError(`wire type ${type}`);
    return this.#take(size);
  }

  #take(size) {
    if (this.#at + size > this.#bytes.length) throw new RangeError("the message is cut off");
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }
}
