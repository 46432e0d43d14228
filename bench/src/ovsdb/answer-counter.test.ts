import { expect, test } from "vitest";
import { AnswerCounter } from "./answer-counter.ts";

const answers =
  '{"id":0,"result":[{"count":1}],"error":null}{"id":1,"error":null,"result":[{"count":1}]}{"id":2,"error":null';

test("each answer is counted once, wherever the stream is cut", () => {
  for (let size = 1; size <= answers.length; size += 1) {
    const counter = new AnswerCounter();
    for (let at = 0; at < answers.length; at += size) counter.push(Buffer.from(answers.slice(at, at + size)));
    expect(counter.answers).toBe(3);
  }
});
