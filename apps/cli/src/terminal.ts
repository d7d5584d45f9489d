import { fstatSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { type Colors, createColors } from "./colors.js";
import { createLineReader } from "./lines.js";
import { wrapWords } from "./wrap-words.js";

/** What a command reads from and prints to. */
export interface Terminal {
  /** Resolves when the text is taken, so that nothing piles up before a slow reader. Rejects when the disk is full, for example. */
  print(text: string): Promise<void>;
  /** Prints sentences: as `print`, with lines that fit where a person reads them. */
  say(text: string): Promise<void>;
  /** Begins a blank screen in front of a person; nothing where stdout is no terminal. Else as `print`. */
  clear(): Promise<void>;
  /** Notes and errors, which are no part of the output, in lines that fit where a person reads them. */
  note(text: string): void;
  /** A piece of a longer note, which goes on where the last one ended. */
  noteOn(text: string): void;
  /** For stdout. */
  colors: Colors;
  /** For stderr. */
  noteColors: Colors;
  /** Whether a person reads stdout. */
  isInteractive: boolean;
  /** Letters in a line, where a person reads stdout. */
  columns: number | undefined;
  /** Whether a person reads stderr. */
  isWatched: boolean;
  /** Whether somebody has put a file or a pipe in front of stdin. */
  hasInput: boolean;
  readInput(): Promise<string>;
  /** Whether a person is there to answer a question: a terminal at stdin and at stderr. */
  canAsk: boolean;
  /** The next line of stdin; `undefined` at its end, or when the signal ends the wait. */
  readLine(signal: AbortSignal): Promise<string | undefined>;
  /** Aborts when nobody reads stdout any more, as in `| head`. */
  closed: AbortSignal;
}

export type Streams = Pick<NodeJS.Process, "stdin" | "stdout" | "stderr">;

/** A blank screen, and the cursor at its beginning. `print` lets no such thing through, since what it prints came from elsewhere. */
const clearScreen = "\u001b[2J\u001b[H";

/** How long to wait for stdin before saying that it is waited for. */
const waitNoteMs = 2000;

/** The process's own streams. Colours only where a person looks, and not where NO_COLOR says otherwise. */
export function openTerminal({ stdin, stdout, stderr }: Streams = process): Terminal {
  const closed = new AbortController();
  // Without a listener what cannot be written would end the process with a stack trace. Who prints gets the error; that a note
  // is lost nobody can be told.
  const onError = (error: NodeJS.ErrnoException) => {
    if (goneCodes.has(error.code ?? "")) closed.abort();
  };
  stdout.on("error", onError);
  stderr.on("error", onError);
  const isInteractive = stdout.isTTY === true;
  const lines = createLineReader(stdin);
  const print = (text: string) => write(stdout, isInteractive ? withoutControls(text) : text);
  const noteOn = (text: string) => note(stderr, stderr.isTTY ? withoutControls(text) : text);
  return {
    print,
    say: (text) => print(wrapWords(text, columns(stdout))),
    clear: async () => {
      if (isInteractive) await write(stdout, clearScreen);
    },
    note: (text) => noteOn(wrapWords(text, columns(stderr))),
    noteOn,
    colors: createColors(isInteractive && stdout.hasColors()),
    noteColors: createColors(stderr.isTTY === true && stderr.hasColors()),
    isInteractive,
    columns: columns(stdout),
    isWatched: stderr.isTTY === true,
    hasInput: isPipeOrFile(stdin.fd),
    readInput: () => readAll(stdin, () => stderr.write("Reading from stdin; end it with Ctrl-D.\n")),
    canAsk: stdin.isTTY === true && stderr.isTTY === true,
    readLine: (signal) => lines.next(signal),
    closed: closed.signal,
  };
}

function columns(stream: NodeJS.WriteStream): number | undefined {
  return stream.isTTY ? stream.columns : undefined;
}

function write(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: NodeJS.ErrnoException | null) => {
      // A reader that has gone is no error.
      if (!error || goneCodes.has(error.code ?? "")) resolve();
      else reject(error);
    };
    if (stream.destroyed) resolve();
    else stream.write(text, done);
  });
}

const goneCodes: ReadonlySet<string> = new Set(["EPIPE", "EIO", "ERR_STREAM_DESTROYED"]);

function note(stream: Writable, text: string): void {
  try {
    stream.write(text);
  } catch {
    // A file is written to at once, and may throw.
  }
}

async function readAll(stream: Readable, onWait: () => void): Promise<string> {
  const timer = setTimeout(onWait, waitNoteMs);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    clearTimeout(timer);
    chunks.push(chunk as Buffer);
  }
  clearTimeout(timer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Not so for a terminal, and for /dev/null, which is what schedulers give. */
function isPipeOrFile(descriptor: number): boolean {
  try {
    const stats = fstatSync(descriptor);
    return stats.isFIFO() || stats.isFile() || stats.isSocket();
  } catch {
    return false;
  }
}

/** Takes out what a terminal would obey, but for colours: a model's text may hold any character. */
function withoutControls(text: string): string {
  return text.replace(/\p{Cc}(\[[\d;]{1,5}m)?/gu, (found, color: string | undefined) => {
    if (color !== undefined && found.charCodeAt(0) === escapeCode) return found;
    return found.startsWith("\n") || found.startsWith("\t") ? found : (color ?? "");
  });
}

const escapeCode = 27;
