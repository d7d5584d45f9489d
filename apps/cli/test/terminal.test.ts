import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { openTerminal, type Streams } from "../src/terminal.js";

function open(isTTY: boolean, hasColors = isTTY) {
  const printed = { out: "", err: "" };
  const output = (where: "out" | "err") =>
    Object.assign(
      new PassThrough().on("data", (chunk) => {
        printed[where] += chunk;
      }),
      { isTTY, hasColors: () => hasColors },
    );
  const streams = { stdin: Object.assign(new PassThrough(), { fd: -1 }), stdout: output("out"), stderr: output("err") };
  return { streams, printed, terminal: openTerminal(streams as unknown as Streams) };
}

describe("a terminal in front of a person", () => {
  const { terminal, printed } = open(true);
  const { colors, noteColors } = terminal;

  it("obeys no text that came from elsewhere, but keeps our colours, lines and tabs", async () => {
    await terminal.print(`${colors.green("good")}\u001b[2J\u001b]0;title\u0007 \u009b31m a\tb\r\nc`);
    expect(printed.out).toBe("\u001b[32mgood\u001b[39m[2J]0;title 31m a\tb\nc");
    terminal.note(noteColors.dim("note\u0008"));
    expect(printed.err).toBe("\u001b[2mnote\u001b[22m");
  });

  it("is cleared, which no text of others can do", async () => {
    const { terminal, printed } = open(true);
    await terminal.clear();
    await terminal.print("\u001b[2J\u001b[Hnew");
    expect(printed.out).toBe("\u001b[2J\u001b[H[2J[Hnew");
  });

  it("has colours unless the person wants none", () => {
    expect(open(true, false).terminal.colors.red("x")).toBe("x");
  });
});

describe("a pipe", () => {
  it("gets the text as it is, and no colours", async () => {
    const { terminal, printed } = open(false);
    await terminal.print(`a\u001b[2J${terminal.colors.red("b")}`);
    await terminal.clear();
    expect(printed.out).toBe("a\u001b[2Jb");
  });

  it("that is closed is no error", async () => {
    const { terminal, streams } = open(false);
    streams.stdout.emit("error", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    expect(terminal.closed.aborted).toBe(true);
    streams.stdout.destroy();
    await terminal.print("nobody reads this");
  });
});

it("reads all of its input", async () => {
  const { terminal, streams } = open(false);
  const read = terminal.readInput();
  streams.stdin.write("né");
  streams.stdin.end("e");
  expect(await read).toBe("née");
  expect(terminal.hasInput).toBe(false);
});
