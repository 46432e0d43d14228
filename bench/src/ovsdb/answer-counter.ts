/** Each answer of ovsdb-server has this once, and nothing else that these transactions are answered with has. */
const mark = Buffer.from('"error":null');

/** Counts the answers in a stream, also those that chunks cut apart. */
export class AnswerCounter {
  answers = 0;
  #tail: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): void {
    const bytes = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    let end = 0;
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, end)) {
      this.answers += 1;
      end = at + mark.length;
    }
    this.#tail = bytes.subarray(Math.max(end, bytes.length - mark.length + 1));
  }
}
