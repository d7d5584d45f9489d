import type { IconName } from "./icon";

/** What the empty page offers to ask: tools at the same time, tools one after the other, code, a table. */
export const suggestions: readonly { title: string; detail: string; icon: IconName }[] = [
  { title: "What time is it", detail: "in Tokyo, Lisbon and New York?", icon: "clock" },
  { title: "How many days are left", detail: "until New Year’s Day?", icon: "calendar" },
  { title: "Show me how a web page", detail: "reads a streamed answer.", icon: "code" },
  { title: "Compare tea and coffee", detail: "in a short table.", icon: "table" },
];
