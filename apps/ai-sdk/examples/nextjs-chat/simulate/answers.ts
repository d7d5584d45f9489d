import type { Script, Scripting } from "@codex/simulator";

/** The pause between two words, in milliseconds: a model's own pace. */
const delayMs = 30;

/** What the simulator answers to the questions that the page suggests; to any other it says what it is. */
export const answer: Scripting = ({ prompt, toolOutputs }) => {
  const script = findAnswer(prompt, toolOutputs.map(readOutput));
  return script === undefined ? undefined : { delayMs, ...script };
};

type Output = Readonly<Record<string, unknown>>;

function findAnswer(prompt: string, outputs: Output[]): Script | undefined {
  if (prompt.startsWith("What time is it")) return tellTimes(outputs);
  if (prompt.startsWith("How many days are left")) return countDays(outputs);
  if (prompt.startsWith("Show me how a web page")) return { reasoning: thinkAboutStreams, text: streams };
  if (prompt.startsWith("Compare tea and coffee")) return { reasoning: thinkAboutDrinks, text: drinks };
  return {
    text: `I am the **simulator** that stands in for the model: nothing leaves this machine, and your plan is not used.

I have real answers to the suggestions of a new chat alone. To everything else I say this, and repeat: *${prompt.trim()}*`,
  };
}

const zones = ["Asia/Tokyo", "Europe/Lisbon", "America/New_York"];

/** Three calls at the same time. */
function tellTimes(outputs: Output[]): Script {
  if (outputs.length === 0) {
    return {
      reasoning:
        "**Looking up three clocks**\n\nThe three places are independent of each other, so I can ask for all of them at once.",
      tools: zones.map((timeZone) => ({ name: "current_time", arguments: { timeZone } })),
    };
  }
  const rows = outputs.map(({ timeZone, time, date }) => `- **${place(timeZone)}**: ${time}, ${date}`);
  return { reasoning: false, text: `Right now it is\n\n${rows.join("\n")}` };
}

/** Two calls, the second of which needs what the first has told. */
function countDays([today, counted]: Output[]): Script {
  if (today === undefined) {
    return {
      reasoning: "**Finding out the date**\n\nTo count the days I need today’s date first.",
      tools: [{ name: "current_time", arguments: { timeZone: "UTC" } }],
    };
  }
  const from = new Date(`${today.date} UTC`);
  const to = `${from.getUTCFullYear() + 1}-01-01`;
  if (counted === undefined) {
    return {
      reasoning: false,
      tools: [{ name: "days_between", arguments: { from: from.toISOString().slice(0, 10), to } }],
    };
  }
  return { reasoning: false, text: `**${counted.days} days** are left: from ${counted.from} to ${counted.to}.` };
}

const thinkAboutStreams =
  "**Choosing an example**\n\nThe shortest honest example is `fetch` with a reader, and a decoder that can wait for the rest of a character.\n\n**Naming the pitfalls**\n\nTwo things go wrong in practice: characters cut in half, and buffers in between.";

const streams = `A streamed answer is an ordinary HTTP answer whose body the server has not finished yet. The page reads it piece by piece:

\`\`\`ts
const response = await fetch("/api/chat", { method: "POST", body, signal });
const text = response.body.pipeThrough(new TextDecoderStream());

for await (const piece of text) {
  show(piece); // as soon as it is here
}
\`\`\`

Three things to know:

1. **Pieces are arbitrary.** A piece may end in the middle of a word, or of an event, so what is left over is kept for the next one.
2. **Stopping is part of it.** \`signal\` closes the connection, and the server sees that nobody listens any more.
3. **Nothing in between may collect.** Compression and proxies like to wait for more.

> The first word is what counts: an answer that begins at once feels fast, however long it is.`;

const thinkAboutDrinks =
  "**Picking what matters**\n\nCaffeine, taste, how it is made and what it costs: four rows are enough for a short table.";

const drinks = `| | Tea | Coffee |
|---|---|---|
| Caffeine in a cup | 30 to 50 mg | 80 to 120 mg |
| Taste | light, floral to malty | roasted, bitter to fruity |
| Made in | 2 to 5 minutes | 1 to 4 minutes |
| A second cup | the same leaves, again | a new scoop |

**In short:** coffee for the start of the day, tea for the rest of it.`;

function place(timeZone: unknown): string {
  return String(timeZone).split("/").at(-1)?.replaceAll("_", " ") ?? "";
}

function readOutput({ output }: { output: string }): Output {
  try {
    return JSON.parse(output) as Output;
  } catch {
    return {};
  }
}
