import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wrapWords } from "../src/wrap-words.js";

describe("wrapWords", () => {
  it("breaks between words, and begins further lines below the last column", () => {
    expect(wrapWords("fail  port        Port 4141 is taken by another program on this machine.\nend\n", 50)).toBe(
      ["fail  port        Port 4141 is taken by another", "                  program on this machine.", "end", ""].join(
        "\n",
      ),
    );
  });

  it("keeps whole what is there to be copied", () => {
    const command = "`codex-oauth login --auth-file /home/person/a-long-folder/auth.json`";
    expect(wrapWords(`There is no login here; sign in by ${command}, then ask again.`, 60).split("\n")).toContain(
      `${command},`,
    );
    const url = `https://auth.example/authorize?${"a=b&".repeat(40)}`;
    expect(wrapWords(`  ${url}\n`, 40)).toBe(`  ${url}\n`);
  });

  it("counts no colours", () => {
    const line = "\u001b[32mpass\u001b[39m  \u001b[1mversions    \u001b[22mNode 20.20, all is well with this one";
    expect(wrapWords(line, 56)).toBe(line);
  });

  it("leaves text alone where nobody knows the width", () => {
    expect(wrapWords("word ".repeat(100), undefined)).toBe("word ".repeat(100));
  });

  it("loses no word, and makes no line longer than it must", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { maxLength: 60 }),
        fc.integer({ min: 40, max: 120 }),
        (words, columns) => {
          const wrapped = wrapWords(words.join(" "), columns);
          expect(wrapped.split(/\s+/).filter(Boolean)).toEqual(words);
          for (const line of wrapped.split("\n")) expect(line.length).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});
